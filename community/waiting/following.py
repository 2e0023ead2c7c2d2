"""What becomes of texts that wait when staff do something to what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from community.attachments.actions import discard_held_attachments
from community.core.db import execute, fetch, in_transaction
from community.decisions.places import move_decided
from community.decisions.statements import forget_whom
from community.decisions.work import WorkKind, finish_work


async def follow_merged(thread_id: int) -> None:
    """Texts that wait for a thread that was merged into another one wait for that one.

    Nothing where the thread stands for itself. What is about a post goes with the post by itself.
    """
    async with in_transaction():
        rows = await fetch(
            """SELECT w.id, t.merged_into_id AS into_id FROM waiting_texts w
            JOIN threads t ON t.id = w.thread_id AND t.merged_into_id IS NOT NULL
            WHERE w.thread_id = :id AND w.post_id IS NULL AND w.state IN ('waiting', 'refused')""",
            {"id": thread_id},
        )
        for row in rows:
            await execute(
                "UPDATE waiting_texts SET thread_id = :into WHERE id = :id",
                {"into": row["into_id"], "id": row["id"]},
            )


async def follow_spaces(thread_ids: Sequence[int]) -> None:
    """What waits or was decided for these threads is for those who read the spaces in which they are now."""
    async with in_transaction():
        rows = await fetch(
            """SELECT w.id, t.space_id FROM waiting_texts w LEFT JOIN posts p ON p.id = w.post_id
            LEFT JOIN posts q ON q.id = w.published_post_id
            JOIN threads t ON t.id = COALESCE(q.thread_id, p.thread_id, w.published_thread_id, w.thread_id)
            WHERE t.id IN (:ids) ORDER BY w.id""",
            {"ids": list(thread_ids)},
        )
        for row in rows:
            await move_decided([f"text:{row['id']}"], to_space=row["space_id"])


async def forget_edits(post_id: int) -> None:
    """Of a post that was erased: no edit of it is kept."""
    await _forget("post_id = :id AND kind = 'edit'", post_id)


async def forget_unlinked(member_id: int, post_ids: Sequence[int]) -> None:
    """Of posts from which a nickname was taken: no text that was to change them, or that became them, keeps it."""
    for start in range(0, len(post_ids), 500):
        async with in_transaction():
            rows = await fetch(
                """SELECT w.id FROM waiting_texts w WHERE w.author_id = :author AND (w.published_post_id IN (:ids)
                OR (w.kind = 'edit' AND w.post_id IN (:ids)) OR (w.kind = 'thread' AND w.published_thread_id IN
                (SELECT p.thread_id FROM posts p WHERE p.id IN (:ids) AND p.kind = 'opening'))) ORDER BY w.id""",
                {"author": member_id, "ids": list(post_ids[start : start + 500])},
            )
            for row in rows:
                await finish_work(WorkKind.TEXT, f"text:{row['id']}")
                await forget_whom([f"text:{row['id']}"], member_id)
                await discard_held_attachments(row["id"])
                await execute("DELETE FROM waiting_texts WHERE id = :id", {"id": row["id"]})


async def forget_texts_of(member_id: int) -> None:
    """For the erasure of a member, in its transaction."""
    await _forget("author_id = :id", member_id)


async def _forget(condition: str, number: int) -> None:
    async with in_transaction():
        rows = await fetch(f"SELECT id FROM waiting_texts WHERE {condition} ORDER BY id", {"id": number})  # noqa: S608
        for row in rows:
            await finish_work(WorkKind.TEXT, f"text:{row['id']}")
            await discard_held_attachments(row["id"])
            await execute("DELETE FROM waiting_texts WHERE id = :id", {"id": row["id"]})

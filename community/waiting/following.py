"""What becomes of texts that wait when staff do something to what they are about."""

from __future__ import annotations

from community.core.db import execute, fetch, in_transaction
from community.decisions.work import move_work


async def follow_merged(thread_id: int) -> None:
    """Texts that wait for a thread that was merged into another one wait for that one.

    Nothing where the thread stands for itself. What is about a post goes with the post by itself.
    """
    async with in_transaction():
        rows = await fetch(
            """SELECT w.id, t.merged_into_id AS into_id, b.space_id FROM waiting_texts w
            JOIN threads t ON t.id = w.thread_id JOIN threads b ON b.id = t.merged_into_id
            WHERE w.thread_id = :id AND w.post_id IS NULL AND w.state IN ('waiting', 'refused')""",
            {"id": thread_id},
        )
        for row in rows:
            await execute(
                "UPDATE waiting_texts SET thread_id = :into WHERE id = :id",
                {"into": row["into_id"], "id": row["id"]},
            )
            await move_work([f"text:{row['id']}"], to_space=row["space_id"])


async def forget_edits(post_id: int) -> None:
    """Of a post that was erased: no edit of it is kept."""
    await execute("DELETE FROM waiting_texts WHERE post_id = :id AND kind = 'edit'", {"id": post_id})

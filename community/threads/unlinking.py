"""Showing posts under "former member", because whoever wrote them asks not to be named beside them.

Nothing says afterwards who it was: neither the log nor the fact holds the member, so it cannot be undone.
"""

from __future__ import annotations

from typing import Any

from community.core import outbox
from community.core.db import execute, fetch, in_transaction
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.statements import forget_whom
from community.threads.actions import edit_place
from community.threads.figures import recount_members
from community.threads.models import PostKind
from community.threads.order import conclude, demand_reason, lock_post


async def unlink_author(post_id: int, *, whole_thread: bool, by: Viewer, reason: str, **noted: Any) -> int:
    """Take the author off this post, or off all that they wrote in its thread; how many posts that were.

    Kudos stay with the posts as numbers; the author's own figures lose them. The author is told, without which
    thread it was about.
    """
    demand_reason(reason)
    async with in_transaction():
        post = await lock_post(post_id)
        author_id = post["author_id"]
        if author_id is None:
            raise RuleBroken(_("This stands under “former member” already."))
        post_ids = [post_id]
        if whole_thread:
            rows = await fetch(
                "SELECT id FROM posts WHERE thread_id = :thread AND author_id = :author ORDER BY id",
                {"thread": post["thread_id"], "author": author_id},
            )
            post_ids = [row["id"] for row in rows]
        starts = post["kind"] == PostKind.OPENING or await _wrote_opening(post_ids)
        await _take_off(post["thread_id"], post_ids, author_id, starts=starts)
        await recount_members([author_id])
        await conclude(post, "unlink_author", by, reason, fact="post.unlinked", count=len(post_ids), **noted)
        await outbox.record(
            "member.unlinked", member_id=author_id, post_id=post_id, posts=",".join(map(str, post_ids))
        )
    return len(post_ids)


async def _wrote_opening(post_ids: list[int]) -> bool:
    rows = await fetch("SELECT 1 FROM posts WHERE id IN (:ids) AND kind = 'opening'", {"ids": post_ids})
    return bool(rows)


async def _take_off(thread_id: int, post_ids: list[int], author_id: int, *, starts: bool) -> None:
    for start in range(0, len(post_ids), 500):
        ids = post_ids[start : start + 500]
        given: dict[str, object] = {"ids": ids, "author": author_id}
        await execute("UPDATE posts SET author_id = NULL WHERE id IN (:ids)", given)
        await execute(
            "UPDATE revisions SET edited_by_id = NULL WHERE post_id IN (:ids) AND edited_by_id = :author",
            given,
        )
        await forget_whom([f"post:{post_id}" for post_id in ids], author_id)
        await execute(
            "DELETE FROM drafts WHERE member_id = :author AND place IN (:places)",
            {"author": author_id, "places": [edit_place(post_id) for post_id in ids]},
        )
        # The row of a thread that was merged says who opened it.
        await execute(
            """UPDATE threads SET author_id = NULL WHERE merged_into_id IS NOT NULL AND author_id = :author
            AND id IN (SELECT moved_from_id FROM posts WHERE id IN (:ids))""",
            given,
        )
    if starts:
        await forget_whom([f"thread:{thread_id}"], author_id)
        # Who asks is who follows, accepts and is reminded: all of it would say who asked.
        given = {"thread": thread_id, "author": author_id}
        await execute("UPDATE threads SET author_id = NULL WHERE id = :thread", given)
        await execute(
            "UPDATE solutions SET accepted_by_id = NULL WHERE thread_id = :thread AND accepted_by_id = :author",
            given,
        )
        await execute("UPDATE reminders SET due_at = NULL WHERE thread_id = :thread", given)
        await execute(
            "UPDATE satisfactions SET note = '', mail_due_at = NULL WHERE thread_id = :thread", given
        )
        await execute("DELETE FROM follows WHERE thread_id = :thread AND member_id = :author", given)

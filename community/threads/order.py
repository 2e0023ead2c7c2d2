"""What staff do to threads and posts to keep order. Each act is logged with its reason in the same transaction."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.threads.actions import refresh_status
from community.threads.marks import withdraw_solution
from community.threads.models import PostKind


async def hide_post(post_id: int, *, by: Viewer, reason: str) -> None:
    """Hide a post; hiding the opening post hides the thread. A hidden solution is no solution any more."""
    _demand_reason(reason)
    async with in_transaction():
        post = await _lock_post(post_id)
        if post["kind"] == PostKind.OPENING:
            await _set_thread_hidden(post, hidden=True)
        else:
            await execute(
                "UPDATE posts SET hidden_at = COALESCE(hidden_at, :at) WHERE id = :id", {"at": now(), "id": post_id}
            )
            if post["solution_id"] is not None:
                await withdraw_solution(post["thread_id"], by=by.id)
        await _after(post, "hide_post", by, reason, fact="post.hidden")


async def restore_post(post_id: int, *, by: Viewer, reason: str) -> None:
    """Show a hidden post (or, by its opening post, a hidden thread) again."""
    _demand_reason(reason)
    async with in_transaction():
        post = await _lock_post(post_id)
        if post["kind"] == PostKind.OPENING:
            await _set_thread_hidden(post, hidden=False)
        else:
            await execute("UPDATE posts SET hidden_at = NULL WHERE id = :id", {"id": post_id})
        await _after(post, "restore_post", by, reason, fact="post.restored")


async def lock_thread(thread_id: int, *, by: Viewer, reason: str) -> None:
    _demand_reason(reason)
    await _set(thread_id, "locked_at", True, "lock_thread", by, reason, fact="thread.locked")


async def unlock_thread(thread_id: int, *, by: Viewer, reason: str) -> None:
    _demand_reason(reason)
    await _set(thread_id, "locked_at", False, "unlock_thread", by, reason, fact="thread.unlocked")


async def pin_thread(thread_id: int, *, by: Viewer, reason: str) -> None:
    await _set(thread_id, "pinned_at", True, "pin_thread", by, reason, fact="thread.pinned")


async def unpin_thread(thread_id: int, *, by: Viewer, reason: str) -> None:
    await _set(thread_id, "pinned_at", False, "unpin_thread", by, reason, fact="thread.unpinned")


async def move_thread(thread_id: int, *, to_space: int, by: Viewer, reason: str) -> None:
    """Move a thread to another space. Its address stays the same, so old links go on working.

    The mover must be able to read source and target; who may read the thread changes at once.
    """
    _demand_reason(reason)
    async with in_transaction():
        post = await _lock_opening(thread_id)
        source = post["space_id"]
        target = await fetch("SELECT id, kind FROM spaces WHERE id = :id", {"id": to_space})
        if not target or not by.may_read(to_space) or not by.may_read(source):
            raise NotFound
        if source == to_space:
            raise RuleBroken(_("The thread is in this space already."))
        await execute(
            "UPDATE threads SET space_id = :to, pinned_at = NULL, version = version + 1 WHERE id = :id",
            {"to": to_space, "id": thread_id},
        )
        if post["thread_hidden_at"] is None:
            solved = 1 if post["status"] == "solved" else 0
            await _count_in_space(source, -1, -solved)
            await _count_in_space(to_space, 1, solved)
        await _after(post, "move_thread", by, reason, fact="thread.moved", to=to_space)


async def recount_members(member_ids: list[int]) -> None:
    """Recompute the public figures of members from the facts: visible posts in open and members spaces."""
    counted = """FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
        WHERE p.author_id = members.id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND s.access <> 'exclusive'"""
    for start in range(0, len(member_ids), 500):
        await execute(
            f"""UPDATE members SET
            kudos_count = (SELECT COALESCE(SUM(p.kudos_count), 0) {counted}),
            solution_count = (SELECT COUNT(*) {counted}
                              AND EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id))
            WHERE id IN (:ids)""",  # noqa: S608 - a constant
            {"ids": member_ids[start : start + 500]},
        )


def _demand_reason(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise RuleBroken(_("Please give a reason; the member concerned will read it."))


_POST_WITH_THREAD = """
SELECT p.id, p.kind, p.author_id, p.thread_id, t.space_id, t.status, t.hidden_at AS thread_hidden_at,
       x.post_id AS solution_id
FROM posts p JOIN threads t ON t.id = p.thread_id LEFT JOIN solutions x ON x.post_id = p.id
"""


async def _lock_post(post_id: int) -> dict[str, object]:
    changed = await execute(
        "UPDATE threads SET version = version + 1 WHERE id = (SELECT thread_id FROM posts WHERE id = :id)",
        {"id": post_id},
    )
    if not changed:
        raise NotFound
    return dict((await fetch(f"{_POST_WITH_THREAD} WHERE p.id = :id", {"id": post_id}))[0])


async def _lock_opening(thread_id: int) -> dict[str, object]:
    rows = await fetch("SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id})
    if not rows:
        raise NotFound
    return await _lock_post(rows[0]["id"])


async def _set_thread_hidden(post: dict[str, object], *, hidden: bool) -> None:
    was_hidden = post["thread_hidden_at"] is not None
    if was_hidden == hidden:
        return
    await execute(
        "UPDATE threads SET hidden_at = :at WHERE id = :id",
        {"at": now() if hidden else None, "id": post["thread_id"]},
    )
    change = -1 if hidden else 1
    await _count_in_space(post["space_id"], change, change if post["status"] == "solved" else 0)


async def _count_in_space(space_id: object, threads: int, solved: int) -> None:
    await execute(
        """UPDATE spaces SET thread_count = thread_count + :threads, solved_count = solved_count + :solved
        WHERE id = :id""",
        {"threads": threads, "solved": solved, "id": space_id},
    )


async def _set(
    thread_id: int, column: str, on: bool, act: str, by: Viewer, reason: str, *, fact: str
) -> None:
    async with in_transaction():
        post = await _lock_opening(thread_id)
        await execute(
            f"UPDATE threads SET {column} = :at WHERE id = :id",  # noqa: S608 - a column named in this module
            {"at": now() if on else None, "id": thread_id},
        )
        await _after(post, act, by, reason, fact=fact)


async def _after(
    post: dict[str, object], act: str, by: Viewer, reason: str, *, fact: str, to: int | None = None
) -> None:
    """What every act ends with: status and figures in line, caches stale, log entry, fact."""
    thread_id = post["thread_id"]
    assert isinstance(thread_id, int)  # noqa: S101 - a column that is never empty
    await refresh_status(thread_id)
    authors = await fetch(
        "SELECT DISTINCT author_id FROM posts WHERE thread_id = :id AND author_id IS NOT NULL", {"id": thread_id}
    )
    await recount_members([row["author_id"] for row in authors])
    await raise_site_stamp()
    about_post = act in ("hide_post", "restore_post")
    subject = f"post:{post['id']}" if about_post else f"thread:{thread_id}"
    space_id = post["space_id"]
    assert isinstance(space_id, int)  # noqa: S101
    moved = {"from_space": space_id, "to_space": to} if to else {}
    await log(act, subject, by=by, reason=reason, space_id=space_id, **moved)
    await outbox.record(fact, thread_id=thread_id, post_id=post["id"], by=by.id)  # type: ignore[arg-type]

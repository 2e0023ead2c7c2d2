"""What members set and take back on a thread: solution, same problem, follow, mute; and the counters of kudos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, execute_returning, fetch, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.sanctions.queries import demand_may_write
from community.spaces.models import SpaceKind
from community.threads import satisfaction
from community.threads.actions import refresh_status
from community.threads.locks import lock_thread_of, lock_threads
from community.threads.models import IdeaStatus, PostKind, Solution, ThreadStatus


async def accept_solution(post_id: int, *, by: int, staff: Viewer | None = None) -> None:
    """Make this answer the solution of its thread, replacing an earlier one.

    Where staff accept on the asker's behalf, `staff` is who does it: they replace nothing, and the log has it.
    """
    async with in_transaction():
        thread_id = await _lock_thread_of(post_id)
        rows = await fetch(
            """SELECT p.kind, p.hidden_at, p.author_id, t.status, t.space_id, s.kind AS space_kind,
            EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id) AS is_solution
            FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
            WHERE p.id = :id""",
            {"id": post_id},
        )
        if rows[0]["kind"] != PostKind.ANSWER or rows[0]["hidden_at"] is not None:
            raise RuleBroken(_("Only a visible answer can be the solution."))
        if rows[0]["space_kind"] != SpaceKind.QUESTIONS:
            raise RuleBroken(_("Only questions have a solution."))
        if rows[0]["is_solution"]:
            return
        if staff is not None:
            if rows[0]["status"] == ThreadStatus.SOLVED:
                raise RuleBroken(_("The asker has chosen a solution meanwhile."))
            space_id = rows[0]["space_id"]
            await log("accept_solution", f"post:{post_id}", by=staff, reason="", space_id=space_id)
        await remove_solution(thread_id)
        await insert(
            Solution,
            id=random_id(),
            thread_id=thread_id,
            post_id=post_id,
            accepted_by_id=by,
            accepted_at=now(),
            by_staff=staff is not None,
        )
        await satisfaction.ask(thread_id)
        await _count_solution(thread_id, rows[0]["author_id"], 1)
        await refresh_status(thread_id)
        await raise_site_stamp()
        await outbox.record("solution.accepted", thread_id=thread_id, post_id=post_id, by=by)


async def withdraw_solution(thread_id: int, *, by: int) -> None:
    """Take the solution back; the thread is open again. Nothing happens if there is none."""
    async with in_transaction():
        await _lock_thread(thread_id)
        post_id = await remove_solution(thread_id)
        if post_id is None:
            return
        await satisfaction.withdraw(thread_id)
        await refresh_status(thread_id)
        await raise_site_stamp()
        await outbox.record("solution.withdrawn", thread_id=thread_id, post_id=post_id, by=by)


async def remove_solution(thread_id: int, *, recounting_members: bool = False) -> int | None:
    """Delete the solution inside the transaction of what ends it, and answer which post it was.

    `recounting_members`: the caller recounts the members of the thread itself, later in the same transaction.
    """
    rows = await fetch(
        """SELECT x.post_id, p.author_id FROM solutions x JOIN posts p ON p.id = x.post_id
        WHERE x.thread_id = :id""",
        {"id": thread_id},
    )
    if not rows:
        return None
    await execute("DELETE FROM solutions WHERE thread_id = :id", {"id": thread_id})
    await _count_solution(thread_id, None if recounting_members else rows[0]["author_id"], -1)
    return int(rows[0]["post_id"])


async def keep_solution(thread_id: int) -> dict[str, Any]:
    """What a log entry notes of a solution that an act ends; nothing in it says who accepted it but its kind."""
    rows = await fetch(
        "SELECT id, post_id, accepted_at, by_staff FROM solutions WHERE thread_id = :id", {"id": thread_id}
    )
    if not rows:
        return {}
    at = as_time(rows[0]["accepted_at"])
    assert at is not None  # noqa: S101 - the column is never empty
    return {
        "id": rows[0]["id"],
        "post": rows[0]["post_id"],
        "at": at.isoformat(),
        "by_staff": bool(rows[0]["by_staff"]),
    }


async def bring_back_solution(thread_id: int, kept: Mapping[str, Any], *, counting: bool = True) -> bool:
    """Let what `keep_solution` has noted be so again, in the transaction of the act that undoes the other one.

    The caller recounts the members, and without `counting` also what the space has solved. False where the thread
    has a solution of its own by now, or the post is none of its visible answers.
    """
    rows = await fetch(
        """SELECT t.author_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.id = :post_id AND t.id = :thread_id AND p.kind = 'answer' AND p.hidden_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM solutions x WHERE x.thread_id = t.id OR x.post_id = p.id)""",
        {"post_id": kept["post"], "thread_id": thread_id},
    )
    if not rows:
        return False
    await insert(
        Solution,
        id=kept["id"],
        thread_id=thread_id,
        post_id=kept["post"],
        accepted_by_id=None if kept["by_staff"] else rows[0]["author_id"],
        accepted_at=datetime.fromisoformat(kept["at"]),
        by_staff=kept["by_staff"],
    )
    await satisfaction.resume(thread_id)
    if counting:
        await _count_solution(thread_id, None, 1)
    return True


async def _count_solution(thread_id: int, author_id: int | None, change: int) -> None:
    """The space counts the solutions of visible threads; a member's public figure leaves exclusive spaces out."""
    await execute(
        """UPDATE spaces SET solved_count = solved_count + :change
        WHERE id = (SELECT space_id FROM threads WHERE id = :thread_id AND hidden_at IS NULL)""",
        {"change": change, "thread_id": thread_id},
    )
    if author_id is not None:
        await execute(
            """UPDATE members SET solution_count = solution_count + :change WHERE id = :author_id AND
            EXISTS (SELECT 1 FROM threads t JOIN spaces s ON s.id = t.space_id
                    WHERE t.id = :thread_id AND s.access <> 'exclusive' AND t.hidden_at IS NULL)""",
            {"change": change, "author_id": author_id, "thread_id": thread_id},
        )


async def count_kudos(post_id: int, change: int) -> None:
    """Carry one kudos given or taken back into the counters, inside the transaction of `community.kudos`."""
    thread_id = await _lock_thread_of(post_id)
    await execute(
        "UPDATE posts SET kudos_count = kudos_count + :change WHERE id = :id",
        {"change": change, "id": post_id},
    )
    await execute(
        """UPDATE threads SET version = version + 1, kudos_count = kudos_count +
        CASE WHEN (SELECT kind FROM posts WHERE id = :post_id) = 'opening' THEN :change ELSE 0 END
        WHERE id = :id""",
        {"change": change, "post_id": post_id, "id": thread_id},
    )
    await execute(
        """UPDATE members SET kudos_count = kudos_count + :change
        WHERE id = (SELECT author_id FROM posts WHERE id = :post_id AND hidden_at IS NULL) AND
        EXISTS (SELECT 1 FROM threads t JOIN spaces s ON s.id = t.space_id
                WHERE t.id = :id AND s.access <> 'exclusive' AND t.hidden_at IS NULL)""",
        {"change": change, "post_id": post_id, "id": thread_id},
    )


async def mark_same_problem(thread_id: int, *, by: int) -> None:
    """Of an idea this is the member's vote. `NotFound` where the thread was merged into another one meanwhile."""
    async with in_transaction():
        await demand_may_write(by, await _hold_unmerged(thread_id))
        added = await execute(
            """INSERT INTO same_problems (id, thread_id, member_id, created_at) VALUES (:id, :thread, :by, :at)
            ON CONFLICT (thread_id, member_id) DO NOTHING""",
            {"id": random_id(), "thread": thread_id, "by": by, "at": now()},
        )
        await _count_same_problem(thread_id, added)


async def unmark_same_problem(thread_id: int, *, by: int) -> None:
    """Raises `NotFound` like `mark_same_problem`: the mark is at the other thread by now.

    Whoever had marked a thread, too, that was merged into this one means both: undoing brings no mark back that was
    taken back.
    """
    async with in_transaction():
        await _hold_unmerged(thread_id, *await _list_merged(thread_id))
        # Read again: a merge may have been undone before they were locked.
        held = await _list_merged(thread_id)
        removed = await execute_returning(
            "DELETE FROM same_problems WHERE thread_id IN (:held) AND member_id = :by RETURNING thread_id",
            {"held": held, "by": by},
        )
        for row in removed:
            await _count_same_problem(row["thread_id"], -1)


async def _list_merged(thread_id: int) -> list[int]:
    """The thread and all that were merged into it, also by way of others."""
    rows = await fetch(
        """WITH RECURSIVE held(id) AS (SELECT t.id FROM threads t WHERE t.id = :id
        UNION SELECT t.id FROM threads t JOIN held h ON t.merged_into_id = h.id) SELECT id FROM held""",
        {"id": thread_id},
    )
    return [row["id"] for row in rows]


async def _hold_unmerged(thread_id: int, *more: int) -> int:
    """Locked, with `more` threads, before anything is written, as merging does; the id of its space."""
    await lock_threads([thread_id, *more])
    rows = await fetch(
        "SELECT space_id FROM threads WHERE id = :id AND merged_into_id IS NULL", {"id": thread_id}
    )
    if not rows:
        raise NotFound
    return int(rows[0]["space_id"])


async def _count_same_problem(thread_id: int, change: int) -> None:
    if change:
        await execute(
            """UPDATE threads SET same_problem_count = same_problem_count + :change, version = version + 1
            WHERE id = :id""",
            {"change": change, "id": thread_id},
        )


async def note_idea_status(thread_id: int, status: IdeaStatus) -> int:
    """Carry what staff have said about an idea into its row, inside the transaction of `community.ideas`; the id of
    its space."""
    rows = await execute_returning(
        "UPDATE threads SET idea_status = :status, version = version + 1 WHERE id = :id RETURNING space_id",
        {"status": str(status), "id": thread_id},
    )
    await raise_site_stamp()
    return int(rows[0]["space_id"])


async def follow_thread(thread_id: int, *, by: int) -> None:
    """Hear of every answer from now on; a thread that was muted is so no more."""
    async with in_transaction():
        await unmute_thread(thread_id, by=by)
        added = await execute(
            """INSERT INTO follows (id, thread_id, member_id, created_at) VALUES (:id, :thread, :by, :at)
            ON CONFLICT (thread_id, member_id) DO NOTHING""",
            {"id": random_id(), "thread": thread_id, "by": by, "at": now()},
        )
        if added:
            await raise_version(thread_id)


async def mute_thread(thread_id: int, *, by: int) -> None:
    """Have quiet from this thread; following it ends."""
    async with in_transaction():
        await unfollow_thread(thread_id, by=by)
        await execute(
            """INSERT INTO thread_mutes (id, thread_id, member_id, created_at) VALUES (:id, :thread, :by, :at)
            ON CONFLICT (thread_id, member_id) DO NOTHING""",
            {"id": random_id(), "thread": thread_id, "by": by, "at": now()},
        )


async def unmute_thread(thread_id: int, *, by: int) -> None:
    await execute(
        "DELETE FROM thread_mutes WHERE thread_id = :thread AND member_id = :by",
        {"thread": thread_id, "by": by},
    )


async def unfollow_thread(thread_id: int, *, by: int) -> None:
    async with in_transaction():
        removed = await execute(
            "DELETE FROM follows WHERE thread_id = :thread AND member_id = :by",
            {"thread": thread_id, "by": by},
        )
        if removed:
            await raise_version(thread_id)


async def raise_version(thread_id: int) -> None:
    """Whatever was kept of its pages is outdated."""
    await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})


async def _lock_thread(thread_id: int) -> None:
    # A row that is written is locked until the end of the transaction, on both databases.
    if not await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id}):
        raise NotFound


async def _lock_thread_of(post_id: int) -> int:
    thread_id = await lock_thread_of(post_id)
    await raise_version(thread_id)
    return thread_id

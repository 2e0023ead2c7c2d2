"""What staff do to threads and posts to keep order. Each act is logged with its reason in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.grounds import Ground
from community.decisions.places import move_decided
from community.decisions.statements import lift_statements, log_restriction
from community.decisions.work import WorkKind, finish_work
from community.spaces.actions import note_activity
from community.spaces.queries import find_four_eyes
from community.threads import satisfaction
from community.threads.actions import refresh_status
from community.threads.figures import list_touched, recount_members
from community.threads.locks import lock_thread_of
from community.threads.marks import bring_back_solution, keep_solution, remove_solution
from community.threads.models import PostKind

ABOUT_POSTS = frozenset({"hide_post", "restore_post", "unlink_author", "erase_post"})
"""Acts whose entries in the log are about a post; the others are about a thread."""


async def hide_post(
    post_id: int,
    *,
    by: Viewer,
    reason: str,
    ground: Ground | None = None,
    is_prompted: bool = False,
    **noted: Any,
) -> None:
    """Hide a post; hiding the opening post hides the thread. A hidden solution is no solution any more.

    `is_prompted`: somebody has reported it.
    """
    demand_reason(reason)
    async with in_transaction():
        post = await lock_post(post_id)
        if _is_hidden(post):
            raise RuleBroken(_("This is hidden already."))
        ended: dict[str, Any] = {}
        if post["kind"] == PostKind.OPENING:
            await _set_thread_hidden(post, hidden=True)
        else:
            await execute("UPDATE posts SET hidden_at = :at WHERE id = :id", {"at": now(), "id": post_id})
            ended = await _end_solution(post, by)
        restriction = Restriction(post["author_id"], ground, is_prompted)
        await conclude(
            post, "hide_post", by, reason, fact="post.hidden", restriction=restriction, **ended, **noted
        )


async def _end_solution(post: dict[str, Any], by: Viewer) -> dict[str, Any]:
    """Nothing where the post is no solution; else what brings it back (`marks.bring_back_solution`)."""
    if post["solution_id"] is None:
        return {}
    kept = await keep_solution(post["thread_id"])
    await remove_solution(post["thread_id"], recounting_members=True)
    await satisfaction.withdraw(post["thread_id"])
    await outbox.record("solution.withdrawn", thread_id=post["thread_id"], post_id=post["id"], by=by.id)
    return {"solution": kept}


async def restore_post(
    post_id: int, *, by: Viewer, reason: str, solution: Mapping[str, Any] | None = None, **noted: Any
) -> None:
    """Show a hidden post (or, by its opening post, a hidden thread) again.

    `solution` is what the entry about hiding it has noted: with it, the post is the solution again if there is none.
    """
    demand_reason(reason)
    async with in_transaction():
        post = await lock_post(post_id)
        if not _is_hidden(post):
            raise RuleBroken(_("This is not hidden."))
        if post["kind"] == PostKind.OPENING:
            await _set_thread_hidden(post, hidden=False)
        else:
            await execute("UPDATE posts SET hidden_at = NULL WHERE id = :id", {"id": post_id})
            if solution and await bring_back_solution(post["thread_id"], solution):
                await outbox.record(
                    "solution.accepted", thread_id=post["thread_id"], post_id=post_id, by=by.id
                )
        await lift_statements("hide_post", f"post:{post_id}")
        await conclude(post, "restore_post", by, reason, fact="post.restored", **noted)


async def lock_thread(
    thread_id: int,
    *,
    by: Viewer,
    reason: str,
    ground: Ground | None = None,
    is_prompted: bool = False,
    **noted: Any,
) -> None:
    demand_reason(reason)
    async with in_transaction():
        post = await _set_mark(thread_id, "locked_at", True)
        restriction = Restriction(post["author_id"], ground, is_prompted)
        await conclude(
            post, "lock_thread", by, reason, fact="thread.locked", restriction=restriction, **noted
        )


async def unlock_thread(thread_id: int, *, by: Viewer, reason: str, **noted: Any) -> None:
    demand_reason(reason)
    async with in_transaction():
        post = await _set_mark(thread_id, "locked_at", False)
        await lift_statements("lock_thread", f"thread:{thread_id}")
        await conclude(post, "unlock_thread", by, reason, fact="thread.unlocked", **noted)


async def pin_thread(thread_id: int, *, by: Viewer, reason: str, **noted: Any) -> None:
    await _set(thread_id, "pinned_at", True, "pin_thread", by, reason, fact="thread.pinned", **noted)


async def unpin_thread(thread_id: int, *, by: Viewer, reason: str, **noted: Any) -> None:
    await _set(thread_id, "pinned_at", False, "unpin_thread", by, reason, fact="thread.unpinned", **noted)


async def move_thread(thread_id: int, *, to_space: int, by: Viewer, reason: str, **noted: Any) -> None:
    """Move a thread to another space. Its address stays the same, so old links go on working.

    The mover must be able to read source and target; who may read the thread changes at once.
    """
    demand_reason(reason)
    async with in_transaction():
        post = await lock_opening(thread_id)
        source = post["space_id"]
        target = await fetch("SELECT id, kind FROM spaces WHERE id = :id", {"id": to_space})
        if not target or not by.may_read(to_space) or not by.may_read(source):
            raise NotFound
        if source == to_space:
            raise RuleBroken(_("The thread is in this space already."))
        if await asks_more(source, to_space):
            await demand_none_of(by, "thread_id = :id", {"id": thread_id})
        await execute(
            "UPDATE threads SET space_id = :to, pinned_at = NULL, version = version + 1 WHERE id = :id",
            {"to": to_space, "id": thread_id},
        )
        posts = await fetch("SELECT id FROM posts WHERE thread_id = :id", {"id": thread_id})
        subjects = [f"thread:{thread_id}", *(f"post:{row['id']}" for row in posts)]
        await move_decided(subjects, to_space=to_space)
        # When staff are asked for an answer, the new space says anew.
        await finish_work(WorkKind.UNANSWERED, f"thread:{thread_id}")
        if post["thread_hidden_at"] is None:
            solved = 1 if post["status"] == "solved" else 0
            # In the order of their ids, so that two moves in opposite directions do not wait for each other.
            for space_id, change in sorted(((source, -1), (to_space, 1))):
                await count_in_space(space_id, change, change * solved)
        moved = {"from_space": source, "to_space": to_space}
        if post["pinned_at"] is not None:
            moved["was_pinned"] = 1
        await conclude(post, "move_thread", by, reason, fact="thread.moved", **moved, **noted)


async def asks_more(source: int, target: int) -> bool:
    """Whether a second person is asked for in the one space and not in the other."""
    before, after = await find_four_eyes(source), await find_four_eyes(target)
    return (after.articles_wait and not before.articles_wait) or (
        after.staff_posts_wait and not before.staff_posts_wait
    )


async def demand_none_of(by: Viewer, which: str, given: Mapping[str, Any]) -> None:
    """Nobody brings their own texts past the second person by moving them to where one is asked for.

    `which`: a condition on `posts`, written in the code.
    """
    rows = await fetch(
        f"SELECT 1 AS found FROM posts WHERE {which} AND author_id = :by LIMIT 1",  # noqa: S608
        {**given, "by": by.id},
    )
    if rows:
        raise RuleBroken(
            _("A second person has to agree to texts of staff there, and you have written some of these.")
        )


def demand_reason(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise RuleBroken(_("Please give a reason; the member concerned will read it."))


_POST_WITH_THREAD = """
SELECT p.id, p.kind, p.author_id, p.thread_id, p.hidden_at, t.space_id, t.status,
       t.hidden_at AS thread_hidden_at, t.locked_at, t.pinned_at, x.post_id AS solution_id
FROM posts p JOIN threads t ON t.id = p.thread_id LEFT JOIN solutions x ON x.post_id = p.id
"""


async def lock_post(post_id: int) -> dict[str, Any]:
    """A post with what acts need of its thread, held until the end of the transaction."""
    thread_id = await lock_thread_of(post_id)
    await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})
    return dict((await fetch(f"{_POST_WITH_THREAD} WHERE p.id = :id", {"id": post_id}))[0])


async def lock_opening(thread_id: int) -> dict[str, Any]:
    rows = await fetch("SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id})
    if not rows:
        raise NotFound
    return await lock_post(rows[0]["id"])


def _is_hidden(post: dict[str, Any]) -> bool:
    """An opening post is hidden with its thread."""
    return post["thread_hidden_at" if post["kind"] == PostKind.OPENING else "hidden_at"] is not None


async def _set_thread_hidden(post: dict[str, Any], *, hidden: bool) -> None:
    await execute(
        "UPDATE threads SET hidden_at = :at WHERE id = :id",
        {"at": now() if hidden else None, "id": post["thread_id"]},
    )
    change = -1 if hidden else 1
    await count_in_space(post["space_id"], change, change if post["status"] == "solved" else 0)


async def count_in_space(space_id: int, threads: int, solved: int) -> None:
    await execute(
        """UPDATE spaces SET thread_count = thread_count + :threads, solved_count = solved_count + :solved
        WHERE id = :id""",
        {"threads": threads, "solved": solved, "id": space_id},
    )


async def _set(
    thread_id: int, column: str, on: bool, act: str, by: Viewer, reason: str, *, fact: str, **noted: Any
) -> None:
    async with in_transaction():
        await conclude(await _set_mark(thread_id, column, on), act, by, reason, fact=fact, **noted)


async def _set_mark(thread_id: int, column: str, on: bool) -> dict[str, Any]:
    """Lock the thread and set or clear the column; the opening post with its thread as they were before."""
    post = await lock_opening(thread_id)
    if (post[column] is not None) == on:
        raise RuleBroken(_("Somebody else has done this already."))
    await execute(
        f"UPDATE threads SET {column} = :at WHERE id = :id",  # noqa: S608 - a column named in this module
        {"at": now() if on else None, "id": thread_id},
    )
    return post


@dataclass(frozen=True, slots=True)
class Restriction:
    """Whom an act restricts, on which ground, and whether a report led to it."""

    concerns: int | None
    ground: Ground | None = None
    is_prompted: bool = False


async def conclude(
    post: dict[str, Any],
    act: str,
    by: Viewer,
    reason: str,
    *,
    fact: str,
    restriction: Restriction | None = None,
    **noted: Any,
) -> None:
    """What every act ends with: status and figures in line, caches stale, log entry, fact.

    Of an act that restricts somebody a statement is made for them. `noted` goes into the log entry: ids and states
    that whoever undoes the act needs. Spaces, and the number of those that were done at once, go into the fact, too.
    """
    thread_id, space_id = post["thread_id"], post["space_id"]
    await refresh_status(thread_id)
    # At once and not later by the worker: the time of something hidden must not stay behind.
    await note_activity([space_id, noted.get("to_space", space_id)])
    subject = f"post:{post['id']}" if act in ABOUT_POSTS else f"thread:{thread_id}"
    if "batch" not in noted:
        # Of what is done at once, whoever does it counts each member once, in the end.
        await recount_members(await list_touched([(act, subject)]))
    await raise_site_stamp()
    stated: dict[str, int | None] = {}
    if restriction is None:
        await log(act, subject, by=by, reason=reason, space_id=space_id, **noted)
    else:
        stated["statement_id"] = await log_restriction(
            act,
            subject,
            by=by,
            reason=reason,
            concerns=restriction.concerns,
            ground=restriction.ground,
            is_prompted=restriction.is_prompted,
            space_id=space_id,
            **noted,
        )
    named = {name: noted[name] for name in ("from_space", "to_space", "batch") if name in noted}
    await outbox.record(fact, thread_id=thread_id, post_id=post["id"], by=by.id, **named, **stated)

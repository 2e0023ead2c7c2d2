"""Merging two threads about the same thing, and undoing it.

The thread that is merged stays as a row without posts: its address leads to the other one, and undoing finds
everything that was its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.places import move_decided
from community.spaces.models import SpaceKind
from community.threads.carrying import (
    Held,
    batches,
    carry_posts,
    count_in_thread,
    demand_nothing_revealed,
    demand_open,
    hold,
    ids_of,
    opens_up,
    settle_carried,
    with_comments,
)
from community.threads.locks import lock_threads
from community.threads.marks import bring_back_solution, keep_solution
from community.threads.order import demand_reason

LONGEST_DRAFT = 20_000
MOST_POSTS = 2_000
"""So many ids the entry in the log holds."""


async def merge_threads(
    thread_id: int, *, into: int, by: Viewer, reason: str, opening_up: bool = False, **noted: Any
) -> None:
    """Carry everything of a thread into another one; its opening post becomes an answer there.

    Kudos, comments and dates stay with the posts. The other thread keeps its solution; without one it gets that of
    the thread that is merged. `opening_up`: the caller knows that people get to read it who could not before.
    """
    demand_reason(reason)
    if thread_id == into:
        raise RuleBroken(_("A thread cannot be merged with itself."))
    async with in_transaction():
        await lock_threads({thread_id, into})
        source, target = await hold(thread_id, by), await hold(into, by)
        demand_open(source, target)
        _demand_fitting(source, target, opening_up)
        posts = ids_of(
            await fetch("SELECT id FROM posts WHERE thread_id = :id ORDER BY id", {"id": source.id})
        )
        if len(posts) > MOST_POSTS:
            raise RuleBroken(
                _("This thread is too long to be merged. Please lock it and link to it instead.")
            )
        carried = {
            **await _carry_solution(source, target, by),
            **await _carry_marks(source, target),
            **await _vote_for_author(source, target),
            "drafts": await _carry_drafts(source.id, target.id),
        }
        await carry_posts(posts, source, target, by)
        await move_decided([f"thread:{source.id}"], to_space=target.space_id)
        await execute(
            "UPDATE posts SET kind = 'answer', moved_from_id = :source WHERE id = :id",
            {"source": source.id, "id": source.opening_id},
        )
        await execute(
            "UPDATE threads SET hidden_at = :at, merged_into_id = :into WHERE id = :id",
            {"at": now(), "into": target.id, "id": source.id},
        )
        await settle_carried((source, target), posts)
        await log(
            "merge_thread",
            f"thread:{target.id}",
            by=by,
            reason=reason,
            space_id=target.space_id,
            from_space=source.space_id,
            threads=[source.id],
            opening=source.opening_id,
            opening_from=source.opening_from,
            posts=posts,
            **carried,
            **noted,
        )
        await outbox.record(
            "thread.merged", thread_id=target.id, from_id=source.id, post_id=source.opening_id, by=by.id
        )


def _demand_fitting(source: Held, target: Held, opening_up: bool) -> None:
    if source.space_kind != target.space_kind:
        raise RuleBroken(
            _("The other thread stands in a space of another kind. Please move one of the two first.")
        )
    if source.space_kind == SpaceKind.BLOG:
        raise RuleBroken(_("Articles of the blog are not merged."))
    same_space = source.space_id == target.space_id
    if not opening_up and opens_up(source.space_access, target.space_access, same_space=same_space):
        raise RuleBroken(_("Please confirm that others may read it then."))


async def _carry_solution(source: Held, target: Held, by: Viewer) -> dict[str, Any]:
    kept = await keep_solution(source.id)
    if not kept:
        return {}
    if not await keep_solution(target.id):
        await execute(
            "UPDATE solutions SET thread_id = :to WHERE thread_id = :id", {"to": target.id, "id": source.id}
        )
        return {"solution_carried": kept["id"]}
    await execute("DELETE FROM solutions WHERE thread_id = :id", {"id": source.id})
    await outbox.record("solution.withdrawn", thread_id=target.id, post_id=kept["post"], by=by.id)
    return {"solution": kept}


async def _carry_marks(source: Held, target: Held) -> dict[str, list[int]]:
    """Of whoever has said nothing about the other thread: what they wished of this one holds for that one, too.

    Follows and mutes are one wish with two answers; the asker of the other thread has no "same problem".
    """
    given = {"source": source.id, "target": target.id, "asker": target.author_id or 0}
    unsaid = """NOT EXISTS (SELECT 1 FROM follows f WHERE f.thread_id = :target AND f.member_id = x.member_id)
        AND NOT EXISTS (SELECT 1 FROM thread_mutes u WHERE u.thread_id = :target AND u.member_id = x.member_id)"""
    wanted = {
        "follows": f"SELECT x.id FROM follows x WHERE x.thread_id = :source AND {unsaid}",  # noqa: S608
        "thread_mutes": f"SELECT x.id FROM thread_mutes x WHERE x.thread_id = :source AND {unsaid}",  # noqa: S608
        "same_problems": """SELECT x.id FROM same_problems x WHERE x.thread_id = :source AND x.member_id <> :asker
        AND NOT EXISTS (SELECT 1 FROM same_problems y WHERE y.thread_id = :target AND y.member_id = x.member_id)""",
    }
    found = {
        table: ids_of(await fetch(f"{statement} ORDER BY x.id", given)) for table, statement in wanted.items()
    }
    for table, ids in found.items():
        await _hang(table, ids, target.id)
    return found


async def _vote_for_author(source: Held, target: Held) -> dict[str, list[int]]:
    """Whose own idea is merged into another one wants that one: it is their vote from now on, if they have none."""
    if source.space_kind != SpaceKind.IDEAS or source.author_id in (None, target.author_id):
        return {}
    made = await execute_returning(
        """INSERT INTO same_problems (id, thread_id, member_id, created_at)
        SELECT :id, :target, m.id, :at FROM members m WHERE m.id = :author AND m.erased_at IS NULL
        ON CONFLICT (thread_id, member_id) DO NOTHING RETURNING id""",
        {"id": random_id(), "target": target.id, "author": source.author_id, "at": now()},
    )
    return {"author_vote": ids_of(made)}


async def _hang(table: str, ids: list[int], thread_id: int, *, if_at: int | None = None) -> None:
    """Let these rows belong to a thread; with `if_at` only those that still belong to that one."""
    still = "AND thread_id = :at" if if_at is not None else ""
    for batch in batches(ids):
        await execute(
            f"UPDATE {table} SET thread_id = :to WHERE id IN (:ids) {still}",  # noqa: S608 - names of tables here
            {"to": thread_id, "ids": batch, "at": if_at or 0},
        )


async def _carry_drafts(source: int, target: int) -> list[int]:
    """Answers that members are writing; whoever writes one in either thread has both in one draft."""
    given = {"source": f"answer:{source}", "target": f"answer:{target}"}
    both = await fetch(
        """SELECT b.id, a.body AS carried, b.body FROM drafts a JOIN drafts b ON b.member_id = a.member_id
        WHERE a.place = :source AND b.place = :target""",
        given,
    )
    for row in both:
        body = f"{row['body'].rstrip()}\n\n{row['carried']}"[:LONGEST_DRAFT]
        await execute("UPDATE drafts SET body = :body WHERE id = :id", {"body": body, "id": row["id"]})
    moved = await fetch(
        """SELECT x.id FROM drafts x WHERE x.place = :source AND NOT EXISTS (
        SELECT 1 FROM drafts y WHERE y.place = :target AND y.member_id = x.member_id) ORDER BY x.id""",
        given,
    )
    for batch in batches(ids_of(moved)):
        await execute(
            "UPDATE drafts SET place = :target WHERE id IN (:ids)", {"target": given["target"], "ids": batch}
        )
    return ids_of(moved)


# --- undoing ----------------------------------------------------------------------------------------------


async def unmerge_threads(
    entry: dict[str, Any], *, at: datetime, into: int, by: Viewer, reason: str, **noted: Any
) -> None:
    """Take a merge, done at `at`, back as the details of its log entry say.

    What was written since stays where it was written, but for comments, which go with their posts.
    """
    source_id = int(entry["threads"][0])
    async with in_transaction():
        await lock_threads({source_id, into})
        source, target = await hold(source_id, by), await hold(into, by)
        if source.merged_into != target.id:
            raise RuleBroken(_("These threads are not merged any more."))
        demand_open(target)
        posts = await with_comments(entry["posts"])
        await _demand_as_left(entry, posts, target)
        await demand_nothing_revealed(entry["posts"], posts, at, target, source)
        if "solution_carried" in entry:
            await execute(
                "UPDATE solutions SET thread_id = :to WHERE id = :id",
                {"to": source.id, "id": entry["solution_carried"]},
            )
        await carry_posts(posts, target, source, by)
        await move_decided([f"thread:{source.id}"], to_space=source.space_id)
        await execute(
            "UPDATE posts SET kind = 'opening', moved_from_id = :before WHERE id = :id",
            {"before": entry["opening_from"], "id": entry["opening"]},
        )
        for vote_id in entry.get("author_vote", ()):
            # They may have taken it back, or given it anew, since.
            await execute("DELETE FROM same_problems WHERE id = :id", {"id": vote_id})
        for table in ("follows", "thread_mutes", "same_problems"):
            await _hang(table, entry[table], source.id, if_at=target.id)
        for batch in batches(entry["drafts"]):
            await execute(
                "UPDATE drafts SET place = :to WHERE id IN (:ids) AND place = :at",
                {"to": f"answer:{source.id}", "ids": batch, "at": f"answer:{target.id}"},
            )
            # What was attached meanwhile belongs to the same answer.
            await execute(
                """UPDATE attachments SET place = :to WHERE place = :at AND post_id IS NULL
                AND member_id IN (SELECT member_id FROM drafts WHERE id IN (:ids) AND place = :to)""",
                {"to": f"answer:{source.id}", "ids": batch, "at": f"answer:{target.id}"},
            )
        await execute(
            "UPDATE threads SET hidden_at = NULL, merged_into_id = NULL WHERE id = :id", {"id": source.id}
        )
        brought_back = "solution" in entry and await bring_back_solution(
            source.id, entry["solution"], counting=False
        )
        await settle_carried((source, target), posts)
        spaces = {"space_id": target.space_id, "from_space": source.space_id}
        await log("unmerge_thread", f"thread:{target.id}", by=by, reason=reason, **spaces, **noted)
        facts = {"thread_id": source.id, "post_id": entry["opening"], "by": by.id}
        await outbox.record("thread.unmerged", from_id=target.id, **facts)
        if brought_back:
            await outbox.record("solution.accepted", **{**facts, "post_id": entry["solution"]["post"]})


async def _demand_as_left(entry: dict[str, Any], posts: list[int], target: Held) -> None:
    """Refuse where taking it back would tear apart what has grown together since."""
    if await count_in_thread(posts, target.id) != len(posts):
        raise RuleBroken(_("Some of the posts have been moved on or removed since."))
    opening = await fetch_one("SELECT hidden_at FROM posts WHERE id = :id", {"id": entry["opening"]})
    if opening is None or opening["hidden_at"] is not None:
        raise RuleBroken(_("The first post of the merged thread is hidden now. Please restore it first."))
    solution = await keep_solution(target.id)
    carried = entry.get("solution_carried")
    if solution and solution["post"] in posts and solution["id"] != carried:
        raise RuleBroken(_("One of the posts has become the solution since."))
    if carried is not None and (not solution or solution["id"] != carried):
        raise RuleBroken(_("There is another solution by now, or none."))

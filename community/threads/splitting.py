"""Taking answers out of a thread, to a new thread or to another one, and undoing it. Comments go with their posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.text import slug
from community.core.viewer import STAFF_ROLES, Viewer
from community.decisions.actions import log
from community.spaces.models import SpaceKind
from community.spaces.queries import find_four_eyes
from community.threads import satisfaction
from community.threads.carrying import (
    Held,
    batches,
    carry_posts,
    count_in_thread,
    demand_nothing_revealed,
    demand_open,
    hold,
    opens_up,
    settle_carried,
    with_comments,
)
from community.threads.locks import lock_threads
from community.threads.marks import bring_back_solution, keep_solution
from community.threads.models import Follow, Thread
from community.threads.order import demand_reason

MOST_CHOSEN = 200


@dataclass(frozen=True, slots=True)
class NewThread:
    """What the first of the chosen answers becomes the opening post of."""

    space_id: int
    title: str


async def split_thread(
    thread_id: int,
    post_ids: Sequence[int],
    *,
    to: int | NewThread,
    by: Viewer,
    reason: str,
    opening_up: bool = False,
    **noted: Any,
) -> int:
    """Carry these answers to another thread and answer its id; their authors learn the reason.

    A solution among them goes along where it can be the solution: among the answers of a question that has none.
    """
    demand_reason(reason)
    chosen = list(dict.fromkeys(post_ids))
    if not chosen or len(chosen) > MOST_CHOSEN:
        raise RuleBroken(_("Please choose some of the answers."))
    async with in_transaction():
        await lock_threads({thread_id} if isinstance(to, NewThread) else {thread_id, to})
        source = await hold(thread_id, by)
        demand_open(source)
        answers = await _answers(source, chosen)
        if isinstance(to, NewThread):
            target = await _start(source, answers[0], to, by, opening_up)
        else:
            target = await _hold_target(source, to, by, opening_up)
        posts = await with_comments(chosen)
        noted_of = await _carry(source, target, answers, posts, by)
        after = await hold(target.id, by)
        await settle_carried((source, target), posts)
        await log(
            "split_thread",
            f"thread:{source.id}",
            by=by,
            reason=reason,
            space_id=source.space_id,
            from_space=source.space_id,
            to_space=after.space_id,
            threads=[after.id],
            is_new=isinstance(to, NewThread),
            answers=chosen,
            posts=posts,
            **noted_of,
            **noted,
        )
        await outbox.record(
            "thread.split", thread_id=target.id, from_id=source.id, post_id=answers[0]["id"], by=by.id
        )
    return target.id


async def _answers(source: Held, chosen: Sequence[int]) -> list[dict[str, Any]]:
    """The chosen answers by their dates; `NotFound` for what is none of this thread."""
    found: list[dict[str, Any]] = []
    for batch in batches(chosen):
        rows = await fetch(
            """SELECT id, author_id, created_at, hidden_at, moved_from_id FROM posts
            WHERE thread_id = :thread AND kind = 'answer' AND id IN (:ids)""",
            {"thread": source.id, "ids": batch},
        )
        found += [dict(row) for row in rows]
    if len(found) != len(chosen):
        raise NotFound
    if any(row["hidden_at"] is not None for row in found):
        raise RuleBroken(_("Hidden answers have to be restored first."))
    return sorted(found, key=lambda row: (_moment(row["created_at"]), row["id"]))


def _moment(value: datetime | str) -> datetime:
    moment = as_time(value)
    assert moment is not None  # noqa: S101 - the column is never empty
    return moment


async def _hold_target(source: Held, thread_id: int, by: Viewer, opening_up: bool) -> Held:
    target = await hold(thread_id, by)
    if target.id == source.id:
        raise RuleBroken(_("Please choose another thread."))
    demand_open(target)
    _demand_fitting(source, target.space_id, target.space_kind, target.space_access, opening_up)
    return target


def _demand_fitting(source: Held, space_id: int, kind: str, access: str, opening_up: bool) -> None:
    if SpaceKind.BLOG in (kind, source.space_kind):
        raise RuleBroken(_("Articles of the blog and their comments stay together."))
    same_space = source.space_id == space_id
    if not opening_up and opens_up(source.space_access, access, same_space=same_space):
        raise RuleBroken(_("Please confirm that others may read it then."))


async def _start(source: Held, first: dict[str, Any], new: NewThread, by: Viewer, opening_up: bool) -> Held:
    """A thread that begins with an answer: its author is who has started it, at that time."""
    space = await fetch_one(
        "SELECT id, kind, access, language FROM spaces WHERE id = :id", {"id": new.space_id}
    )
    if space is None or not by.may_read(space["id"]):
        raise NotFound
    _demand_fitting(source, space["id"], space["kind"], space["access"], opening_up)
    title = " ".join(new.title.split())[:200]
    if not title:
        raise RuleBroken(_("Please give the new thread a title."))
    await _demand_no_second_person(first["author_id"], space["id"])
    thread_id, at = random_id(), _moment(first["created_at"])
    await insert(
        Thread,
        id=thread_id,
        space_id=space["id"],
        author_id=first["author_id"],
        title=title,
        slug=slug(title),
        language=source.language if space["id"] == source.space_id else space["language"],
        created_at=at,
        last_activity_at=at,
    )
    if first["author_id"] is not None:
        await insert(
            Follow, id=random_id(), thread_id=thread_id, member_id=first["author_id"], created_at=now()
        )
    await execute(
        "UPDATE posts SET kind = 'opening', thread_id = :thread WHERE id = :id",
        {"thread": thread_id, "id": first["id"]},
    )
    # As it was before: a thread that no space counts yet.
    return Held(
        id=thread_id,
        space_id=space["id"],
        space_kind=space["kind"],
        space_access=space["access"],
        author_id=first["author_id"],
        status="unanswered",
        language=source.language,
        hidden=True,
        merged_into=None,
        opening_id=first["id"],
        opening_from=first["moved_from_id"],
    )


async def _demand_no_second_person(author_id: int | None, space_id: int) -> None:
    """Where texts of staff need a second person, so do the titles over them."""
    author = await fetch_one("SELECT role FROM members WHERE id = :id", {"id": author_id or 0})
    if author and author["role"] in STAFF_ROLES and (await find_four_eyes(space_id)).staff_posts_wait:
        raise RuleBroken(
            _(
                "Texts of staff need a second person there, and so would the new title. "
                "Please choose a thread that exists."
            )
        )


async def _carry(
    source: Held, target: Held, answers: Sequence[dict[str, Any]], posts: Sequence[int], by: Viewer
) -> dict[str, Any]:
    """Carry the posts and, where it fits, the solution; answers what undoing needs to know."""
    chosen = [row["id"] for row in answers]
    kept = await keep_solution(source.id)
    noted: dict[str, Any] = {
        "came_from": {str(row["id"]): row["moved_from_id"] for row in answers if row["moved_from_id"]}
    }
    if kept and kept["post"] in chosen:
        fits = (
            target.space_kind == SpaceKind.QUESTIONS
            and kept["post"] != target.opening_id
            and not await keep_solution(target.id)
        )
        if fits:
            await execute(
                "UPDATE solutions SET thread_id = :to WHERE id = :id", {"to": target.id, "id": kept["id"]}
            )
        else:
            await execute("DELETE FROM solutions WHERE id = :id", {"id": kept["id"]})
        await satisfaction.withdraw(source.id)
        noted |= {"solution": kept, "solution_carried": fits}
        await outbox.record("solution.withdrawn", thread_id=source.id, post_id=kept["post"], by=by.id)
    await carry_posts(posts, source, target, by)
    for batch in batches(chosen):
        await execute(
            "UPDATE posts SET moved_from_id = :source WHERE id IN (:ids)", {"source": source.id, "ids": batch}
        )
    noted["related"] = await _relate(source.id, target.id)
    return noted


async def _relate(one: int, other: int) -> list[int]:
    """Let each thread stand among the related ones of the other; answers the rows that were made for it."""
    made = []
    for thread_id, related_id in ((one, other), (other, one)):
        row_id = random_id()
        if await execute(
            """INSERT INTO related_threads (id, thread_id, related_id, kind, position)
            VALUES (:id, :thread, :related, 'linked', 0) ON CONFLICT (thread_id, related_id) DO NOTHING""",
            {"id": row_id, "thread": thread_id, "related": related_id},
        ):
            made.append(row_id)
    return made


# --- undoing ----------------------------------------------------------------------------------------------


async def unsplit_thread(
    entry: dict[str, Any], *, at: datetime, thread_id: int, by: Viewer, reason: str, **noted: Any
) -> None:
    """Bring the answers back to where they were. A thread that was made for them leads there from then on."""
    target_id = int(entry["threads"][0])
    async with in_transaction():
        await lock_threads({thread_id, target_id})
        source, target = await hold(thread_id, by), await hold(target_id, by)
        demand_open(source, target)
        posts = await with_comments(entry["posts"])
        await _demand_as_left(entry, posts, source, target)
        await demand_nothing_revealed(entry["posts"], posts, at, target, source)
        await carry_posts(posts, target, source, by)
        for post_id in entry["answers"]:
            await execute(
                "UPDATE posts SET kind = 'answer', moved_from_id = :before WHERE id = :id",
                {"before": entry["came_from"].get(str(post_id)), "id": post_id},
            )
        if entry["is_new"]:
            await execute(
                "UPDATE threads SET hidden_at = :at, merged_into_id = :into WHERE id = :id",
                {"at": now(), "into": source.id, "id": target.id},
            )
        await execute("DELETE FROM related_threads WHERE id IN (:ids)", {"ids": entry["related"]})
        brought_back = await _solution_back(entry, source)
        await settle_carried((source, target), posts)
        spaces = {"space_id": source.space_id, "from_space": target.space_id}
        await log(
            "unsplit_thread",
            f"thread:{source.id}",
            by=by,
            reason=reason,
            threads=[target.id],
            answers=entry["answers"],
            **spaces,
            **noted,
        )
        facts = {"thread_id": source.id, "post_id": entry["answers"][0], "by": by.id}
        await outbox.record("thread.unsplit", from_id=target.id, **facts)
        if brought_back:
            await outbox.record("solution.accepted", **{**facts, "post_id": entry["solution"]["post"]})


async def _solution_back(entry: dict[str, Any], source: Held) -> bool:
    kept = entry.get("solution")
    if not kept:
        return False
    if entry["solution_carried"]:
        await execute(
            "UPDATE solutions SET thread_id = :to WHERE id = :id", {"to": source.id, "id": kept["id"]}
        )
        await satisfaction.resume(source.id)
        return True
    return await bring_back_solution(source.id, kept, counting=False)


async def _demand_as_left(entry: dict[str, Any], posts: list[int], source: Held, target: Held) -> None:
    if await count_in_thread(posts, target.id) != len(posts):
        raise RuleBroken(_("Some of the posts have been moved on or removed since."))
    if entry["is_new"]:
        rows = await fetch("SELECT COUNT(*) AS n FROM posts WHERE thread_id = :id", {"id": target.id})
        if rows[0]["n"] != len(posts):
            raise RuleBroken(
                _("Something was written in the new thread since. Merge it with this one instead.")
            )
    solution = await keep_solution(target.id)
    carried = entry.get("solution_carried", False)
    if carried and (not solution or solution["id"] != entry["solution"]["id"]):
        raise RuleBroken(_("There is another solution by now, or none."))
    if not carried and solution and solution["post"] in posts:
        raise RuleBroken(_("One of the posts has become the solution since."))
    if carried and await keep_solution(source.id):
        raise RuleBroken(_("There is another solution by now, or none."))

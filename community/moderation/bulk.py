"""One act on many posts or threads at once: each in a transaction of its own, so that one that cannot be done now
keeps none of the others from being done; all with one reason, one notice to each author, and undone together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from community.core.db import fetch, fetch_one, random_id
from community.core.errors import Forbidden, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.batches import BatchView, end_batch, get_batch, open_batch
from community.decisions.grounds import Ground
from community.decisions.queries import find_last_actor, list_entries_by_ids
from community.moderation.erasing import erase_post
from community.spaces.models import SpaceKind
from community.threads import order
from community.threads.figures import list_touched, recount_members
from community.threads.many import MOST_AT_ONCE
from community.threads.undoing import undo

ACTS = ("hide_post", "restore_post", "lock_thread", "move_thread", "erase_post")
"""What can be done to many: hiding, restoring and erasing to posts, the others to the threads that they stand in."""

RESTRICTING = frozenset({"hide_post", "lock_thread", "erase_post"})
"""Of these: whoever is concerned learns on what it rests."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them."""

    post_id: int
    problem: str
    """Why it was not done; empty: it was."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done to each of them, by whom and why."""

    act: str
    by: Viewer
    reason: str
    to_space: int | None = None
    ground: Ground | None = None
    """On what an act rests that restricts somebody; the others know none, and erasing does nothing without."""


@dataclass(frozen=True, slots=True)
class Batched:
    id: int
    """Of the batch; 0 where nothing was done at all."""
    outcomes: tuple[Outcome, ...]


async def act_on_many(wish: Wish, post_ids: Sequence[int]) -> Batched:
    """Do this to each of these posts, or to their threads, as far as it can be done now."""
    order.demand_reason(wish.reason)
    chosen = list(dict.fromkeys(post_ids))
    if wish.act not in ACTS or not chosen or len(chosen) > MOST_AT_ONCE:
        raise RuleBroken(_("Please choose what to do, and up to 200 posts."))
    if wish.act == "erase_post" and wish.ground is None:
        raise RuleBroken(_("Please choose on what the decision rests."))
    async with _batch(wish.act) as batch:
        await _act_on_each(wish, chosen, batch)
    return batch.result()


class _Running:
    """A batch while it is made."""

    def __init__(self) -> None:
        self.id = random_id()
        self.outcomes: list[Outcome] = []
        self.did_anything = False

    def result(self) -> Batched:
        return Batched(self.id if self.did_anything else 0, tuple(self.outcomes))

    async def attempt(self, number: int, act: Callable[[], Awaitable[object]]) -> None:
        """Do it, and keep what became of it."""
        try:
            await act()
            self.outcomes.append(Outcome(number, ""))
        except RuleBroken as error:
            self.outcomes.append(Outcome(number, str(error)))
        except (NotFound, Forbidden):
            problem = _("This is not yours to decide about, or not there any more.")
            self.outcomes.append(Outcome(number, problem))


@asynccontextmanager
async def _batch(act: str) -> AsyncIterator[_Running]:
    """What is done within belongs together: authors are told once, and all of it can be undone.

    What was done before it breaks off has happened. If even the process ends, the worker settles it (`settle_batch`).
    """
    running = _Running()
    await open_batch(running.id, act)
    try:
        yield running
    finally:
        # The worker may have ended one in which nothing succeeded for a while.
        with suppress(NotFound):
            await settle_batch(await get_batch(running.id))
            running.did_anything = await end_batch(running.id, is_settled=True)


async def settle_batch(batch: BatchView) -> None:
    """Count the figures of all whom it concerns anew, each member once."""
    if not batch.is_settled:
        entries = await list_entries_by_ids(batch.entries)
        await recount_members(await list_touched([(entry.act, entry.subject) for entry in entries]))


async def _act_on_each(wish: Wish, chosen: Sequence[int], batch: _Running) -> None:
    seen = set[int]()
    for post_id in chosen:

        async def act(post_id: int = post_id) -> None:
            await _carry_out(wish, post_id, await _find(wish, post_id), batch.id)

        if wish.act not in order.ABOUT_POSTS:
            thread_id = await _thread_of(post_id)
            if thread_id in seen:
                # Of several posts of one thread the first one has done it.
                continue
            seen.add(thread_id)
        await batch.attempt(post_id, act)


async def _thread_of(post_id: int) -> int:
    row = await fetch_one("SELECT thread_id FROM posts WHERE id = :id", {"id": post_id})
    return int(row["thread_id"]) if row else -post_id


async def _find(wish: Wish, post_id: int) -> int:
    """The thread of the post, for whoever may do this to it."""
    by = wish.by
    rows = await fetch(
        """SELECT p.thread_id, p.author_id, t.space_id, s.kind FROM posts p
        JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id WHERE p.id = :id""",
        {"id": post_id},
    )
    if not rows or not by.may_read(rows[0]["space_id"]):
        raise NotFound
    if rows[0]["author_id"] == by.id:
        if wish.act == "erase_post":
            raise Forbidden
        hidden_by = await find_last_actor(f"post:{post_id}", "hide_post")
        if wish.act == "restore_post" and hidden_by not in (None, by.id):
            # What a colleague has done to one's own text, somebody else undoes.
            raise Forbidden
    if wish.act == "move_thread":
        target = await fetch("SELECT kind FROM spaces WHERE id = :id", {"id": wish.to_space or 0})
        if not target or SpaceKind.BLOG in (target[0]["kind"], rows[0]["kind"]):
            raise RuleBroken(_("Articles of the blog stay there, and nothing else is moved there."))
    return int(rows[0]["thread_id"])


async def _carry_out(wish: Wish, post_id: int, thread_id: int, batch_id: int) -> None:
    given: dict[str, Any] = {"by": wish.by, "reason": wish.reason, "batch": batch_id}
    if wish.act in RESTRICTING:
        given["ground"] = wish.ground
    if wish.act == "hide_post":
        await order.hide_post(post_id, **given)
    elif wish.act == "restore_post":
        await order.restore_post(post_id, **given)
    elif wish.act == "erase_post":
        await erase_post(post_id, **given)
    elif wish.act == "lock_thread":
        await order.lock_thread(thread_id, **given)
    else:
        await order.move_thread(thread_id, to_space=wish.to_space or 0, **given)


async def undo_many(batch: BatchView, *, by: Viewer, reason: str, ground: Ground | None = None) -> Batched:
    """Undo each act of a batch that can still be undone, the last one first; the outcomes name the entries.

    `ground`: as with `undoing.undo`.
    """
    order.demand_reason(reason)
    async with _batch("undo") as again:
        for entry_id in reversed(batch.entries):
            act = partial(undo, entry_id, by=by, reason=reason, ground=ground, batch=again.id)
            await again.attempt(entry_id, act)
    return again.result()

"""Undoing what staff did to threads and posts, from its entry in the log, while everything is still as it left it.

Undoing is an act of its own: with a reason, an entry that names the one it undoes, and a notice to those concerned.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import Row, fetch, fetch_one, in_transaction
from community.core.errors import Forbidden, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.grounds import Ground
from community.decisions.queries import LogLine, get_entry, list_entries
from community.threads import merging, order, retitling, splitting
from community.threads.carrying import opens_up
from community.threads.locks import lock_thread_of, lock_threads

CarryOut = Callable[[LogLine, int, Viewer, str, Mapping[str, Any]], Awaitable[object]]
"""Gets the entry, the id of its subject, who undoes it, why, and what the new entry is to note."""
RESTRICTING_AGAIN = frozenset({"restore_post", "unlock_thread"})
"""Whoever undoes these says on what it rests."""


def restricts_again(entries: Iterable[LogLine]) -> bool:
    return any(entry.act in RESTRICTING_AGAIN for entry in entries)


@dataclass(frozen=True, slots=True)
class _Undo:
    carry_out: CarryOut
    overtaken_by: tuple[str, ...]
    """Acts on the same subject after which it is no more as the act left it."""
    undone_by: tuple[str, ...] = ()
    """Acts that are made only by undoing this one; others of them may stand beside it."""


async def _show_again(
    entry: LogLine, post_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]
) -> None:
    solution = entry.details.get("solution")
    await order.restore_post(post_id, by=by, reason=reason, solution=solution, **noted)


async def _hide_again(
    entry: LogLine, post_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]
) -> None:
    await order.hide_post(post_id, by=by, reason=reason, **noted)


def _thread_act(change: Callable[..., Awaitable[None]]) -> CarryOut:
    async def carry_out(
        entry: LogLine, thread_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]
    ) -> None:
        await change(thread_id, by=by, reason=reason, **noted)

    return carry_out


async def _move_back(
    entry: LogLine, thread_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]
) -> None:
    source, target = entry.details["to_space"], entry.details["from_space"]
    if await _reveals(thread_id, source, target, since=entry.at):
        raise RuleBroken(_("Something was written here since that more people could read then."))
    await order.move_thread(thread_id, to_space=target, by=by, reason=reason, **noted)
    if entry.details.get("was_pinned"):
        await order.pin_thread(thread_id, by=by, reason=reason, **noted)


async def _reveals(thread_id: int, source: int, target: int, *, since: datetime) -> bool:
    """Whether more people would read what was written in the thread since then than could when it was written."""
    rows = await fetch("SELECT id, access FROM spaces WHERE id IN (:ids)", {"ids": [source, target]})
    access = {row["id"]: row["access"] for row in rows}
    if len(access) < 2 or not opens_up(access[source], access[target], same_space=False):
        return False
    return bool(
        await fetch(
            """SELECT 1 AS found FROM posts WHERE thread_id = :id AND (created_at > :since OR edited_at > :since)
            LIMIT 1""",
            {"id": thread_id, "since": since},
        )
    )


async def _retitle_back(
    entry: LogLine, thread_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]
) -> None:
    await retitling.retitle_back(thread_id, version=entry.details["version"], by=by, reason=reason, **noted)


async def _unmerge(entry: LogLine, thread_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]) -> None:
    await merging.unmerge_threads(
        dict(entry.details), at=entry.at, into=thread_id, by=by, reason=reason, **noted
    )


async def _unsplit(entry: LogLine, thread_id: int, by: Viewer, reason: str, noted: Mapping[str, Any]) -> None:
    await splitting.unsplit_thread(
        dict(entry.details), at=entry.at, thread_id=thread_id, by=by, reason=reason, **noted
    )


_HIDING = ("hide_post", "restore_post", "erase_post", "uphold_flags", "uphold_notice", "reject_appeal")
"""Also what a colleague has confirmed meanwhile: whoever reported, or objected, was told that it stays so."""
_LOCKING = ("lock_thread", "unlock_thread", "reject_appeal")
_PINNING = ("pin_thread", "unpin_thread", "move_thread")
_UNDOS: Mapping[str, _Undo] = {
    "hide_post": _Undo(_show_again, _HIDING),
    "restore_post": _Undo(_hide_again, _HIDING),
    "lock_thread": _Undo(_thread_act(order.unlock_thread), _LOCKING),
    "unlock_thread": _Undo(_thread_act(order.lock_thread), _LOCKING),
    "pin_thread": _Undo(_thread_act(order.unpin_thread), _PINNING),
    "unpin_thread": _Undo(_thread_act(order.pin_thread), _PINNING),
    "move_thread": _Undo(_move_back, ("move_thread",)),
    "retitle_thread": _Undo(_retitle_back, ("retitle_thread", "erase_post")),
    "split_thread": _Undo(_unsplit, (), ("unsplit_thread",)),
    "merge_thread": _Undo(_unmerge, (), ("unmerge_thread",)),
}
UNDOABLE = tuple(_UNDOS)


async def undo(
    entry_id: int, *, by: Viewer, reason: str, ground: Ground | None = None, **noted: int
) -> LogLine:
    """Undo what this entry of the log says, and answer the entry. `RuleBroken` says why it is not possible.

    `ground` is on what it rests where that restricts somebody again.
    """
    order.demand_reason(reason)
    async with in_transaction():
        entry = await get_undoable(entry_id, by)
        subject_id = _subject_id(entry)
        if entry.subject.startswith("post:"):
            await lock_thread_of(subject_id)
        else:
            # All that it is about, so that they are taken in the order of their ids.
            await lock_threads({subject_id, *entry.details.get("threads", ())})
        if await _is_undone(entry):
            raise RuleBroken(_("This has been undone already."))
        if entry.id in await list_overtaken([entry]):
            raise RuleBroken(_("Something else has been done with it since. Undo that first, if you can."))
        given: dict[str, Any] = {"undoes": entry.id, **noted}
        if entry.act in RESTRICTING_AGAIN:
            given["ground"] = ground
        await _UNDOS[entry.act].carry_out(entry, subject_id, by, reason, given)
    return entry


async def get_undoable(entry_id: int, viewer: Viewer) -> LogLine:
    """The entry, for whoever may undo it: who reads all spaces that it is about, and does not decide in their own
    favour. Whether it can still be undone, `undo` says."""
    entry = await get_entry(entry_id)
    spaces = (entry.space_id, entry.details.get("from_space"), entry.details.get("to_space"))
    if entry.act not in _UNDOS or not all(space is None or viewer.may_read(space) for space in spaces):
        raise NotFound
    where = await _where(entry)
    if where is None or not viewer.may_read(where["space_id"]):
        raise NotFound
    if where["author_id"] == viewer.id and entry.actor_id != viewer.id:
        raise Forbidden
    return entry


async def list_overtaken(entries: Sequence[LogLine]) -> set[int]:
    """Which of these entries cannot be undone any more, because something was done after them; in one statement."""
    known = [entry for entry in entries if entry.act in _UNDOS]
    if not known:
        return set()
    subjects = {entry.subject for entry in known}
    acts = {act for entry in known for act in (*_UNDOS[entry.act].overtaken_by, *_UNDOS[entry.act].undone_by)}
    later = await list_entries(subjects, acts, after=min(entry.id for entry in known))
    return {
        entry.id
        for entry in known
        for other in later
        if other.subject == entry.subject
        and other.id > entry.id
        and (other.act in _UNDOS[entry.act].overtaken_by or other.details.get("undoes") == entry.id)
    }


async def _is_undone(entry: LogLine) -> bool:
    """Whether the newest thing that was done to the subject since is the undoing of this very entry."""
    acts = {*_UNDOS, *_UNDOS[entry.act].overtaken_by, *_UNDOS[entry.act].undone_by}
    later = await list_entries({entry.subject}, acts, after=entry.id)
    return bool(later) and later[0].details.get("undoes") == entry.id


def _subject_id(entry: LogLine) -> int:
    return int(entry.subject.partition(":")[2])


async def _where(entry: LogLine) -> Row | None:
    """The space in which the subject is now, and whose it is."""
    statement = (
        "SELECT t.space_id, p.author_id FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = :id"
        if entry.subject.startswith("post:")
        else "SELECT space_id, author_id FROM threads WHERE id = :id"
    )
    return await fetch_one(statement, {"id": _subject_id(entry)})

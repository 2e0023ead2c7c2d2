"""The queue as one person of staff sees it: all that waits in spaces they read, and that is theirs to decide.

What an item is about is told by `web.work_kinds`; here it is a kind, a subject, times, and who is on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.decisions.work import CLAIM_IDLE, LOOKS_FOR, NO_SPACE, WorkKind
from community.moderation.permissions import can_see_queue

SHOWN = ("all", "mine", "unclaimed", "late", "snoozed")
PAGE = 30
MOST_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue: of one kind or all, of one space or all."""

    shown: str = "all"
    kind: str = ""
    space_id: int | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    id: int
    kind: WorkKind
    subject: str
    space_id: int
    since: datetime
    soon_at: datetime
    due_at: datetime
    holder_id: int | None
    """Who is on it; None where nobody is, or has not been for a while."""
    holder: str
    handed_to: int | None
    handed_to_name: str
    handed_by_name: str
    note: str
    snoozed_until: datetime | None
    """Empty where it is not put aside, or is back."""

    @property
    def number(self) -> int:
        """The id of the subject."""
        return int(self.subject.partition(":")[2])

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.due_at, self.id)


_HELD = "w.claimed_by IS NOT NULL AND w.claimed_at >= :idle_since"
_AWAKE = "(w.snoozed_until IS NULL OR w.snoozed_until <= :now)"
_CONDITIONS = {
    "all": _AWAKE,
    "mine": f"{_AWAKE} AND ((w.claimed_by = :viewer AND w.claimed_at >= :idle_since) OR w.handed_to = :viewer)",
    "unclaimed": f"{_AWAKE} AND NOT ({_HELD}) AND w.handed_to IS NULL",
    "late": f"{_AWAKE} AND w.due_at <= :now",
    "snoozed": f"NOT {_AWAKE}",
}
# The sum keeps SQLite from looking up each space in an index of its own and sorting what it found: the way along the
# moments when things are due is shorter, for all spaces but few items are shown at once.
_VISIBLE = (
    "w.kind <> 'draft' AND (w.space_id + 0) IN (:spaces) AND (w.not_for IS NULL OR w.not_for <> :viewer) "
    "AND w.id NOT IN (SELECT b.item_id FROM work_bars b WHERE b.member_id = :viewer)"
)
_NAME = "COALESCE(NULLIF({0}.staff_name, ''), {0}.nickname, '')"
_ROWS = f"""
SELECT w.id, w.kind, w.subject, w.space_id, w.since, w.soon_at, w.due_at, w.handed_to, w.note,
       CASE WHEN w.snoozed_until > :now THEN w.snoozed_until END AS snoozed_until,
       h.id AS holder_id, {_NAME.format("h")} AS holder, {_NAME.format("t")} AS handed_to_name,
       {_NAME.format("b")} AS handed_by_name
FROM work_items w
LEFT JOIN members h ON h.id = w.claimed_by AND w.claimed_at >= :idle_since
LEFT JOIN members t ON t.id = w.handed_to LEFT JOIN members b ON b.id = w.handed_by
WHERE {_VISIBLE}
"""  # noqa: S608 - constants


async def list_work(
    viewer: Viewer, wanted: Wanted, *, after: Cursor | None = None, size: int = PAGE
) -> list[WorkRow]:
    """What is due first at the top. `after` is the last item of the part that came before."""
    given = _given(viewer) | {"kind": wanted.kind, "space_id": wanted.space_id}
    conditions = [_CONDITIONS[wanted.shown]]
    if wanted.kind:
        conditions.append("w.kind = :kind")
    if wanted.space_id is not None:
        conditions.append("w.space_id = :space_id")
    if after:
        conditions.append("(w.due_at, w.id) > (:due_at, :id)")
        given |= {"due_at": after.time, "id": after.id}
    rows = await fetch(
        f"{_ROWS} AND {' AND '.join(conditions)} ORDER BY w.due_at, w.id LIMIT :size",
        {**given, "size": size},
    )
    return [_row(row) for row in rows]


async def get_work(viewer: Viewer, item_id: int) -> WorkRow:
    """One item; `NotFound` for those that are not this viewer's to decide, or gone."""
    row = await fetch_one(f"{_ROWS} AND w.id = :id", {**_given(viewer), "id": item_id})
    if row is None:
        raise NotFound
    return _row(row)


async def find_work(viewer: Viewer, kind: WorkKind, subject: str) -> WorkRow | None:
    row = await fetch_one(
        f"{_ROWS} AND w.kind = :kind AND w.subject = :subject",
        {**_given(viewer), "kind": str(kind), "subject": subject},
    )
    return _row(row) if row else None


async def find_other_holder(viewer: Viewer, kind: WorkKind, subject: str) -> str:
    """By name who else is on this; empty for nobody, and where it does not wait."""
    row = await find_work(viewer, kind, subject)
    return row.holder if row and row.holder_id not in (None, viewer.id) else ""


async def find_next(viewer: Viewer, *, kind: str = "") -> WorkRow | None:
    """What to do next: what was handed to the viewer or they are on, else the first that nobody is on."""
    for shown in ("mine", "unclaimed"):
        rows = await list_work(viewer, Wanted(shown, kind), size=1)
        if rows:
            return rows[0]
    return None


async def list_some(viewer: Viewer, item_ids: Sequence[int]) -> list[WorkRow]:
    rows = await fetch(f"{_ROWS} AND w.id IN (:ids)", {**_given(viewer), "ids": list(item_ids)})
    return [_row(row) for row in rows]


async def list_looking(viewer: Viewer, item_id: int) -> list[str]:
    """Who else has this item open, by name; only as far as their page has said so within the last minute."""
    rows = await fetch(
        f"""SELECT {_NAME.format("m")} AS name FROM work_looks l JOIN members m ON m.id = l.member_id
        WHERE l.item_id = :id AND l.member_id <> :viewer AND l.seen_at >= :since ORDER BY name LIMIT 10""",  # noqa: S608
        {"id": item_id, "viewer": viewer.id, "since": now() - LOOKS_FOR},
    )
    return [row["name"] for row in rows]


async def list_undecidable(kind: WorkKind) -> set[int]:
    """The numbers of the matters that are kept from each and every one who keeps order."""
    rows = await fetch(
        """SELECT w.subject FROM work_items w WHERE w.kind = :kind AND NOT EXISTS (
        SELECT 1 FROM members m WHERE m.role IN ('moderator', 'administrator') AND m.erased_at IS NULL
        AND (w.not_for IS NULL OR w.not_for <> m.id)
        AND NOT EXISTS (SELECT 1 FROM work_bars b WHERE b.item_id = w.id AND b.member_id = m.id))
        ORDER BY w.due_at, w.id LIMIT :most""",
        {"kind": str(kind), "most": MOST_COUNTED},
    )
    return {int(row["subject"].partition(":")[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    is_whole: bool
    """False: there are at least so many."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items there are of each kind in each space, for each choice of `SHOWN`."""

    groups: tuple[tuple[str, int, Mapping[str, int]], ...]
    whole: frozenset[str]
    """The choices of which nothing was left uncounted."""

    def of(self, wanted: Wanted) -> Count:
        number = sum(
            counts[wanted.shown]
            for kind, space_id, counts in self.groups
            if wanted.kind in ("", kind) and wanted.space_id in (None, space_id)
        )
        return Count(number, wanted.shown in self.whole)


_COUNTED = ", ".join(
    f"COUNT(CASE WHEN {condition} THEN 1 END) AS {name}_items" for name, condition in _CONDITIONS.items()
)


async def count_work(viewer: Viewer) -> Counts:
    """In one statement, among the items that are due first: a long queue costs no more than one of that length."""
    rows = await fetch(
        f"""SELECT w.kind, w.space_id, COUNT(*) AS n, COUNT(CASE WHEN w.due_at <= :now THEN 1 END) AS late, {_COUNTED}
        FROM (SELECT w.* FROM work_items w WHERE {_VISIBLE} ORDER BY w.due_at, w.id LIMIT :most) AS w
        GROUP BY w.kind, w.space_id""",  # noqa: S608 - constants
        {**_given(viewer), "most": MOST_COUNTED},
    )
    counted, late = sum(row["n"] for row in rows), sum(row["late"] for row in rows)
    # What is overdue is due before all others, so none of it is missing where something else was counted.
    whole = SHOWN if counted < MOST_COUNTED else ("late",) if late < counted else ()
    return Counts(
        tuple((row["kind"], row["space_id"], {name: row[f"{name}_items"] for name in SHOWN}) for row in rows),
        frozenset(whole),
    )


def _given(viewer: Viewer) -> dict[str, Any]:
    if not can_see_queue(viewer):
        raise NotFound
    moment = now()
    return {
        "viewer": viewer.id,
        "spaces": (NO_SPACE, *viewer.readable_space_ids),
        "now": moment,
        "idle_since": moment - CLAIM_IDLE,
    }


def _row(row: Mapping[str, Any]) -> WorkRow:
    times = {name: as_time(row[name]) for name in ("since", "soon_at", "due_at", "snoozed_until")}
    return WorkRow(**{**dict(row), **times, "kind": WorkKind(row["kind"])})


async def list_colleagues(viewer: Viewer) -> Sequence[tuple[int, str]]:
    """Others who keep order, by name."""
    rows = await fetch(
        f"""SELECT m.id, {_NAME.format("m")} AS name FROM members m
        WHERE m.role IN ('moderator', 'administrator') AND m.erased_at IS NULL AND m.id <> :viewer
        ORDER BY name, m.id LIMIT 200""",  # noqa: S608
        {"viewer": viewer.id},
    )
    return [(row["id"], row["name"]) for row in rows]

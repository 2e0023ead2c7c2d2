"""How fresh the FAQ is: figures over all released entries, which are in check and for what, which come next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from community.core.clock import now
from community.core.db import as_known_time, fetch
from community.core.i18n import local_time
from community.core.viewer import Viewer
from community.faq.causes import CHECK_EVERY, URGENT, today
from community.faq.models import PUBLIC_STATES, CauseKind
from community.faq.permissions import demand_editor, known_causes

PER_PAGE = 50
MOST_NEXT = 20
SOON, LATER = 30, 90
"""Days."""
SOURCE_KINDS = frozenset(set(CauseKind) - {CauseKind.EXPIRED, CauseKind.FEEDBACK, CauseKind.UNCHECKED})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which released entries count; an empty value means all."""

    language: str = ""
    category: str = ""
    """Its slug."""

    @property
    def condition(self) -> str:
        """On `e` and its released category `c`."""
        language = " AND e.published_language = :language" if self.language else ""
        category = " AND c.slug = :category" if self.category else ""
        return f"e.state IN (:states){language}{category}"

    @property
    def given(self) -> dict[str, Any]:
        return {"states": list(PUBLIC_STATES), "language": self.language, "category": self.category}


@dataclass(frozen=True, slots=True)
class FreshnessFigures:
    released: int
    in_check: int
    days_since_check: int | None
    """The median, over all released entries; None without any."""
    due_soon: int
    due_later: int
    """Entries whose date comes within so many days: not in check, but then they will be."""
    sources_amiss: int
    """Sources with which something is amiss, of those that the viewer may read."""
    by_cause: Mapping[str, int]
    """Entries in check, by cause; those with several count for each."""

    @property
    def fresh(self) -> int:
        return self.released - self.in_check


@dataclass(frozen=True, slots=True)
class CheckLine:
    """An entry in check."""

    id: int
    question: str
    language: str
    category: str
    kinds: tuple[str, ...]
    """Of the causes that the viewer may know of."""
    since: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class NextLine:
    """An entry that a date catches up with next."""

    id: int
    question: str
    language: str
    due: date
    kind: str


_FROM = "FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id"


def _open_causes(viewer: Viewer, chosen: Chosen, besides: str = "") -> str:
    """SQL: the causes `x` that are not settled and that this editor may know of, with their entries `e`."""
    return f"""FROM faq_causes x JOIN faq_entries e ON e.id = x.entry_id
    JOIN faq_categories c ON c.id = e.published_category_id {besides}
    WHERE x.settled_at IS NULL AND {known_causes(viewer)} AND {chosen.condition}"""


async def get_freshness(viewer: Viewer, chosen: Chosen) -> FreshnessFigures:
    demand_editor(viewer)
    counts = await fetch(
        f"""SELECT COUNT(*) AS released, COUNT(CASE WHEN e.state = 'check' THEN 1 END) AS in_check
        {_FROM} WHERE {chosen.condition}""",
        chosen.given,
    )
    causes = await fetch(
        f"SELECT x.kind, COUNT(DISTINCT x.entry_id) AS entries {_open_causes(viewer, chosen)} GROUP BY x.kind",
        chosen.given,
    )
    amiss = await fetch(
        f"SELECT COUNT(DISTINCT x.post_id) AS n {_open_causes(viewer, chosen)} AND x.kind IN (:kinds)",
        {**chosen.given, "kinds": sorted(SOURCE_KINDS)},
    )
    released = counts[0]["released"]
    return FreshnessFigures(
        released=released,
        in_check=counts[0]["in_check"],
        days_since_check=await _median_days(chosen, released),
        due_soon=await _count_due(chosen, SOON),
        due_later=await _count_due(chosen, LATER),
        sources_amiss=amiss[0]["n"],
        by_cause={row["kind"]: row["entries"] for row in causes},
    )


async def _median_days(chosen: Chosen, released: int) -> int | None:
    rows = await fetch(
        f"""SELECT e.checked_at {_FROM} WHERE {chosen.condition} ORDER BY e.checked_at LIMIT 1 OFFSET :half""",
        {**chosen.given, "half": released // 2},
    )
    return (now() - as_known_time(rows[0]["checked_at"])).days if rows else None


_DATES = {
    "e.published_valid_until": "e.published_valid_until > '' AND e.published_valid_until < :last_day",
    "e.checked_at": "e.checked_at < :checked_before",
}
"""What brings an entry into check by itself: the column that says when, and whether that comes soon."""
_DUE = f"e.state = 'published' AND ({' OR '.join(f'({soon})' for soon in _DATES.values())})"


def _by(days: int) -> dict[str, Any]:
    """What is due within so many days from now."""
    ahead = timedelta(days=days)
    return {"last_day": str(today() + ahead), "checked_before": now() + ahead - CHECK_EVERY}


async def _count_due(chosen: Chosen, days: int) -> int:
    rows = await fetch(
        f"SELECT COUNT(*) AS n {_FROM} WHERE {chosen.condition} AND {_DUE}",
        {**chosen.given, **_by(days)},
    )
    return int(rows[0]["n"])


async def list_in_check(
    viewer: Viewer, chosen: Chosen, *, kind: str = "", page: int | None = None
) -> tuple[CheckLine, ...]:
    """Entries in check, urgent ones before others, those that wait longest first: all of them, or those of one page.

    With `kind` those that are there for this cause, among others or alone.
    """
    demand_editor(viewer)
    cut = "" if page is None else f"LIMIT {PER_PAGE} OFFSET {(page - 1) * PER_PAGE}"
    rows = await fetch(
        f"""WITH wanted AS (SELECT x.entry_id, MIN(x.raised_at) AS since,
          MAX(CASE WHEN x.kind IN (:urgent) THEN 1 ELSE 0 END) AS urgent
          {_open_causes(viewer, chosen)} GROUP BY x.entry_id
          HAVING :kind = '' OR COUNT(CASE WHEN x.kind = :kind THEN 1 END) > 0
          ORDER BY urgent DESC, since, x.entry_id {cut})
        SELECT DISTINCT e.id, e.published_question AS question, e.published_language AS language,
        c.name AS category, e.checked_at, x.kind, w.since, w.urgent
        {_open_causes(viewer, chosen, "JOIN wanted w ON w.entry_id = e.id")}
        ORDER BY w.urgent DESC, w.since, e.id, x.kind""",
        {**chosen.given, "kind": kind, "urgent": sorted(URGENT)},
    )
    return tuple(_line(list(group)) for _id, group in groupby(rows, key=itemgetter("id")))


async def count_in_check(viewer: Viewer, chosen: Chosen, *, kind: str = "") -> int:
    """How many entries `list_in_check` has on all pages together."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT COUNT(DISTINCT x.entry_id) AS n {_open_causes(viewer, chosen)}
        AND (:kind = '' OR x.kind = :kind)""",
        {**chosen.given, "kind": kind},
    )
    return int(rows[0]["n"])


def _line(rows: Sequence[Mapping[str, Any]]) -> CheckLine:
    """One entry, from a row for each kind of cause."""
    first = rows[0]
    return CheckLine(
        id=first["id"],
        question=first["question"],
        language=first["language"],
        category=first["category"],
        kinds=tuple(row["kind"] for row in rows),
        since=as_known_time(first["since"]),
        checked_at=as_known_time(first["checked_at"]),
    )


async def list_next(viewer: Viewer, chosen: Chosen) -> tuple[NextLine, ...]:
    """Entries whose date comes within 90 days, the nearest first."""
    demand_editor(viewer)
    lines: dict[int, NextLine] = {}
    for column, soon in _DATES.items():
        rows = await fetch(
            f"""SELECT e.id, e.published_question AS question, e.published_language AS language, e.checked_at,
            e.published_valid_until AS valid_until {_FROM} WHERE {chosen.condition} AND e.state = 'published'
            AND {soon} ORDER BY {column}, e.id LIMIT {MOST_NEXT}""",
            {**chosen.given, **_by(LATER)},
        )
        lines |= {row["id"]: _next(row) for row in rows}
    return tuple(sorted(lines.values(), key=lambda line: (line.due, line.question)))[:MOST_NEXT]


def _next(row: Mapping[str, Any]) -> NextLine:
    unchecked = local_time(as_known_time(row["checked_at"]) + CHECK_EVERY).date()
    expired = date.fromisoformat(row["valid_until"]) + timedelta(days=1) if row["valid_until"] else None
    is_expiry = expired is not None and expired <= unchecked
    return NextLine(
        id=row["id"],
        question=row["question"],
        language=row["language"],
        due=expired if expired is not None and is_expiry else unchecked,
        kind=CauseKind.EXPIRED if is_expiry else CauseKind.UNCHECKED,
    )

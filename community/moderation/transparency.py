"""Figures for the yearly report (Digital Services Act, Art. 15): sums of dated decisions, of nobody in particular."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from community.core.clock import now
from community.core.db import Row, as_time, fetch
from community.moderation.notice_rules import DEALT_WITH_WITHIN


@dataclass(frozen=True, slots=True)
class NoticeFigures:
    kind: str
    received: int
    upheld: int
    """As they stand now, after objections."""
    dismissed: int
    open: int
    from_outside: int
    median: timedelta | None
    """From when it was known until it was decided, of what was decided in the year."""


@dataclass(frozen=True, slots=True)
class MeasureFigures:
    act: str
    ground: str
    count: int
    prompted: int
    found_by_program: int
    """A rule had held it, and a person decided."""
    automated: int
    lifted: int
    """By staff. What its author has mended, and was published then, was refused rightly before."""


@dataclass(frozen=True, slots=True)
class AppealFigures:
    by_notifier: bool
    filed: int
    granted: int
    rejected: int
    open: int
    """Beside these, some are settled before anybody decides."""


@dataclass(frozen=True, slots=True)
class ObjectionFigures:
    """Objections of those whom a measure restricts."""

    act: str
    filed: int
    granted: int
    rejected: int
    open: int
    """Beside these, some are settled before anybody decides."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took, of what was decided in the year."""

    decided: int
    median: timedelta | None
    ninth_tenth: timedelta | None
    """Nine of ten took no longer."""
    late: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    year: int
    notices: tuple[NoticeFigures, ...]
    notice_times: Times
    measures: tuple[MeasureFigures, ...]
    appeals: tuple[AppealFigures, ...]
    objections: tuple[ObjectionFigures, ...]
    appeal_times: Times


async def list_years() -> tuple[int, ...]:
    """The years of which there are figures, the newest first."""
    rows = await fetch(
        """SELECT MIN(first) AS first FROM (SELECT MIN(knew_at) AS first FROM notices
        UNION ALL SELECT MIN(at) FROM statements) AS firsts"""
    )
    first = as_time(rows[0]["first"])
    this_year = now().year
    return tuple(range(this_year, (first.year if first else this_year) - 1, -1))


async def get_year(year: int) -> YearFigures:
    """The year is that of UTC."""
    given = {"from": datetime(year, 1, 1, tzinfo=UTC), "to": datetime(year + 1, 1, 1, tzinfo=UTC)}
    notices = await fetch(
        """SELECT kind, COUNT(*) AS received, COUNT(CASE WHEN state = 'upheld' THEN 1 END) AS upheld,
        COUNT(CASE WHEN state = 'dismissed' THEN 1 END) AS dismissed,
        COUNT(CASE WHEN state = 'open' THEN 1 END) AS open,
        COUNT(CASE WHEN is_from_outside THEN 1 END) AS from_outside
        FROM notices WHERE knew_at >= :from AND knew_at < :to GROUP BY kind ORDER BY kind""",
        given,
    )
    measures = await fetch(
        """SELECT act, ground, COUNT(*) AS count, COUNT(CASE WHEN is_prompted THEN 1 END) AS prompted,
        COUNT(CASE WHEN is_found_by_program THEN 1 END) AS found_by_program,
        COUNT(CASE WHEN is_automated THEN 1 END) AS automated, COUNT(CASE WHEN lifted_at IS NOT NULL
        AND (act <> 'refuse_text' OR EXISTS (SELECT 1 FROM appeals a
          WHERE a.statement_id = statements.id AND a.state = 'granted')) THEN 1 END) AS lifted
        FROM statements WHERE at >= :from AND at < :to GROUP BY act, ground ORDER BY act, ground""",
        given,
    )
    appeals = await fetch(
        """SELECT CASE WHEN notice_id IS NULL THEN 0 ELSE 1 END AS by_notifier, COUNT(*) AS filed,
        COUNT(CASE WHEN state = 'granted' THEN 1 END) AS granted,
        COUNT(CASE WHEN state = 'rejected' THEN 1 END) AS rejected, COUNT(CASE WHEN state = 'open' THEN 1 END) AS open
        FROM appeals WHERE filed_at >= :from AND filed_at < :to
        GROUP BY CASE WHEN notice_id IS NULL THEN 0 ELSE 1 END ORDER BY 1""",
        given,
    )
    objections = await fetch(
        """SELECT s.act, COUNT(*) AS filed, COUNT(CASE WHEN a.state = 'granted' THEN 1 END) AS granted,
        COUNT(CASE WHEN a.state = 'rejected' THEN 1 END) AS rejected,
        COUNT(CASE WHEN a.state = 'open' THEN 1 END) AS open
        FROM appeals a JOIN statements s ON s.id = a.statement_id
        WHERE a.filed_at >= :from AND a.filed_at < :to GROUP BY s.act ORDER BY s.act""",
        given,
    )
    return YearFigures(
        year=year,
        notices=_notice_figures(notices, await _medians(given)),
        notice_times=await _times("notices", "knew_at", "dealt_at", given),
        measures=tuple(MeasureFigures(**row) for row in measures),
        appeals=tuple(
            AppealFigures(**{**dict(row), "by_notifier": bool(row["by_notifier"])}) for row in appeals
        ),
        objections=tuple(ObjectionFigures(**row) for row in objections),
        appeal_times=await _times("appeals", "filed_at", "decided_at", given),
    )


def _notice_figures(
    received: Sequence[Row], medians: Mapping[str, timedelta | None]
) -> tuple[NoticeFigures, ...]:
    """Also of kinds of which one was decided in the year and none received."""
    found = {row["kind"]: dict(row) for row in received}
    nothing = dict.fromkeys(("received", "upheld", "dismissed", "open", "from_outside"), 0)
    return tuple(
        NoticeFigures(**found.get(kind, {"kind": kind, **nothing}), median=medians.get(kind))
        for kind in sorted({*found, *medians})
    )


async def _medians(given: dict[str, datetime]) -> dict[str, timedelta | None]:
    """Of each kind of notice."""
    rows = await fetch(
        "SELECT kind, knew_at, dealt_at FROM notices WHERE dealt_at >= :from AND dealt_at < :to", given
    )
    took: dict[str, list[timedelta]] = {}
    for row in rows:
        began, ended = as_time(row["knew_at"]), as_time(row["dealt_at"])
        if began and ended:
            took.setdefault(row["kind"], []).append(ended - began)
    return {kind: _median(times) for kind, times in took.items()}


async def _times(table: str, began: str, ended: str, given: dict[str, datetime]) -> Times:
    rows = await fetch(
        f"SELECT {began} AS began, {ended} AS ended FROM {table} WHERE {ended} >= :from AND {ended} < :to",  # noqa: S608
        given,
    )
    took = sorted(
        end - begin for row in rows if (begin := as_time(row["began"])) and (end := as_time(row["ended"]))
    )
    return Times(len(took), _median(took), _ninth_tenth(took), sum(each > DEALT_WITH_WITHIN for each in took))


def _median(took: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in took)) if took else None


def _ninth_tenth(took: Sequence[timedelta]) -> timedelta | None:
    """The smallest time that nine of ten did not exceed."""
    return took[-(-len(took) * 9 // 10) - 1] if took else None

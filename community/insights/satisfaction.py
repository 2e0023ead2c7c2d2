"""How satisfied askers are with solutions: means of periods, and lines without whoever wrote them.

An answer counts for the period in which it was given, as it stood at the end of that period: a question opened again
later changes no past figure, and shows beside it as withdrawn since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from community.core.db import fetch

FEWEST = 5
"""Below this many answers no mean and no line is shown: few answers point at few people."""
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class SatisfactionFigure:
    """The answers of one period."""

    answers: int = 0
    total: int = 0
    withdrawn_since: int = 0
    """Of the answers, those that count no more because the question was opened again after the period."""

    @property
    def is_enough(self) -> bool:
        return self.answers >= FEWEST

    @property
    def mean(self) -> float | None:
        """From 1 to 5; None if there are too few answers to say."""
        return self.total / self.answers if self.is_enough else None


@dataclass(frozen=True, slots=True)
class SatisfactionNote:
    rating: int
    note: str


_COUNTED = (
    """answered_at >= :first AND answered_at < :after AND (withdrawn_at IS NULL OR withdrawn_at >= :after)"""
)


def _between(first: date, last: date) -> dict[str, Any]:
    return {
        "first": datetime.combine(first, time(), UTC),
        "after": datetime.combine(last + timedelta(days=1), time(), UTC),
    }


async def get_satisfaction(first: date, last: date) -> SatisfactionFigure:
    """The figure of the days (UTC) from `first` to `last`."""
    rows = await fetch(
        f"""SELECT COUNT(*) AS answers, SUM(rating) AS total,
        SUM(CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END) AS withdrawn FROM satisfactions WHERE {_COUNTED}""",  # noqa: S608 - constants
        _between(first, last),
    )
    row = rows[0]
    return SatisfactionFigure(int(row["answers"]), int(row["total"] or 0), int(row["withdrawn"] or 0))


async def list_satisfaction_notes(first: date, last: date) -> tuple[SatisfactionNote, ...]:
    """The lines of a period in an order that tells nothing; none where there are too few answers."""
    if not (await get_satisfaction(first, last)).is_enough:
        return ()
    rows = await fetch(
        f"""SELECT rating, note FROM satisfactions WHERE {_COUNTED} AND note <> '' AND withdrawn_at IS NULL
        ORDER BY rating, note LIMIT {MOST_NOTES}""",  # noqa: S608 - constants
        _between(first, last),
    )
    return tuple(SatisfactionNote(row["rating"], row["note"]) for row in rows)


def months(last: date, count: int) -> list[tuple[date, date]]:
    """First and last day of the `count` months that end with the one of `last`, oldest first."""
    found, first = [], last.replace(day=1)
    for _month in range(count):
        after = (first + timedelta(days=32)).replace(day=1)
        found.append((first, after - timedelta(days=1)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]

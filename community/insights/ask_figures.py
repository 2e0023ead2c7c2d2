"""What came of ask sessions: sums by day, bounded by the days asked for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

from community.core.clock import now
from community.core.db import Row, as_time, fetch
from community.insights.ask_sessions import LONGEST, day_of


@dataclass(frozen=True, slots=True)
class AskFigures:
    """Ask sessions of a period, by what came of them."""

    sessions: int = 0
    shown: int = 0
    opened: int = 0
    none_helped: int = 0
    solved: int = 0
    left_after_opening: int = 0
    asked: int = 0
    running: int = 0
    """Began less than 24 hours ago and has not ended yet."""

    @property
    def left(self) -> int:
        """Ended without a question and without help that we know of."""
        return self.sessions - self.solved - self.left_after_opening - self.asked - self.running

    def __add__(self, other: AskFigures) -> AskFigures:
        return AskFigures(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )


@dataclass(frozen=True, slots=True)
class HelpfulSuggestion:
    """What one suggestion did in a period."""

    key: str
    opened: int
    solved: int


async def list_ask_days(first: date, last: date) -> dict[str, AskFigures]:
    """The figures of each day with any session, from `first` to `last`: totals and the sessions not yet in them."""
    between = {"first": first.isoformat(), "last": last.isoformat()}
    rows = await fetch(
        """SELECT day, session_count AS sessions, shown_count AS shown, opened_count AS opened,
        none_helped_count AS none_helped, solved_count AS solved,
        left_after_opening_count AS left_after_opening, asked_count AS asked
        FROM ask_days WHERE day BETWEEN :first AND :last ORDER BY day""",
        between,
    )
    days = {row["day"]: AskFigures(**_counts(row, "day")) for row in rows}
    for day, figures in await _recent():
        if between["first"] <= day <= between["last"]:
            days[day] = days.get(day, AskFigures()) + figures
    return dict(sorted(days.items()))


async def _recent() -> list[tuple[str, AskFigures]]:
    """The sessions of the last two days by the hour they began in."""
    rows = await fetch(
        """SELECT started_at, COUNT(*) AS sessions,
        SUM(CASE WHEN shown_at IS NOT NULL THEN 1 ELSE 0 END) AS shown,
        SUM(CASE WHEN opened_at IS NOT NULL THEN 1 ELSE 0 END) AS opened,
        SUM(CASE WHEN none_helped_at IS NOT NULL THEN 1 ELSE 0 END) AS none_helped,
        SUM(CASE WHEN solved_at IS NOT NULL AND asked_at IS NULL THEN 1 ELSE 0 END) AS solved,
        SUM(CASE WHEN asked_at IS NOT NULL THEN 1 ELSE 0 END) AS asked,
        SUM(CASE WHEN solved_at IS NULL AND asked_at IS NULL THEN 1 ELSE 0 END) AS silent,
        SUM(CASE WHEN solved_at IS NULL AND asked_at IS NULL AND none_helped_at IS NULL
            AND opened_at IS NOT NULL THEN 1 ELSE 0 END) AS silent_after_opening
        FROM ask_sessions GROUP BY started_at"""
    )
    found = []
    for row in rows:
        counts = _counts(row, "started_at")
        silent, after_opening = counts.pop("silent"), counts.pop("silent_after_opening")
        started_at = as_time(row["started_at"])
        assert started_at is not None  # noqa: S101 - never empty
        is_known = now() - started_at >= LONGEST
        counts["left_after_opening"] = after_opening if is_known else 0
        counts["running"] = 0 if is_known else silent
        found.append((day_of(started_at), AskFigures(**counts)))
    return found


def _counts(row: Row, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in dict(row).items() if name != key}


async def list_helpful_suggestions(first: date, last: date, size: int = 50) -> tuple[HelpfulSuggestion, ...]:
    """Suggestions that have solved something in these days, those that did so most often first."""
    rows = await fetch(
        """SELECT key, SUM(opened_count) AS opened, SUM(solved_count) AS solved FROM suggestion_days
        WHERE day BETWEEN :first AND :last GROUP BY key HAVING SUM(solved_count) > 0
        ORDER BY SUM(solved_count) DESC, SUM(opened_count) DESC, key LIMIT :size""",
        {"first": first.isoformat(), "last": last.isoformat(), "size": size},
    )
    return tuple(HelpfulSuggestion(row["key"], int(row["opened"]), int(row["solved"])) for row in rows)


def period(days: int, *, before: int = 0) -> tuple[date, date]:
    """First and last day (UTC) of the last `days` days, today included, or of as many days `before` times earlier."""
    last = now().date() - timedelta(days=days * before)
    return last - timedelta(days=days - 1), last

"""Which rules would hold what a member sends next, and why: so that staff understand what happens to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.core.viewer import Viewer
from community.waiting.holding_rules import RuleKind, Situation, find_hits
from community.waiting.rules import RuleRow, list_rules, situation_of


class Outlook(StrEnum):
    HOLDS = "holds"
    """Whatever the next text says."""
    DEPENDS = "depends"
    """On what the next text says."""
    PASSES = "passes"
    """Not as it is now; with more texts in a short time it can hold again."""
    OVER = "over"
    """It does not look at this member any more."""


@dataclass(frozen=True, slots=True)
class Forecast:
    row: RuleRow
    outlook: Outlook
    count: int
    """Published texts, or texts sent within the minutes of the rule; no further than the rule counts."""
    ends_at: datetime | None
    """When a rule about the first days stops looking at them; None before their first text, and for other rules."""


async def foresee(member_id: int, viewer: Viewer) -> list[Forecast]:
    """Of the rules that are on, in spaces that this moderator reads. Nothing is counted as a hit."""
    rows = [row for row in await list_rules(viewer) if row.is_on]
    situation = await situation_of(member_id, "", rows)
    return [_forecast(row, situation) for row in rows]


def _forecast(row: RuleRow, situation: Situation) -> Forecast:
    rule = row.rule
    if rule.kind == RuleKind.WORDS:
        return Forecast(row, Outlook.DEPENDS, 0, None)
    if rule.kind == RuleKind.LINKS:
        is_over = situation.published_before >= rule.posts
        count = min(situation.published_before, rule.posts)
        return Forecast(row, Outlook.OVER if is_over else Outlook.DEPENDS, count, None)
    first = situation.first_at
    ends_at = first + timedelta(days=rule.days) if first else None
    count = _count(situation.recent, situation.at - timedelta(minutes=rule.minutes))
    if find_hits(rule, situation) is not None:
        return Forecast(row, Outlook.HOLDS, count, ends_at)
    is_over = ends_at is not None and ends_at < situation.at
    return Forecast(row, Outlook.OVER if is_over else Outlook.PASSES, count, ends_at)


def _count(moments: Sequence[datetime], since: datetime) -> int:
    return sum(moment >= since for moment in moments)

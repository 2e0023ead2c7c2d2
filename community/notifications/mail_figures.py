"""How many mails of what fate there were each day: sums, of nobody in particular."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from community.accounts.news_mails import Outcome
from community.core.clock import now
from community.core.db import execute, fetch, random_id
from community.notifications.rules import BY_MAIL, DEFAULTS, Channel, Topic

COUNTED = frozenset({Outcome.SENT, Outcome.FAILED})
UNSUBSCRIBED = "unsubscribed"
RETURNED = "returned"
"""Taken by the mail server, and reported back later because nobody is there."""


@dataclass(slots=True)
class Unwanted:
    """How many members have chosen so, for `shown_count`."""

    without_mail: Counter[Topic] = field(default_factory=Counter)
    """Only in the site, what comes by mail or in a digest by default."""
    off: Counter[Topic] = field(default_factory=Counter)
    """Not at all, what is told by default."""
    stopped: int = 0


async def count_mail(outcome: Outcome) -> None:
    """Called inside the transaction in which the mail ends, so that each counts once."""
    if outcome in COUNTED:
        await count(str(outcome))


async def count(figure: str) -> None:
    """One more, today (UTC)."""
    await execute(
        """INSERT INTO mail_figures (id, day, figure, count) VALUES (:id, :day, :figure, 1)
        ON CONFLICT (day, figure) DO UPDATE SET count = mail_figures.count + 1""",
        {"id": random_id(), "day": now().date().isoformat(), "figure": figure},
    )


async def sum_figures(first: date, last: date) -> dict[str, int]:
    """Each figure over these days."""
    rows = await fetch(
        """SELECT figure, SUM(count) AS total FROM mail_figures WHERE day BETWEEN :first AND :last
        GROUP BY figure""",
        {"first": first.isoformat(), "last": last.isoformat()},
    )
    return {row["figure"]: int(row["total"]) for row in rows}


async def count_unwanted() -> Unwanted:
    """What members want less of than those who have chosen nothing."""
    unwanted = Unwanted()
    rows = await fetch(
        """SELECT topic, channel, COUNT(*) AS n FROM notification_choices WHERE channel IN ('site', 'none')
        GROUP BY topic, channel"""
    )
    for row in rows:
        if row["topic"] in set(Topic):
            topic, channel = Topic(row["topic"]), Channel(row["channel"])
            usual = DEFAULTS.get(topic, Channel.SITE)
            if channel is Channel.NONE and usual is not Channel.NONE:
                unwanted.off[topic] = row["n"]
            elif channel is Channel.SITE and usual in BY_MAIL:
                unwanted.without_mail[topic] = row["n"]
    stopped = await fetch("SELECT COUNT(*) AS n FROM mail_wishes WHERE stopped_at IS NOT NULL")
    unwanted.stopped = stopped[0]["n"]
    return unwanted

"""How many mails of what fate there were each day: sums, of nobody in particular."""

from __future__ import annotations

from datetime import date

from community.accounts.news_mails import Outcome
from community.core.clock import now
from community.core.db import execute, fetch, random_id

COUNTED = frozenset({Outcome.SENT, Outcome.FAILED})
UNSUBSCRIBED = "unsubscribed"


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

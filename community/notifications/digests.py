"""Digests: once a day or a week, what is unread and, for those who ask for it, what was worth reading."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.core.clock import now
from community.core.db import execute, random_id
from community.notifications.mail_wishes import ZONE, at_hour
from community.notifications.rules import Channel

DIGEST_HOUR = 7
"""Of the site's time zone: read at the beginning of the working day."""


async def plan_digest(member_id: int, rhythm: Channel) -> None:
    """Something waits for the member's next digest of this rhythm; one that is planned stays as it is."""
    await execute(
        """INSERT INTO digests (id, member_id, rhythm, due_at) VALUES (:id, :me, :rhythm, :due_at)
        ON CONFLICT (member_id, rhythm) DO UPDATE SET due_at = COALESCE(digests.due_at, excluded.due_at)""",
        {"id": random_id(), "me": member_id, "rhythm": str(rhythm), "due_at": next_digest(rhythm, now())},
    )


def next_digest(rhythm: Channel, after: datetime) -> datetime:
    """The next morning, or that of the next Monday."""
    day = after.astimezone(ZONE).date()
    if rhythm is Channel.WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    due = at_hour(day, DIGEST_HOUR)
    step = timedelta(days=7 if rhythm is Channel.WEEKLY else 1)
    return due if due > after else at_hour(day + step, DIGEST_HOUR)

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.db import as_time, fetch
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    actor_name: str
    act: str
    subject: str
    reason: str


async def list_log(
    viewer: Viewer, *, subject: str = "", before: int | None = None, size: int = 50
) -> list[LogLine]:
    """The moderation log, newest first; for moderators only (the route sees to that)."""
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    rows = await fetch(
        f"""SELECT at, actor_name, act, subject, reason FROM moderation_log
        WHERE {"subject = :subject" if subject else "1 = 1"} AND id < :before
        ORDER BY id DESC LIMIT :size""",  # noqa: S608 - constants
        {"subject": subject, "before": before or 2**62, "size": size},
    )
    return [LogLine(**{**dict(row), "at": as_time(row["at"])}) for row in rows]

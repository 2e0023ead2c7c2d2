from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_json, as_time, fetch, fetch_one
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class LogLine:
    id: int
    """Rises with time; the next part of the log is asked for with the last one as `before`."""
    at: datetime
    actor_id: int | None
    """Empty where no person of staff acted."""
    actor_name: str
    """Empty for a former member."""
    act: str
    subject: str
    reason: str
    details: Mapping[str, Any]


async def list_log(
    viewer: Viewer, *, subject: str = "", before: int | None = None, size: int = 50
) -> list[LogLine]:
    """The moderation log, newest first; for moderators only (the route sees to that)."""
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    rows = await fetch(
        f"""SELECT id, at, actor_id, actor_name, act, subject, reason, details FROM moderation_log
        WHERE {"subject = :subject" if subject else "1 = 1"} AND id < :before
        ORDER BY id DESC LIMIT :size""",  # noqa: S608 - constants
        {"subject": subject, "before": before or 2**62, "size": size},
    )
    return [
        LogLine(**{**dict(row), "at": as_time(row["at"]), "details": as_json(row["details"])}) for row in rows
    ]


async def find_last_actor(subject: str, act: str) -> int | None:
    """The member who did this to it last; None where nobody has."""
    row = await fetch_one(
        "SELECT actor_id FROM moderation_log WHERE subject = :subject AND act = :act ORDER BY id DESC LIMIT 1",
        {"subject": subject, "act": act},
    )
    return row["actor_id"] if row else None

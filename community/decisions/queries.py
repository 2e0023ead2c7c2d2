from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import Row, as_json, as_time, fetch, fetch_one
from community.core.errors import NotFound
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
    space_id: int | None = None


async def list_log(
    viewer: Viewer, *, subject: str = "", before: int | None = None, size: int = 50
) -> list[LogLine]:
    """The moderation log, newest first; for moderators only (the route sees to that)."""
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    rows = await fetch(
        f"""SELECT id, at, actor_id, actor_name, act, subject, reason, details, space_id FROM moderation_log
        WHERE {"subject = :subject" if subject else "1 = 1"} AND id < :before
        ORDER BY id DESC LIMIT :size""",  # noqa: S608 - constants
        {"subject": subject, "before": before or 2**62, "size": size},
    )
    return [_line(row) for row in rows]


def _line(row: Row) -> LogLine:
    return LogLine(**{**dict(row), "at": as_time(row["at"]), "details": as_json(row["details"])})


async def get_entry(entry_id: int) -> LogLine:
    """One entry, whoever asks: what may be shown of it, and to whom, the caller decides."""
    row = await fetch_one(
        """SELECT id, at, actor_id, actor_name, act, subject, reason, details, space_id FROM moderation_log
        WHERE id = :id""",
        {"id": entry_id},
    )
    if row is None:
        raise NotFound
    return _line(row)


async def list_entries(subjects: Collection[str], acts: Collection[str], *, after: int = 0) -> list[LogLine]:
    """What was done to these subjects by these acts after entry `after`, newest first."""
    rows = await fetch(
        """SELECT id, at, actor_id, actor_name, act, subject, reason, details, space_id FROM moderation_log
        WHERE subject IN (:subjects) AND act IN (:acts) AND id > :after ORDER BY id DESC LIMIT 500""",
        {"subjects": sorted(subjects), "acts": sorted(acts), "after": after},
    )
    return [_line(row) for row in rows]


async def find_last_actor(subject: str, act: str) -> int | None:
    """The member who did this to it last; None where nobody has."""
    row = await fetch_one(
        "SELECT actor_id FROM moderation_log WHERE subject = :subject AND act = :act ORDER BY id DESC LIMIT 1",
        {"subject": subject, "act": act},
    )
    return row["actor_id"] if row else None

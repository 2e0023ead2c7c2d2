"""Releases that take effect later, as rows. What makes them and carries them out is `scheduling`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_known_time, execute_returning, fetch, fetch_one
from community.core.viewer import Viewer
from community.decisions.actions import log


@dataclass(frozen=True, slots=True)
class Schedule:
    """When which version is to be released, and by whose yes."""

    entry_id: int
    version: int
    due_at: datetime
    releaser: str
    """Empty for a former member."""
    has_failed: bool
    """It should have taken effect and could not."""


async def is_scheduled(entry_id: int) -> bool:
    """Whether the version in work is released by itself, so that it waits for nobody."""
    row = await fetch_one(
        "SELECT 1 AS found FROM faq_schedules WHERE entry_id = :id AND failed_at IS NULL", {"id": entry_id}
    )
    return row is not None


async def list_schedules(entry_ids: Collection[int]) -> dict[int, Schedule]:
    """By the id of the entry. For those who edit the FAQ."""
    rows = await fetch(
        """SELECT s.entry_id, s.version, s.due_at, s.failed_at,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname, '') AS releaser
        FROM faq_schedules s LEFT JOIN members m ON m.id = s.released_by AND m.erased_at IS NULL
        WHERE s.entry_id IN (:ids)""",
        {"ids": sorted(entry_ids)},
    )
    return {row["entry_id"]: _schedule(row) for row in rows}


async def drop_schedule(entry_id: int, *, by: Viewer | None = None) -> int | None:
    """In the transaction of what happens to the entry, which is locked; who had released it for later, if anybody.

    `by` is whose act takes the release back, for the log; without one the release itself does.
    """
    dropped = await execute_returning(
        "DELETE FROM faq_schedules WHERE entry_id = :id RETURNING released_by", {"id": entry_id}
    )
    if dropped and by is not None:
        await log("faq.unscheduled", f"faq:{entry_id}", by=by, reason="")
    return int(dropped[0]["released_by"]) if dropped else None


def _schedule(row: Mapping[str, Any]) -> Schedule:
    return Schedule(
        entry_id=row["entry_id"],
        version=row["version"],
        due_at=as_known_time(row["due_at"]),
        releaser=row["releaser"],
        has_failed=row["failed_at"] is not None,
    )

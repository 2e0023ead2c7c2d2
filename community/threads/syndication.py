"""What feeds and sitemaps read about threads: many at once, as seen by the viewer they are given (always a guest)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from community.core.db import Row, as_time, fetch
from community.core.viewer import Viewer
from community.threads.permissions import visible_in_spaces


@dataclass(frozen=True, slots=True)
class DayOfThreads:
    """The threads started on one day (in UTC)."""

    day: date
    count: int
    changed_at: datetime
    """The last answer, comment or edit in one of them."""


@dataclass(frozen=True, slots=True)
class ThreadAddress:
    id: int
    slug: str
    changed_at: datetime
    """The last answer, comment or edit; kudos and the like are no change of the text."""


@dataclass(frozen=True, slots=True)
class OpeningText:
    html: str
    edited_at: datetime | None


_DAY = {
    "sqlite": "substr(t.created_at, 1, 10)",
    "postgresql": "to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}


async def count_by_day(viewer: Viewer) -> list[DayOfThreads]:
    """All days on which threads were started, the oldest first. Looks at every thread, so callers keep the result."""
    visible = visible_in_spaces(viewer)
    rows = await fetch(
        {
            dialect: f"""SELECT {day} AS day, COUNT(*) AS n, MAX(t.last_activity_at) AS changed_at
            FROM threads t WHERE {visible} GROUP BY 1 ORDER BY 1"""  # noqa: S608 - constants and ids of ours
            for dialect, day in _DAY.items()
        }
    )
    # Edits are far fewer than posts, so they are found by their revisions.
    edits = await fetch(
        {
            dialect: f"""SELECT {day} AS day, MAX(r.replaced_at) AS changed_at FROM revisions r
            JOIN posts p ON p.id = r.post_id JOIN threads t ON t.id = p.thread_id
            WHERE p.hidden_at IS NULL AND {visible} GROUP BY 1"""  # noqa: S608 - constants and ids of ours
            for dialect, day in _DAY.items()
        }
    )
    edited = {row["day"]: _time(row, "changed_at") for row in edits}
    days = []
    for row in rows:
        changed_at = _time(row, "changed_at")
        days.append(
            DayOfThreads(
                day=date.fromisoformat(row["day"]),
                count=row["n"],
                changed_at=max(changed_at, edited.get(row["day"], changed_at)),
            )
        )
    return days


async def list_addresses(
    viewer: Viewer, *, since: datetime, until: datetime, size: int, skip: int = 0
) -> list[ThreadAddress]:
    """Threads started from `since` on and before `until`, the oldest first."""
    rows = await fetch(
        # Without the word MATERIALIZED, SQLite walks through all threads of the spaces instead of those of the time.
        f"""WITH started AS MATERIALIZED (
          SELECT id, slug, space_id, hidden_at, created_at, last_activity_at FROM threads
          WHERE created_at >= :since AND created_at < :until)
        SELECT t.id, t.slug, t.last_activity_at,
        (SELECT MAX(p.edited_at) FROM posts p WHERE p.thread_id = t.id AND p.hidden_at IS NULL) AS edited_at
        FROM started t WHERE {visible_in_spaces(viewer)} ORDER BY t.created_at, t.id LIMIT :size OFFSET :skip""",  # noqa: S608
        {"since": since, "until": until, "size": size, "skip": skip},
    )
    return [
        ThreadAddress(
            id=row["id"],
            slug=row["slug"],
            changed_at=max(
                _time(row, "last_activity_at"), as_time(row["edited_at"]) or _time(row, "last_activity_at")
            ),
        )
        for row in rows
    ]


async def list_opening_texts(viewer: Viewer, thread_ids: Sequence[int]) -> dict[int, OpeningText]:
    """What stands first in each of these threads that the viewer may see."""
    rows = await fetch(
        f"""SELECT t.id, p.body_html, p.edited_at FROM threads t
        JOIN posts p ON p.thread_id = t.id AND p.kind = 'opening' AND p.hidden_at IS NULL
        WHERE t.id IN (:ids) AND {visible_in_spaces(viewer)}""",  # noqa: S608 - ids of ours
        {"ids": list(thread_ids)},
    )
    return {row["id"]: OpeningText(row["body_html"], as_time(row["edited_at"])) for row in rows}


def _time(row: Row, column: str) -> datetime:
    moment = as_time(row[column])
    assert moment is not None  # noqa: S101 - a column that is never empty
    return moment

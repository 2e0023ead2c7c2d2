"""Appeals as those who made them and those who decide about them see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_time, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.moderation.appeals import find_involved
from community.moderation.permissions import can_see_queue

CHOICES = ("open", "decided")
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class AppealRow:
    id: int
    statement_id: int | None
    notice_id: int | None
    reference: str
    """Of the notice; empty where whoever is restricted appeals."""
    subject: str
    act: str
    text: str
    state: str
    reason: str
    filed_at: datetime
    decided_at: datetime | None


_APPEALS = """SELECT a.id, a.statement_id, a.notice_id, a.text, a.state, a.reason, a.filed_at, a.decided_at,
COALESCE(n.reference, '') AS reference, COALESCE(s.subject, n.subject, '') AS subject, COALESCE(s.act, '') AS act
FROM appeals a LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
LEFT JOIN flags f ON f.id = n.flag_id LEFT JOIN posts p ON p.id = f.post_id"""

# As with notices: what somebody says about a moderator's own post or nickname is not for that moderator, nor is their
# own objection.
_READABLE = """(COALESCE(s.space_id, n.space_id) IS NULL OR COALESCE(s.space_id, n.space_id) IN (:spaces))
AND (p.author_id IS NULL OR p.author_id <> :viewer) AND (s.member_id IS NULL OR s.member_id <> :viewer)
AND (n.id IS NULL OR n.subject <> :own)"""

_CONDITIONS = {
    "open": "a.state = 'open' ORDER BY a.filed_at, a.id",
    "decided": "a.state <> 'open' ORDER BY a.decided_at DESC, a.id",
}


async def list_appeals(viewer: Viewer, choice: str) -> list[AppealRow]:
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(
        f"{_APPEALS} WHERE {_READABLE} AND {_CONDITIONS[choice]} LIMIT {MOST_LISTED}",
        _given(viewer),
    )
    return [_row(row) for row in rows]


async def list_open_appeals(viewer: Viewer, appeal_ids: Sequence[int]) -> list[AppealRow]:
    """Of these the ones that wait for a decision, as far as this viewer may read them."""
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(
        f"{_APPEALS} WHERE {_READABLE} AND a.id IN (:ids) AND a.state = 'open'",
        {**_given(viewer), "ids": list(appeal_ids)},
    )
    return [_row(row) for row in rows]


def _given(viewer: Viewer) -> dict[str, Any]:
    return {"spaces": viewer.readable_space_ids, "viewer": viewer.id, "own": f"member:{viewer.id}"}


async def count_appeals(viewer: Viewer) -> dict[str, int]:
    rows = await fetch(
        f"""SELECT COUNT(CASE WHEN a.state = 'open' THEN 1 END) AS open_ones,
        COUNT(CASE WHEN a.state <> 'open' THEN 1 END) AS decided FROM appeals a
        LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
        LEFT JOIN flags f ON f.id = n.flag_id LEFT JOIN posts p ON p.id = f.post_id
        WHERE {_READABLE}""",  # noqa: S608 - a constant
        _given(viewer),
    )
    return {"open": rows[0]["open_ones"], "decided": rows[0]["decided"]}


async def get_appeal(appeal_id: int, viewer: Viewer) -> AppealRow:
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(f"{_APPEALS} WHERE {_READABLE} AND a.id = :id", {"id": appeal_id, **_given(viewer)})
    if not rows:
        raise NotFound
    return _row(rows[0])


async def may_decide(appeal: AppealRow, viewer: Viewer) -> bool:
    """Whether the viewer has had nothing to do with the matter."""
    about = {
        "id": appeal.id,
        "statement_id": appeal.statement_id,
        "notice_id": appeal.notice_id,
        "subject": appeal.subject,
    }
    return viewer.is_moderator and viewer.id not in await find_involved(about)


async def find_appeal_of_statement(statement_id: int) -> AppealRow | None:
    return await _find("a.statement_id = :id", statement_id)


async def find_appeal_of_notice(notice_id: int) -> AppealRow | None:
    return await _find("a.notice_id = :id", notice_id)


async def _find(condition: str, number: int) -> AppealRow | None:
    rows = await fetch(f"{_APPEALS} WHERE {condition}", {"id": number})
    return _row(rows[0]) if rows else None


def _row(row: Row) -> AppealRow:
    filed_at = as_time(row["filed_at"]) or now()
    return AppealRow(**{**dict(row), "filed_at": filed_at, "decided_at": as_time(row["decided_at"])})

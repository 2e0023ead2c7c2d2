"""Notices as their readers see them: whoever has reported, by a secret link or in the site; and moderators.

Moderators see what was reported and its reference, nobody's name or address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_time, fetch
from community.core.errors import NotFound
from community.core.vault_keys import token_hash
from community.core.viewer import Viewer
from community.moderation.notice_rules import DEALT_WITH_WITHIN, is_late
from community.moderation.permissions import can_see_queue

CHOICES = ("open", "decided", "late")
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: int
    reference: str
    subject: str
    url: str
    kind: str
    text: str
    state: str
    measure: str
    reason: str
    """Of the decision."""
    knew_at: datetime
    dealt_at: datetime | None
    is_late: bool
    post_id: int | None
    nonce: str


_NOTICES = """SELECT n.id, n.reference, n.subject, n.url, n.kind, n.text, n.state, n.measure, n.reason, n.knew_at,
n.dealt_at, n.nonce, f.post_id FROM notices n LEFT JOIN flags f ON f.id = n.flag_id
LEFT JOIN posts p ON p.id = f.post_id"""

# As in the queue: nobody decides about a thing of their own, and nobody learns who has reported it.
_OF_OTHERS = """(n.space_id IS NULL OR n.space_id IN (:spaces)) AND (p.author_id IS NULL OR p.author_id <> :viewer)
AND n.subject <> :own AND (n.reporter_id IS NULL OR n.reporter_id <> :viewer OR n.flag_id IS NOT NULL)"""

_CONDITIONS = {
    "open": "n.state = 'open' ORDER BY n.knew_at, n.id",
    "decided": "n.state <> 'open' ORDER BY n.dealt_at DESC, n.id",
    "late": """((n.state = 'open' AND n.knew_at < :late) OR n.dealt_late) ORDER BY n.knew_at DESC, n.id""",
}


def _given(viewer: Viewer) -> dict[str, Any]:
    return {
        "viewer": viewer.id,
        "spaces": viewer.readable_space_ids,
        "own": f"member:{viewer.id}",
        "late": now() - DEALT_WITH_WITHIN,
    }


async def list_notices(viewer: Viewer, choice: str) -> list[NoticeRow]:
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(
        f"{_NOTICES} WHERE {_OF_OTHERS} AND {_CONDITIONS[choice]} LIMIT {MOST_LISTED}", _given(viewer)
    )
    return [_row(row) for row in rows]


async def list_open_notices(viewer: Viewer, notice_ids: Sequence[int]) -> list[NoticeRow]:
    """Of these the ones that wait for a decision, as far as this viewer may decide about them."""
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(
        f"{_NOTICES} WHERE {_OF_OTHERS} AND n.id IN (:ids) AND n.state = 'open'",
        {**_given(viewer), "ids": list(notice_ids)},
    )
    return [_row(row) for row in rows]


async def count_notices(viewer: Viewer) -> dict[str, int]:
    """How many notices each choice of `CHOICES` holds."""
    rows = await fetch(
        f"""SELECT COUNT(CASE WHEN state = 'open' THEN 1 END) AS open_ones,
        COUNT(CASE WHEN state <> 'open' THEN 1 END) AS decided,
        COUNT(CASE WHEN (state = 'open' AND knew_at < :late) OR dealt_late THEN 1 END) AS late
        FROM (SELECT n.* FROM notices n LEFT JOIN flags f ON f.id = n.flag_id
        LEFT JOIN posts p ON p.id = f.post_id WHERE {_OF_OTHERS}) AS notices""",  # noqa: S608 - constants
        _given(viewer),
    )
    return {"open": rows[0]["open_ones"], "decided": rows[0]["decided"], "late": rows[0]["late"]}


async def get_notice(notice_id: int, viewer: Viewer) -> NoticeRow:
    """A notice that the viewer may decide about, or might have."""
    if not can_see_queue(viewer):
        raise NotFound
    return await _get(f"{_OF_OTHERS} AND n.id = :id", {**_given(viewer), "id": notice_id})


async def get_own_notice(notice_id: int, viewer: Viewer) -> NoticeRow:
    """A notice that the viewer has made as a member."""
    return await _get("n.id = :id AND n.reporter_id = :viewer", {"id": notice_id, "viewer": viewer.id})


async def get_notice_by_token(token: str) -> NoticeRow:
    """The notice whose status page has this secret in its address."""
    return await _get("n.token_hash = :hash", {"hash": token_hash(token)})


async def _get(condition: str, given: dict[str, Any]) -> NoticeRow:
    rows = await fetch(f"{_NOTICES} WHERE {condition}", given)
    if not rows:
        raise NotFound
    return _row(rows[0])


def _row(row: Row) -> NoticeRow:
    knew_at, dealt_at = as_time(row["knew_at"]), as_time(row["dealt_at"])
    assert knew_at is not None  # noqa: S101 - the column is never empty
    late = is_late(knew_at, dealt_at, now())
    return NoticeRow(**{**dict(row), "knew_at": knew_at, "dealt_at": dealt_at, "is_late": late})

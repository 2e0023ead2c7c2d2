"""Posts with their open flags as moderators see them. Nicknames only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import as_time, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.decisions import work
from community.moderation.permissions import can_see_queue, can_work_on
from community.moderation.rules import item_of
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

MOST_FLAGS = 200


@dataclass(frozen=True, slots=True)
class FlagRow:
    id: int
    reason: str
    note: str
    created_at: datetime
    reporter: str | None
    """Nickname, for moderators only; None for a former member, and for whoever has no account."""
    reference: str = ""
    """Of the notice that it is, where the law is said to be broken."""
    kind: str = ""
    """Of the notice."""
    is_from_outside: bool = False


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A post with its open flags."""

    post_id: int
    post_kind: str
    body_html: str
    created_at: datetime
    is_hidden: bool
    author_id: int | None
    author: AuthorRow | None
    upheld_before: int
    """Other posts under the same nickname about which flags were upheld."""
    thread_id: int
    thread_slug: str
    thread_title: str
    is_locked: bool
    space_id: int
    space_slug: str
    space_name: str
    holder_id: int | None
    """Who is on it; None where nobody is, or has not been for a while."""
    holder: str | None
    flags: tuple[FlagRow, ...] = ()


# Posts with open flags as far as the viewer may read them, without the viewer's own ones.
_ITEMS = f"""
SELECT p.id AS post_id, p.kind AS post_kind, p.body_html,
       p.created_at, p.author_id, CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END AS hidden_at,
       t.id AS thread_id, t.slug AS thread_slug, t.title AS thread_title, t.locked_at,
       s.id AS space_id, s.slug AS space_slug, s.name AS space_name,
       h.id AS holder_id, COALESCE(NULLIF(h.staff_name, ''), h.nickname) AS holder,
       (SELECT COUNT(DISTINCT f.post_id) FROM flags f JOIN posts o ON o.id = f.post_id
        WHERE o.author_id = p.author_id AND o.id <> p.id AND f.state = 'upheld') AS upheld_before,
       {AUTHOR_COLUMNS}
FROM work_items w JOIN posts p ON p.id = CAST(SUBSTR(w.subject, 6) AS BIGINT)
JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
LEFT JOIN members m ON m.id = p.author_id
LEFT JOIN members h ON h.id = w.claimed_by AND w.claimed_at >= :idle_since
WHERE t.space_id IN (:spaces) AND w.kind = 'flag' AND (w.not_for IS NULL OR w.not_for <> :viewer)
"""  # noqa: S608 - constants


def _given(viewer: Viewer) -> dict[str, Any]:
    return {"viewer": viewer.id, "spaces": viewer.readable_space_ids, "idle_since": now() - work.CLAIM_IDLE}


async def get_item(post_id: int, viewer: Viewer) -> QueueItem:
    """One item; `NotFound` where no flag is open, and for posts that are not the viewer's to decide about."""
    if not can_see_queue(viewer):
        raise NotFound
    rows = await fetch(f"{_ITEMS} AND w.subject = :subject", {**_given(viewer), "subject": item_of(post_id)})
    if not rows:
        raise NotFound
    item = _item(rows[0], await _flags_of([post_id]))
    if not can_work_on(viewer, item):
        raise NotFound
    return item


async def has_open_flag(post_id: int, viewer: Viewer) -> bool:
    """Whether the viewer has a flag on this post that waits for its decision."""
    rows = await fetch(
        "SELECT 1 FROM flags WHERE post_id = :post_id AND reporter_id = :viewer AND state = 'open'",
        {"post_id": post_id, "viewer": viewer.id},
    )
    return bool(rows)


async def _flags_of(post_ids: Sequence[int]) -> dict[int, tuple[FlagRow, ...]]:
    rows = await fetch(
        f"""SELECT f.id, f.post_id, f.reason, COALESCE(n.text, f.note) AS note, f.created_at,
        m.nickname AS reporter, COALESCE(n.reference, '') AS reference, COALESCE(n.kind, '') AS kind,
        CASE WHEN n.is_from_outside THEN 1 ELSE 0 END AS outside
        FROM flags f LEFT JOIN members m ON m.id = f.reporter_id AND m.erased_at IS NULL
        LEFT JOIN notices n ON n.flag_id = f.id
        WHERE f.post_id IN (:ids) AND f.state = 'open' ORDER BY f.created_at, f.id LIMIT {MOST_FLAGS}""",  # noqa: S608
        {"ids": list(post_ids)},
    )
    flags: dict[int, tuple[FlagRow, ...]] = {}
    for row in rows:
        flag = FlagRow(
            row["id"],
            row["reason"],
            row["note"],
            _moment(row["created_at"]),
            row["reporter"],
            row["reference"],
            row["kind"],
            bool(row["outside"]),
        )
        flags[row["post_id"]] = (*flags.get(row["post_id"], ()), flag)
    return flags


def _item(row: Mapping[str, Any], flags: Mapping[int, tuple[FlagRow, ...]]) -> QueueItem:
    return QueueItem(
        post_id=row["post_id"],
        post_kind=row["post_kind"],
        body_html=row["body_html"],
        created_at=_moment(row["created_at"]),
        is_hidden=row["hidden_at"] is not None,
        author_id=row["author_id"],
        author=author_of(row),
        upheld_before=row["upheld_before"],
        thread_id=row["thread_id"],
        thread_slug=row["thread_slug"],
        thread_title=row["thread_title"],
        is_locked=row["locked_at"] is not None,
        space_id=row["space_id"],
        space_slug=row["space_slug"],
        space_name=row["space_name"],
        holder_id=row["holder_id"],
        holder=row["holder"],
        flags=flags.get(row["post_id"], ()),
    )


def _moment(value: datetime | str) -> datetime:
    moment = as_time(value)
    assert moment is not None  # noqa: S101 - none of these columns is ever empty
    return moment


async def find_last_decider(post_id: int) -> str | None:
    """Who decided last about flags on this post, as staff are shown; None where nobody has."""
    rows = await fetch(
        """SELECT COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS name FROM flags f
        JOIN members m ON m.id = f.decided_by_id WHERE f.post_id = :id AND f.decided_at IS NOT NULL
        ORDER BY f.decided_at DESC LIMIT 1""",
        {"id": post_id},
    )
    return rows[0]["name"] if rows else None


async def is_decided(post_id: int, viewer: Viewer) -> bool:
    """Whether flags on this post were decided, for whoever might have decided about them."""
    rows = await fetch(
        """SELECT p.author_id, t.space_id FROM flags f JOIN posts p ON p.id = f.post_id
        JOIN threads t ON t.id = p.thread_id WHERE f.post_id = :id AND f.decided_at IS NOT NULL LIMIT 1""",
        {"id": post_id},
    )
    return any(row["author_id"] != viewer.id and viewer.may_read(row["space_id"]) for row in rows)


async def count_open_items() -> int:
    """Posts with open flags, whoever may decide about them: a figure for administrators."""
    rows = await fetch("SELECT COUNT(*) AS n FROM work_items WHERE kind = 'flag'")
    return int(rows[0]["n"])

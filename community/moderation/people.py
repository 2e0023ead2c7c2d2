"""What moderators see of one member beside the public page: what was flagged and hidden, and nothing of the vault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.db import as_time, fetch, fetch_one
from community.core.viewer import Viewer

MOST_FLAGGED = 50


@dataclass(frozen=True, slots=True)
class FlaggedPost:
    """A post about which flags were upheld."""

    post_id: int
    thread_title: str
    decided_at: datetime | None
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Conduct:
    """Figures about one nickname, counted in all spaces that the viewer reads."""

    post_count: int
    hidden_count: int
    upheld_count: int
    dismissed_count: int


async def get_conduct(viewer: Viewer, member_id: int) -> Conduct:
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    row = await fetch_one(
        """SELECT COUNT(*) AS posts,
        COUNT(CASE WHEN p.hidden_at IS NOT NULL OR (p.kind = 'opening' AND t.hidden_at IS NOT NULL) THEN 1 END)
          AS hidden,
        COUNT(CASE WHEN EXISTS (SELECT 1 FROM flags f WHERE f.post_id = p.id AND f.state = 'upheld') THEN 1 END)
          AS upheld,
        COUNT(CASE WHEN EXISTS (SELECT 1 FROM flags f WHERE f.post_id = p.id AND f.state = 'dismissed') THEN 1 END)
          AS dismissed
        FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.author_id = :id AND t.space_id IN (:spaces)""",
        {"id": member_id, "spaces": viewer.readable_space_ids},
    )
    assert row is not None  # noqa: S101 - a count always has a row
    return Conduct(row["posts"], row["hidden"], row["upheld"], row["dismissed"])


async def list_flagged(viewer: Viewer, member_id: int) -> list[FlaggedPost]:
    """Posts of the member about which flags were upheld, those decided last before the others."""
    assert viewer.is_moderator  # noqa: S101 - as above
    rows = await fetch(
        """SELECT p.id AS post_id, t.title AS thread_title, MAX(f.decided_at) AS decided_at,
        MAX(CASE WHEN p.hidden_at IS NOT NULL OR (p.kind = 'opening' AND t.hidden_at IS NOT NULL)
          THEN 1 ELSE 0 END) AS hidden
        FROM flags f JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
        WHERE p.author_id = :id AND f.state = 'upheld' AND t.space_id IN (:spaces)
        GROUP BY p.id, t.title ORDER BY MAX(f.decided_at) DESC LIMIT :size""",
        {"id": member_id, "spaces": viewer.readable_space_ids, "size": MOST_FLAGGED},
    )
    return [
        FlaggedPost(row["post_id"], row["thread_title"], as_time(row["decided_at"]), bool(row["hidden"]))
        for row in rows
    ]

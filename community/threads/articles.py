"""Articles of the blog: threads of blog spaces in the order in which they were published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.core.db import fetch
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.threads.lists import ThreadList, list_threads
from community.threads.permissions import visible_in_spaces

ARTICLES_PER_PAGE = 10


async def list_articles(
    viewer: Viewer,
    space_ids: Sequence[int],
    *,
    cursor: Cursor | None = None,
    newer: bool = False,
    size: int = ARTICLES_PER_PAGE,
) -> ThreadList:
    """Articles of those of these spaces that the viewer reads, the newest first; a comment does not move one up."""
    return await list_threads(
        viewer, space_ids=space_ids, cursor=cursor, newer=newer, size=size, by="created_at"
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    id: int
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The articles of the same space before and after one; None at an end."""

    older: Neighbour | None
    newer: Neighbour | None


async def find_neighbours(viewer: Viewer, space_id: int, thread_id: int, at: datetime) -> Neighbours:
    """Of an article that was loaded through the viewer before: one statement."""
    visible = f"t.space_id = :space_id AND {visible_in_spaces(viewer)}"
    rows = await fetch(
        f"""SELECT * FROM (SELECT t.id, t.slug, t.title, 0 AS is_newer FROM threads t WHERE {visible}
        AND (t.created_at < :at OR (t.created_at = :at AND t.id < :id))
        ORDER BY t.created_at DESC, t.id DESC LIMIT 1) AS older
        UNION ALL SELECT * FROM (SELECT t.id, t.slug, t.title, 1 AS is_newer FROM threads t WHERE {visible}
        AND (t.created_at > :at OR (t.created_at = :at AND t.id > :id))
        ORDER BY t.created_at, t.id LIMIT 1) AS newer""",  # noqa: S608 - ids of ours
        {"space_id": space_id, "id": thread_id, "at": at},
    )
    found = {row["is_newer"]: Neighbour(row["id"], row["slug"], row["title"]) for row in rows}
    return Neighbours(found.get(0), found.get(1))

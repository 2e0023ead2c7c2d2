"""Articles of the blog: threads of blog spaces in the order in which they were published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import fetch
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.threads.lists import LINE_COLUMNS, ThreadList, line_of
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
    ids = ",".join(str(int(each)) for each in space_ids if viewer.may_read(each)) or "NULL"
    where = f"t.hidden_at IS NULL AND t.space_id IN ({ids})"
    given: dict[str, Any] = {"size": size + 1}
    if cursor is not None:
        sign = ">" if newer else "<"
        where += f" AND (t.created_at {sign} :at OR (t.created_at = :at AND t.id {sign} :id))"
        given |= {"at": cursor.time, "id": cursor.id}
    way = "ASC" if newer else "DESC"
    rows = await fetch(
        f"{LINE_COLUMNS} WHERE {where} ORDER BY t.created_at {way}, t.id {way} LIMIT :size", given
    )
    more, lines = len(rows) > size, [line_of(row) for row in rows[:size]]
    if newer:
        lines.reverse()
    ends = [Cursor(line.created_at, line.id) for line in (lines[:1] + lines[-1:])]
    return ThreadList(
        lines=tuple(lines),
        older=ends[-1] if ends and (more or newer) else None,
        newer=ends[0] if ends and cursor is not None and (more or not newer) else None,
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

"""Posts from which staff choose, to do one thing to many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import Row, as_time, fetch
from community.core.viewer import Viewer

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ManyLine:
    """A post in the list from which staff choose."""

    id: int
    kind: str
    author: str
    """As shown to others; empty for a former member."""
    created_at: datetime
    body_html: str
    title: str
    """Of its thread."""
    hidden: bool
    locked: bool


_LINES = """SELECT p.id, p.kind, COALESCE(NULLIF(m.staff_name, ''), m.nickname, '') AS author, p.created_at,
p.body_html, t.title, t.locked_at, CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END AS hidden
FROM posts p JOIN threads t ON t.id = p.thread_id
LEFT JOIN members m ON m.id = p.author_id AND m.erased_at IS NULL"""


async def list_many(
    viewer: Viewer,
    *,
    thread_id: int | None = None,
    space_id: int | None = None,
    member_id: int | None = None,
    since: datetime | None = None,
) -> list[ManyLine]:
    """Posts to choose from, newest first: all of a thread, the threads of a space, or what a member has written."""
    if space_id is not None:
        return await _select(
            viewer, f"p.kind = 'opening' AND t.id IN ({_NEWEST_THREADS})", {"space": space_id}
        )
    if thread_id is not None:
        return await _select(viewer, "t.id = :thread", {"thread": thread_id})
    where = "p.author_id = :member AND p.kind IN ('opening', 'answer', 'comment') AND p.created_at >= :since"
    return await _select(viewer, where, {"member": member_id, "since": since})


_NEWEST_THREADS = f"""SELECT n.id FROM threads n WHERE n.space_id = :space AND n.merged_into_id IS NULL
ORDER BY n.created_at DESC, n.id DESC LIMIT {MOST_AT_ONCE}"""  # noqa: S608 - a constant
"""Found in an index of moments; without it the whole space would be walked through."""


async def list_chosen(viewer: Viewer, post_ids: Sequence[int]) -> dict[int, ManyLine]:
    """These posts, as far as the viewer may read them."""
    found = await _select(viewer, "p.id IN (:ids)", {"ids": list(post_ids)})
    return {line.id: line for line in found}


async def _select(viewer: Viewer, condition: str, given: Mapping[str, Any]) -> list[ManyLine]:
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    rows = await fetch(
        f"""{_LINES} WHERE {condition} AND t.space_id IN ({spaces}) AND t.merged_into_id IS NULL
        ORDER BY p.created_at DESC, p.id DESC LIMIT {MOST_AT_ONCE}""",
        given,
    )
    return [_line(row) for row in rows]


def _line(row: Row) -> ManyLine:
    created_at = as_time(row["created_at"])
    assert created_at is not None  # noqa: S101 - the column is never empty
    return ManyLine(
        id=row["id"],
        kind=row["kind"],
        author=row["author"],
        created_at=created_at,
        body_html=row["body_html"],
        title=row["title"],
        hidden=row["hidden"] is not None,
        locked=row["locked_at"] is not None,
    )

"""What merged and split threads read: where threads went, where posts came from, what can be taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.core.db import as_time, fetch, fetch_one
from community.core.viewer import Viewer
from community.threads.permissions import visible_in_spaces

MOST_STEPS = 50


async def find_merged_into(thread_id: int, viewer: Viewer) -> tuple[int, str] | None:
    """Id and slug of the thread that holds what this one held, if the viewer may see it; else None, as for a thread
    that never was."""
    step, merged = thread_id, False
    for _step in range(MOST_STEPS):
        row = await fetch_one("SELECT merged_into_id FROM threads WHERE id = :id", {"id": step})
        if row is None:
            return None
        if row["merged_into_id"] is None:
            break
        step, merged = row["merged_into_id"], True
    if not merged:
        return None
    rows = await fetch(
        f"SELECT t.id, t.slug FROM threads t WHERE t.id = :id AND {visible_in_spaces(viewer)}",  # noqa: S608 - ours
        {"id": step},
    )
    return (rows[0]["id"], rows[0]["slug"]) if rows else None


@dataclass(frozen=True, slots=True)
class Origin:
    """The thread that a post was brought from."""

    title: str
    """Empty where the viewer may not see it."""
    slug: str
    merged: bool
    """Whether all of it was brought along: then there is nothing to see at its address."""


async def list_origins(thread_ids: Sequence[int], viewer: Viewer) -> dict[int, Origin]:
    """The title of each, as far as the viewer may see the thread, or the one into which it was merged: it came along
    with its opening post."""
    if not thread_ids:
        return {}
    here, there = visible_in_spaces(viewer), visible_in_spaces(viewer, "b")
    rows = await fetch(
        f"""SELECT t.id, t.title, t.slug, t.merged_into_id, CASE WHEN {here} OR EXISTS
        (SELECT 1 FROM threads b WHERE b.id = t.merged_into_id AND {there}) THEN 1 ELSE 0 END AS seen
        FROM threads t WHERE t.id IN (:ids)""",  # noqa: S608 - ours
        {"ids": sorted(set(thread_ids))},
    )
    origins = {}
    for row in rows:
        merged = row["merged_into_id"] is not None
        origins[row["id"]] = Origin(row["title"] if row["seen"] else "", row["slug"], merged)
    return origins


MOST_ANSWERS = 500


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A visible answer of a thread, as staff choose it from a list."""

    id: int
    author: str
    """As shown to others; empty for a former member."""
    created_at: datetime
    body_html: str


async def list_answers(thread_id: int, viewer: Viewer) -> list[AnswerLine]:
    """The visible answers of a thread that the viewer may see, oldest first."""
    rows = await fetch(
        f"""SELECT p.id, COALESCE(NULLIF(m.staff_name, ''), m.nickname, '') AS author, p.created_at, p.body_html
        FROM threads t JOIN posts p ON p.thread_id = t.id
        LEFT JOIN members m ON m.id = p.author_id AND m.erased_at IS NULL
        WHERE t.id = :id AND {visible_in_spaces(viewer)} AND p.kind = 'answer' AND p.hidden_at IS NULL
        ORDER BY p.created_at, p.id LIMIT {MOST_ANSWERS}""",  # noqa: S608 - ours
        {"id": thread_id},
    )
    return [AnswerLine(**{**dict(row), "created_at": as_time(row["created_at"])}) for row in rows]

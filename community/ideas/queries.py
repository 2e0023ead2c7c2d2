"""What pages read about ideas: plain rows, bounded, always through the viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import Row, as_known_time, as_time, fetch
from community.core.errors import NotFound
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.threads.lists import LINE_COLUMNS, ThreadLine, line_of
from community.threads.models import IdeaStatus
from community.threads.permissions import visible_in_spaces
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

IDEAS_PER_PAGE = 20
MOST_PAGES = 50
"""Whoever looks further down than a thousand ideas is served by search."""
MOST_COUNTED = 1000
MOST_STEPS = 20
ANSWERED_PER_PAGE = 12

ORDERS = {
    "votes": "t.same_problem_count DESC, t.created_at DESC, t.id",
    "newest": "t.created_at DESC, t.id",
}


async def list_ideas(
    viewer: Viewer,
    space_id: int,
    *,
    status: IdeaStatus | None = None,
    order: str = "votes",
    tag: str = "",
    page: int = 1,
) -> tuple[ThreadLine, ...]:
    """Ideas of a space that the viewer may read, those with most votes first; one more than a page has, if any."""
    if not viewer.may_read(space_id) or not 1 <= page <= MOST_PAGES:
        raise NotFound
    where = "t.space_id = :space_id AND t.hidden_at IS NULL"
    given: dict[str, Any] = {"space_id": space_id}
    if status is not None:
        where += " AND t.idea_status = :status"
        given |= {"status": str(status)}
    if tag:
        where += " AND t.id IN (SELECT thread_id FROM thread_tags WHERE name = :tag)"
        given |= {"tag": tag}
    rows = await fetch(
        f"{LINE_COLUMNS} WHERE {where} ORDER BY {ORDERS[order]} LIMIT :size OFFSET :skip",
        {**given, "size": IDEAS_PER_PAGE + 1, "skip": (page - 1) * IDEAS_PER_PAGE},
    )
    return tuple(line_of(row) for row in rows)


async def count_ideas(viewer: Viewer, space_id: int) -> dict[IdeaStatus, int]:
    """How many ideas of a space have which status, counted up to a thousand each."""
    if not viewer.may_read(space_id):
        raise NotFound
    counted = ", ".join(
        f"""(SELECT COUNT(*) FROM (SELECT 1 AS one FROM threads WHERE space_id = :space_id AND hidden_at IS NULL
        AND idea_status = '{status}' LIMIT {MOST_COUNTED}) AS x) AS n_{status}"""  # noqa: S608 - constants
        for status in IdeaStatus
    )
    rows = await fetch(f"SELECT {counted}", {"space_id": space_id})
    return {status: int(rows[0][f"n_{status}"]) for status in IdeaStatus}


async def list_voted(viewer: Viewer, thread_ids: Collection[int]) -> frozenset[int]:
    """Those of these threads that the viewer has voted for."""
    if viewer.is_guest or not thread_ids:
        return frozenset()
    rows = await fetch(
        "SELECT thread_id FROM same_problems WHERE member_id = :me AND thread_id IN (:ids)",
        {"me": viewer.id, "ids": list(thread_ids)},
    )
    return frozenset(row["thread_id"] for row in rows)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A status that an idea was given, by whom and when."""

    status: IdeaStatus
    at: datetime
    answered_by: AuthorRow | None
    post_id: int | None
    """The answer that says so, while it can be seen in this thread."""


async def list_steps(thread_id: int) -> tuple[StepRow, ...]:
    """What has become of an idea that was loaded through the viewer before, the latest first."""
    rows = await fetch(
        f"""SELECT x.status, x.at, p.id AS post_id, {AUTHOR_COLUMNS} FROM idea_steps x
        LEFT JOIN posts p ON p.id = x.post_id AND p.thread_id = x.thread_id AND p.hidden_at IS NULL
        LEFT JOIN members m ON m.id = x.answered_by_id
        WHERE x.thread_id = :id ORDER BY x.at DESC, x.id LIMIT {MOST_STEPS}""",  # noqa: S608 - constants
        {"id": thread_id},
    )
    return tuple(
        StepRow(IdeaStatus(row["status"]), as_known_time(row["at"]), author_of(row), row["post_id"])
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class AnsweredIdea:
    """An idea with what staff have said last, as lists and feeds show it."""

    step_id: int
    thread_id: int
    slug: str
    title: str
    language: str
    space_id: int
    vote_count: int
    status: IdeaStatus
    at: datetime
    post_id: int | None
    html: str
    """Empty where the answer was hidden or moved since."""
    edited_at: datetime | None
    answered_by: AuthorRow | None


@dataclass(frozen=True, slots=True)
class AnsweredList:
    ideas: tuple[AnsweredIdea, ...]
    older: Cursor | None


async def list_answered(
    viewer: Viewer,
    space_ids: Sequence[int],
    *,
    status: IdeaStatus | None = None,
    cursor: Cursor | None = None,
    size: int = ANSWERED_PER_PAGE,
) -> AnsweredList:
    """Ideas of these spaces, as far as the viewer reads them, by what staff have said last, newest first."""
    spaces = ",".join(str(int(space_id)) for space_id in space_ids if viewer.may_read(space_id)) or "NULL"
    where = f"x.is_current = :yes AND t.space_id IN ({spaces}) AND {visible_in_spaces(viewer)}"
    given: dict[str, Any] = {"yes": True, "size": size + 1}
    if status is not None:
        where += " AND x.status = :status"
        given["status"] = str(status)
    if cursor is not None:
        where += " AND (x.at < :at OR (x.at = :at AND x.id < :id))"
        given |= {"at": cursor.time, "id": cursor.id}
    rows = await fetch(
        f"""SELECT x.id AS step_id, x.status, x.at, t.id AS thread_id, t.slug, t.title, t.language, t.space_id,
        t.same_problem_count, p.id AS post_id, p.body_html, p.edited_at, {AUTHOR_COLUMNS}
        FROM idea_steps x JOIN threads t ON t.id = x.thread_id
        LEFT JOIN posts p ON p.id = x.post_id AND p.thread_id = x.thread_id AND p.hidden_at IS NULL
        LEFT JOIN members m ON m.id = x.answered_by_id
        WHERE {where} ORDER BY x.at DESC, x.id DESC LIMIT :size""",  # noqa: S608 - constants and ids of ours
        given,
    )
    ideas = tuple(_answered(row) for row in rows[:size])
    more = len(rows) > size
    return AnsweredList(ideas, Cursor(ideas[-1].at, ideas[-1].step_id) if more and ideas else None)


def _answered(row: Row) -> AnsweredIdea:
    return AnsweredIdea(
        step_id=row["step_id"],
        thread_id=row["thread_id"],
        slug=row["slug"],
        title=row["title"],
        language=row["language"],
        space_id=row["space_id"],
        vote_count=row["same_problem_count"],
        status=IdeaStatus(row["status"]),
        at=as_known_time(row["at"]),
        post_id=row["post_id"],
        html=row["body_html"] or "",
        edited_at=as_time(row["edited_at"]),
        answered_by=author_of(row),
    )


async def list_concerned(thread_id: int) -> list[int]:
    """Who is told what becomes of an idea: whose it is, who has voted for it, who follows it."""
    rows = await fetch(
        """SELECT author_id AS member_id FROM threads WHERE id = :id AND author_id IS NOT NULL
        UNION SELECT member_id FROM same_problems WHERE thread_id = :id
        UNION SELECT member_id FROM follows WHERE thread_id = :id""",
        {"id": thread_id},
    )
    return sorted(row["member_id"] for row in rows)


async def find_step(post_id: int) -> IdeaStatus | None:
    """The status that this answer has given its idea."""
    rows = await fetch("SELECT status FROM idea_steps WHERE post_id = :id LIMIT 1", {"id": post_id})
    return IdeaStatus(rows[0]["status"]) if rows else None

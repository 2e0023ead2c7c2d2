"""Threads in lists: plain rows, bounded, always through the viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from community.core.db import as_time, fetch
from community.core.errors import NotFound
from community.core.memory import remembered_by_values
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.threads.models import ThreadStatus
from community.threads.permissions import visible_in_spaces
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

THREADS_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread in a list."""

    id: int
    slug: str
    title: str
    language: str
    status: str
    tags: tuple[str, ...]
    answer_count: int
    kudos_count: int
    vote_count: int
    """Of an idea; of a question, how many have the same problem."""
    idea_status: str
    staff_answered: bool
    created_at: datetime
    last_activity_at: datetime
    pinned: bool
    locked: bool
    space_id: int
    author: AuthorRow | None


LINE_COLUMNS = f"""
SELECT t.id, t.slug, t.title, t.language, t.status, t.tag_names, t.answer_count, t.kudos_count,
       t.same_problem_count, t.idea_status,
       t.staff_answered_at, t.created_at, t.last_activity_at, t.pinned_at, t.locked_at, t.space_id,
       {AUTHOR_COLUMNS}
FROM threads t LEFT JOIN members m ON m.id = t.author_id
"""  # noqa: S608 - constants of this module

FILTERS: Mapping[str, tuple[str, ...]] = {
    "latest": (),
    "unanswered": (ThreadStatus.UNANSWERED,),
    "open": (ThreadStatus.UNANSWERED, ThreadStatus.OPEN),
    "solved": (ThreadStatus.SOLVED,),
}


@dataclass(frozen=True, slots=True)
class ThreadList:
    """A page of a list, newest first. `older` and `newer` continue it, None at an end."""

    lines: tuple[ThreadLine, ...]
    older: Cursor | None
    newer: Cursor | None


async def list_threads(
    viewer: Viewer,
    *,
    space_id: int | None = None,
    filter_name: str = "latest",
    tag: str = "",
    cursor: Cursor | None = None,
    newer: bool = False,
    space_ids: Sequence[int] | None = None,
    size: int = THREADS_PER_PAGE,
    by: Literal["last_activity_at", "created_at"] = "last_activity_at",
) -> ThreadList:
    """Threads the viewer may read, the newest `by` that time first, from `cursor` on (towards newer ones if `newer`).

    Without `space_id`, of those readable ones among `space_ids`, or else of every readable space. The status filters
    read one index range per status, so a page costs the same however many threads there are.
    """
    if space_id is not None and not viewer.may_read(space_id):
        raise NotFound
    if space_id is not None:
        where = f"t.hidden_at IS NULL AND t.space_id = {int(space_id)}"
    else:
        wanted = viewer.readable_space_ids if space_ids is None else space_ids
        ids = ",".join(str(int(i)) for i in wanted if viewer.may_read(i)) or "NULL"
        # Plain conditions, unlike `visible_in_spaces`: here the index of spaces and activity is the way to go.
        where = f"t.hidden_at IS NULL AND t.space_id IN ({ids})"
    given: dict[str, Any] = {"size": size + 1}
    if tag:
        where += " AND t.id IN (SELECT thread_id FROM thread_tags WHERE name = :tag)"
        given["tag"] = tag
    if cursor is not None:
        sign = ">" if newer else "<"
        where += f" AND (t.{by} {sign} :at OR (t.{by} = :at AND t.id {sign} :id))"
        given |= {"at": cursor.time, "id": cursor.id}
    way = "ASC" if newer else "DESC"
    order = f"ORDER BY t.{by} {way}, t.id {way} LIMIT :size"
    lines: list[ThreadLine] = []
    for status in FILTERS[filter_name] or ("",):
        and_status = f" AND t.status = '{status}'" if status else ""
        rows = await fetch(f"{LINE_COLUMNS} WHERE {where}{and_status} {order}", given)
        lines.extend(line_of(row) for row in rows)
    lines.sort(key=lambda line: (getattr(line, by), line.id), reverse=not newer)
    more = len(lines) > size
    lines = lines[:size]
    if newer:
        lines.reverse()
    first = Cursor(getattr(lines[0], by), lines[0].id) if lines else None
    last = Cursor(getattr(lines[-1], by), lines[-1].id) if lines else None
    return ThreadList(
        lines=tuple(lines),
        older=last if (more or newer) and lines else None,
        newer=first if cursor is not None and (more or not newer) else None,
    )


@remembered_by_values(4000)
def line_of(row: Mapping[str, Any]) -> ThreadLine:
    """A list line from a row with the columns of `LINE_COLUMNS`."""
    created_at, last_activity_at = as_time(row["created_at"]), as_time(row["last_activity_at"])
    assert created_at is not None  # noqa: S101 - neither column is ever empty
    assert last_activity_at is not None  # noqa: S101 - for the type checker
    return ThreadLine(
        id=row["id"],
        slug=row["slug"],
        title=row["title"],
        language=row["language"],
        status=row["status"],
        tags=tuple(row["tag_names"].split()),
        answer_count=row["answer_count"],
        kudos_count=row["kudos_count"],
        vote_count=row["same_problem_count"],
        idea_status=row["idea_status"],
        staff_answered=row["staff_answered_at"] is not None,
        created_at=created_at,
        last_activity_at=last_activity_at,
        pinned=row["pinned_at"] is not None,
        locked=row["locked_at"] is not None,
        space_id=row["space_id"],
        author=author_of(row),
    )


async def list_pinned(viewer: Viewer, space_id: int) -> tuple[ThreadLine, ...]:
    """The pinned threads of a space, at most five."""
    rows = await fetch(
        f"{LINE_COLUMNS} WHERE {visible_in_spaces(viewer)} AND t.space_id = :space_id "
        "AND t.pinned_at IS NOT NULL ORDER BY t.pinned_at DESC LIMIT 5",
        {"space_id": space_id},
    )
    return tuple(line_of(row) for row in rows)


async def list_by_ids(viewer: Viewer, thread_ids: Sequence[int]) -> dict[int, ThreadLine]:
    """Those of `thread_ids` (at most 200) that the viewer may see: how search hits are confirmed."""
    ids = ",".join(str(int(thread_id)) for thread_id in thread_ids[:200])
    if not ids:
        return {}
    rows = await fetch(f"{LINE_COLUMNS} WHERE t.id IN ({ids}) AND {visible_in_spaces(viewer)}", {})
    return {row["id"]: line_of(row) for row in rows}


async def list_followed(viewer: Viewer, size: int = THREADS_PER_PAGE) -> tuple[ThreadLine, ...]:
    """Threads the viewer follows, those with the latest activity first (of the 500 followed last)."""
    rows = await fetch(
        f"""{LINE_COLUMNS} WHERE t.id IN (SELECT thread_id FROM (SELECT thread_id FROM follows
        WHERE member_id = :viewer ORDER BY created_at DESC LIMIT 500) AS mine)
        AND {visible_in_spaces(viewer)} ORDER BY t.last_activity_at DESC, t.id DESC LIMIT :size""",  # noqa: S608 - ids of ours
        {"viewer": viewer.id, "size": size},
    )
    return tuple(line_of(row) for row in rows)


async def list_related(viewer: Viewer, thread_id: int, size: int = 5) -> tuple[ThreadLine, ...]:
    """Threads about the same subject: those that people linked first, then those the index found similar."""
    rows = await fetch(
        f"""{LINE_COLUMNS} JOIN related_threads r ON r.related_id = t.id
        WHERE r.thread_id = :thread_id AND {visible_in_spaces(viewer)}
        ORDER BY CASE r.kind WHEN 'duplicate' THEN 0 WHEN 'linked' THEN 1 ELSE 2 END, r.position, t.id
        LIMIT :size""",
        {"thread_id": thread_id, "size": size},
    )
    return tuple(line_of(row) for row in rows)


async def list_excerpts(viewer: Viewer, thread_ids: Sequence[int]) -> dict[int, str]:
    """The HTML of what answers best in each of these threads (at most 20) that the viewer may see: the solution,
    else the opening post."""
    ids = ",".join(str(int(thread_id)) for thread_id in thread_ids[:20])
    if not ids:
        return {}
    rows = await fetch(
        f"""SELECT t.id, p.body_html FROM threads t LEFT JOIN solutions x ON x.thread_id = t.id
        JOIN posts p ON p.thread_id = t.id AND p.hidden_at IS NULL
             AND ((x.post_id IS NULL AND p.kind = 'opening') OR p.id = x.post_id)
        WHERE t.id IN ({ids}) AND {visible_in_spaces(viewer)}""",  # noqa: S608 - ids of ours
        {},
    )
    return {row["id"]: row["body_html"] for row in rows}


@dataclass(frozen=True, slots=True)
class SolutionLine:
    """The solution of a thread, as it is quoted elsewhere."""

    post_id: int
    html: str
    accepted_at: datetime
    accepted_by: str | None
    """Nickname, for staff the short name; None for a former member."""
    author: AuthorRow | None


async def list_solutions(viewer: Viewer, thread_ids: Sequence[int]) -> dict[int, SolutionLine]:
    """The solutions of those of `thread_ids` (at most 20) that are solved and that the viewer may see."""
    ids = ",".join(str(int(thread_id)) for thread_id in thread_ids[:20])
    if not ids:
        return {}
    rows = await fetch(
        f"""SELECT t.id, p.id AS post_id, p.body_html, x.accepted_at,
        COALESCE(NULLIF(a.staff_name, ''), a.nickname) AS accepted_by, {AUTHOR_COLUMNS}
        FROM threads t JOIN solutions x ON x.thread_id = t.id JOIN posts p ON p.id = x.post_id
        LEFT JOIN members m ON m.id = p.author_id
        LEFT JOIN members a ON a.id = x.accepted_by_id AND a.erased_at IS NULL
        WHERE t.id IN ({ids}) AND p.hidden_at IS NULL AND {visible_in_spaces(viewer)}""",  # noqa: S608 - ids of ours
        {},
    )
    found = {}
    for row in rows:
        accepted_at = as_time(row["accepted_at"])
        assert accepted_at is not None  # noqa: S101 - the column is never empty
        found[row["id"]] = SolutionLine(
            row["post_id"], row["body_html"], accepted_at, row["accepted_by"], author_of(row)
        )
    return found


async def list_started_by(viewer: Viewer, member_id: int, size: int = 10) -> tuple[ThreadLine, ...]:
    """Threads that a member has started, newest first, as far as the viewer may read them."""
    rows = await fetch(
        f"""{LINE_COLUMNS} WHERE t.author_id = :member_id AND {visible_in_spaces(viewer)}
        ORDER BY t.created_at DESC, t.id DESC LIMIT :size""",
        {"member_id": member_id, "size": size},
    )
    return tuple(line_of(row) for row in rows)


async def list_solved_by(viewer: Viewer, member_id: int, size: int = 10) -> tuple[ThreadLine, ...]:
    """Threads that a member's answers have solved, the answers with most kudos first (of the newest 300 answers)."""
    rows = await fetch(
        f"""{LINE_COLUMNS} JOIN solutions x ON x.thread_id = t.id JOIN posts p ON p.id = x.post_id
        WHERE p.id IN (SELECT id FROM (SELECT id FROM posts WHERE author_id = :member_id AND kind = 'answer'
                       ORDER BY created_at DESC LIMIT 300) AS newest)
        AND p.hidden_at IS NULL AND {visible_in_spaces(viewer)}
        ORDER BY p.kudos_count DESC, p.created_at DESC, p.id LIMIT :size""",  # noqa: S608 - constants
        {"member_id": member_id, "size": size},
    )
    return tuple(line_of(row) for row in rows)

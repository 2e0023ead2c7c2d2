"""What pages read about texts that wait: staff those of the spaces they read, authors their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from community.core.db import as_json, as_time, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.threads.permissions import visible_in_spaces
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of
from community.waiting.models import TextKind
from community.waiting.permissions import can_see_waiting

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text that waits or was refused. Of a thread that the viewer may not read any more, nothing is told."""

    id: int
    kind: str
    why: str
    hits: tuple[Mapping[str, Any], ...]
    state: str
    space_id: int
    space_slug: str
    space_name: str
    language: str
    thread_id: int | None
    """None for a new thread, and where the viewer may not read the thread."""
    thread_slug: str
    thread_title: str
    post_id: int | None
    post_kind: str
    """Of the post that an edit changes, or that a comment is about."""
    post_version: int
    newest_post_version: int
    author_id: int
    author: AuthorRow | None
    title: str
    body: str
    tags: tuple[str, ...]
    idea_status: str
    """The status that an answer gives its idea; empty for every other text."""
    edit_reason: str
    files_out: tuple[int, ...]
    """What an edit takes out of the files of its post."""
    version: int
    writers: tuple[int, ...]
    submitted_at: datetime
    refusal: str
    decider: str
    published_thread_id: int | None
    published_post_id: int | None
    overruled: tuple[int, ...] = ()
    """Who has refused it where an objection to that was right; read for staff alone."""

    @property
    def has_title(self) -> bool:
        return self.kind == TextKind.THREAD or (self.kind == TextKind.EDIT and self.post_kind == "opening")


# A text stands where its thread is now: a thread may have been moved since.
_TEXTS = """
SELECT w.id, w.kind, w.why, w.hits, w.state, s.id AS space_id, s.slug AS space_slug, s.name AS space_name,
       COALESCE(t.language, s.language) AS language,
       CASE WHEN {seen} THEN t.id END AS thread_id, CASE WHEN {seen} THEN t.slug END AS thread_slug,
       CASE WHEN {seen} THEN t.title END AS thread_title,
       w.post_id, p.kind AS post_kind, w.post_version, p.version AS newest_post_version, w.author_id, w.title, w.body,
       w.tags, w.idea_status, w.edit_reason, w.files_out, w.version, w.writers, w.submitted_at, w.refusal,
       COALESCE(NULLIF(d.staff_name, ''), d.nickname, '') AS decider, w.published_thread_id, w.published_post_id,
       {author}
FROM waiting_texts w LEFT JOIN posts p ON p.id = w.post_id
LEFT JOIN threads t ON t.id = COALESCE(p.thread_id, w.thread_id)
JOIN spaces s ON s.id = COALESCE(t.space_id, w.space_id)
LEFT JOIN members m ON m.id = w.author_id LEFT JOIN members d ON d.id = w.decided_by_id AND d.erased_at IS NULL
"""


def _texts(viewer: Viewer) -> str:
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    seen = f"t.space_id IN ({spaces})" if viewer.is_moderator else visible_in_spaces(viewer)
    return _TEXTS.format(seen=seen, author=AUTHOR_COLUMNS)


def _in_spaces(viewer: Viewer) -> str:
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"s.id IN ({spaces})"


# --- for staff --------------------------------------------------------------------------------------------


async def list_waiting(viewer: Viewer, text_ids: Sequence[int]) -> list[TextRow]:
    """Those of these texts that wait in the spaces that this moderator reads."""
    if not viewer.is_moderator:
        raise NotFound
    rows = await fetch(
        f"{_texts(viewer)} WHERE w.id IN (:ids) AND w.state = 'waiting' AND {_in_spaces(viewer)}",
        {"ids": list(text_ids)},
    )
    return [_row(row) for row in rows]


async def get_waiting(text_id: int, viewer: Viewer) -> TextRow:
    """One text, decided or not, for those who may decide about texts of its space."""
    rows = await fetch(f"{_texts(viewer)} WHERE w.id = :id", {"id": text_id})
    if not rows or not can_see_waiting(viewer, rows[0]["space_id"]):
        raise NotFound
    return replace(_row(rows[0]), overruled=await find_overruled(text_id))


async def find_overruled(text_id: int) -> tuple[int, ...]:
    """Who has refused it where an objection was right: until it is released, nothing else lifts a refusal."""
    return await _find_refusers(text_id, "lifted_at IS NOT NULL")


async def find_refusers(text_id: int) -> tuple[int, ...]:
    return await _find_refusers(text_id, "1 = 1")


async def _find_refusers(text_id: int, condition: str) -> tuple[int, ...]:
    rows = await fetch(
        f"""SELECT DISTINCT decided_by AS id FROM statements WHERE subject = :subject AND act = 'refuse_text'
        AND {condition} AND decided_by IS NOT NULL ORDER BY decided_by""",  # noqa: S608 - constants
        {"subject": f"text:{text_id}"},
    )
    return tuple(row["id"] for row in rows)


# --- for authors ------------------------------------------------------------------------------------------


async def list_own(viewer: Viewer, *, size: int = MOST_LISTED) -> list[TextRow]:
    """The viewer's own texts that wait or were refused, the newest first."""
    rows = await fetch(
        f"""{_texts(viewer)} WHERE w.author_id = :me AND w.state IN ('waiting', 'refused')
        ORDER BY w.submitted_at DESC, w.id LIMIT :size""",
        {"me": viewer.id, "size": size},
    )
    return [_row(row) for row in rows]


async def get_own(text_id: int, viewer: Viewer) -> TextRow:
    rows = await fetch(
        f"{_texts(viewer)} WHERE w.id = :id AND w.author_id = :me", {"id": text_id, "me": viewer.id}
    )
    if not rows:
        raise NotFound
    return _row(rows[0])


async def find_own_edit(post_id: int, viewer: Viewer) -> int | None:
    """The viewer's change of this post that waits."""
    rows = await fetch(
        """SELECT id FROM waiting_texts WHERE post_id = :post_id AND author_id = :me AND kind = 'edit'
        AND state = 'waiting' LIMIT 1""",
        {"post_id": post_id, "me": viewer.id},
    )
    return rows[0]["id"] if rows else None


@dataclass(frozen=True, slots=True)
class WaitingHere:
    """A text that waits in one thread: the viewer's own, or, for staff, anybody's."""

    id: int
    kind: str
    is_own: bool


async def list_in_thread(thread_id: int, viewer: Viewer, *, size: int = 20) -> list[WaitingHere]:
    """For a thread that was loaded through the viewer before."""
    everybody = "" if viewer.is_moderator else "AND w.author_id = :me"
    rows = await fetch(
        f"""SELECT w.id, w.kind, w.author_id FROM waiting_texts w
        WHERE w.thread_id = :id AND w.state = 'waiting' {everybody} ORDER BY w.submitted_at, w.id LIMIT :size""",  # noqa: S608
        {"id": thread_id, "me": viewer.id, "size": size},
    )
    return [WaitingHere(row["id"], row["kind"], row["author_id"] == viewer.id) for row in rows]


def _row(row: Mapping[str, Any]) -> TextRow:
    submitted_at = as_time(row["submitted_at"])
    assert submitted_at is not None  # noqa: S101 - the column is never empty
    names = (
        *("id", "kind", "why", "state", "space_id", "space_slug", "space_name", "language", "thread_id"),
        *("post_id", "post_version", "author_id", "title", "body", "idea_status"),
        *("edit_reason", "version", "refusal"),
        *("decider", "published_thread_id", "published_post_id"),
    )
    return TextRow(
        **{name: row[name] for name in names},
        hits=tuple(as_json(row["hits"]) or ()),
        thread_slug=row["thread_slug"] or "",
        thread_title=row["thread_title"] or "",
        post_kind=row["post_kind"] or "",
        newest_post_version=row["newest_post_version"] or 0,
        author=author_of(row),
        files_out=tuple(int(each) for each in row["files_out"].split(",") if each),
        tags=tuple(row["tags"].split()),
        writers=tuple(as_json(row["writers"]) or ()),
        submitted_at=submitted_at,
    )

"""Private notes of staff on threads and nicknames, for moderators alone; a member may ask for those about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import (
    Row,
    as_time,
    execute,
    execute_returning,
    fetch,
    fetch_one,
    in_transaction,
    random_id,
)
from community.core.errors import Forbidden, NotFound, authorize
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.moderation.models import StaffNote

LONGEST_NOTE = 2_000
MOST_NOTES = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about."""

    thread_id: int | None = None
    member_id: int | None = None

    @property
    def name(self) -> str:
        """As the moderation log knows it."""
        return f"thread:{self.thread_id}" if self.thread_id is not None else f"member:{self.member_id}"

    @property
    def condition(self) -> tuple[str, dict[str, int]]:
        if self.thread_id is not None:
            return "n.thread_id = :subject", {"subject": self.thread_id}
        return "n.member_id = :subject", {"subject": self.member_id or 0}


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: int
    subject: Subject
    text: str
    author_id: int
    author: str
    """Empty where they have left."""
    created_at: datetime
    edited_at: datetime | None


_NOTE = """
SELECT n.id, n.thread_id, n.member_id, n.text, n.author_id, n.created_at, n.edited_at,
COALESCE(NULLIF(m.staff_name, ''), m.nickname, '') AS author
FROM staff_notes n LEFT JOIN members m ON m.id = n.author_id
"""


def can_read_notes(viewer: Viewer) -> bool:
    return viewer.is_moderator


async def list_notes(subject: Subject, viewer: Viewer) -> list[NoteRow]:
    """The newest first."""
    authorize(can_read_notes(viewer))
    condition, values = subject.condition
    rows = await fetch(
        f"{_NOTE} WHERE {condition} ORDER BY n.created_at DESC, n.id LIMIT :most",
        {**values, "most": MOST_NOTES},
    )
    return [_row(row) for row in rows]


async def count_notes(subject: Subject) -> int:
    condition, values = subject.condition
    row = await fetch_one(f"SELECT COUNT(*) AS n FROM staff_notes n WHERE {condition}", values)  # noqa: S608
    return int(row["n"]) if row else 0


async def get_note(note_id: int, viewer: Viewer) -> NoteRow:
    authorize(can_read_notes(viewer))
    row = await fetch_one(f"{_NOTE} WHERE n.id = :id", {"id": note_id})
    if row is None:
        raise NotFound
    return _row(row)


async def add_note(subject: Subject, text: str, *, by: Viewer) -> int:
    """Keep a note; its id."""
    authorize(can_read_notes(by))
    note_id = random_id()
    await insert(
        StaffNote,
        id=note_id,
        thread_id=subject.thread_id,
        member_id=subject.member_id,
        text=text.strip(),
        author_id=by.id,
        created_at=now(),
    )
    return note_id


async def change_note(note_id: int, text: str, *, by: Viewer) -> None:
    """Let a note say something else; for its author alone."""
    changed = await execute(
        "UPDATE staff_notes SET text = :text, edited_at = :now WHERE id = :id AND author_id = :by",
        {"text": text.strip(), "now": now(), "id": note_id, "by": by.id},
    )
    if not changed:
        await get_note(note_id, by)
        raise Forbidden


async def delete_note(note_id: int, *, by: Viewer, reason: str = "") -> Subject:
    """Delete a note: its author, or an administrator. The log says that one was deleted, and not what it said."""
    note = await get_note(note_id, by)
    authorize(can_delete_note(by, note))
    async with in_transaction():
        if not await execute_returning(
            "DELETE FROM staff_notes WHERE id = :id RETURNING id", {"id": note_id}
        ):
            raise NotFound
        await log("delete_note", note.subject.name, by=by, reason=reason)
    return note.subject


def can_change_note(viewer: Viewer, note: NoteRow) -> bool:
    return viewer.is_moderator and note.author_id == viewer.id


def can_delete_note(viewer: Viewer, note: NoteRow) -> bool:
    return can_change_note(viewer, note) or viewer.is_administrator


def _row(row: Row) -> NoteRow:
    return NoteRow(
        id=row["id"],
        subject=Subject(row["thread_id"], row["member_id"]),
        text=row["text"],
        author_id=row["author_id"],
        author=row["author"],
        created_at=as_time(row["created_at"]) or now(),
        edited_at=as_time(row["edited_at"]),
    )

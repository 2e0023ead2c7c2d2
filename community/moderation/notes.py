"""Private notes of staff on threads, posts, nicknames and FAQ entries, for moderators alone.

Those on a post are its internal comments: they stand below it; those on an FAQ entry stand on its desk. A member may
ask for what is noted about their nickname. A colleague whose nickname is written with an @ is told, once for each
note that is not on a nickname.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from community.core import markdown, outbox
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
from community.core.nicknames import nickname_key
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.moderation.models import StaffNote

LONGEST_NOTE = 2_000
MOST_NOTES = 200
MOST_MENTIONS = 10
MOST_COLLEAGUES = 30


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about."""

    thread_id: int | None = None
    member_id: int | None = None
    post_id: int | None = None
    entry_id: int | None = None

    @property
    def _kind(self) -> tuple[str, int]:
        if self.thread_id is not None:
            return "thread", self.thread_id
        if self.entry_id is not None:
            return "entry", self.entry_id
        return ("post", self.post_id) if self.post_id is not None else ("member", self.member_id or 0)

    @property
    def name(self) -> str:
        """As the moderation log knows it."""
        kind, number = self._kind
        return f"{'faq' if kind == 'entry' else kind}:{number}"

    @property
    def condition(self) -> tuple[str, dict[str, int]]:
        kind, number = self._kind
        return f"n.{kind}_id = :subject", {"subject": number}


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
    entry_version: int | None = None
    """Of the FAQ entry, when it was written."""


_NOTE = """
SELECT n.id, n.thread_id, n.member_id, n.post_id, n.entry_id, n.entry_version, n.text, n.author_id,
n.created_at, n.edited_at,
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


async def list_on_page(
    thread_id: int, post_ids: Collection[int], viewer: Viewer
) -> tuple[int, dict[int, tuple[NoteRow, ...]]]:
    """How many notes there are on the thread, and the newest on these posts, the oldest first: one statement."""
    authorize(can_read_notes(viewer))
    rows = await fetch(
        f"""SELECT c.on_thread, x.* FROM (SELECT COUNT(*) AS on_thread FROM staff_notes WHERE thread_id = :thread) c
        LEFT JOIN ({_NOTE} WHERE n.post_id IN (:posts) ORDER BY n.created_at DESC, n.id DESC LIMIT :most) x ON 1 = 1
        ORDER BY x.created_at, x.id""",  # noqa: S608 - a constant
        {"thread": thread_id, "posts": sorted(post_ids), "most": MOST_NOTES},
    )
    notes: dict[int, tuple[NoteRow, ...]] = {}
    for row in rows:
        if row["id"] is not None:
            notes[row["post_id"]] = (*notes.get(row["post_id"], ()), _row(row))
    return int(rows[0]["on_thread"]), notes


async def list_colleagues(viewer: Viewer) -> list[tuple[str, str]]:
    """Nickname and name of others who keep order: whom a note can address."""
    authorize(can_read_notes(viewer))
    rows = await fetch(
        """SELECT nickname, staff_name FROM members WHERE role IN ('moderator', 'administrator')
        AND erased_at IS NULL AND id <> :me ORDER BY staff_name, nickname LIMIT :most""",
        {"me": viewer.id, "most": MOST_COLLEAGUES},
    )
    return [(row["nickname"], row["staff_name"]) for row in rows]


async def list_addressed(note_id: int) -> tuple[NoteRow, list[int]] | None:
    """The note and whom of the team, besides its author, it addresses; None where it is gone."""
    row = await fetch_one(f"{_NOTE} WHERE n.id = :id", {"id": note_id})
    if row is None:
        return None
    keys = [nickname_key(name) for name in markdown.mentioned(row["text"])[:MOST_MENTIONS]]
    rows = await fetch(
        """SELECT id FROM members WHERE nickname_key IN (:keys) AND id <> :author AND erased_at IS NULL
        AND role IN ('moderator', 'administrator') ORDER BY id""",
        {"keys": keys, "author": row["author_id"]},
    )
    return _row(row), [member["id"] for member in rows]


async def forget_notes_of_post(post_id: int) -> None:
    """What a post said is erased for good, and with it what the team said about it."""
    await execute("DELETE FROM staff_notes WHERE post_id = :id", {"id": post_id})


async def forget_notes_on_posts_of(member_id: int) -> None:
    """The same for all posts of a member whose texts are erased with them. In the transaction of that."""
    await execute(
        "DELETE FROM staff_notes WHERE post_id IN (SELECT id FROM posts WHERE author_id = :me)",
        {"me": member_id},
    )


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


async def add_note(subject: Subject, text: str, *, by: Viewer, entry_version: int | None = None) -> int:
    """Keep a note; its id."""
    authorize(can_read_notes(by))
    note_id = random_id()
    async with in_transaction():
        await insert(
            StaffNote,
            id=note_id,
            thread_id=subject.thread_id,
            member_id=subject.member_id,
            post_id=subject.post_id,
            entry_id=subject.entry_id,
            entry_version=entry_version,
            text=text.strip(),
            author_id=by.id,
            created_at=now(),
        )
        await _tell_addressed(note_id, subject, text)
    return note_id


async def _tell_addressed(note_id: int, subject: Subject, text: str) -> None:
    if subject.member_id is None and markdown.mentioned(text):
        await outbox.record("note.addressed", note_id=note_id)


async def change_note(note_id: int, text: str, *, by: Viewer) -> None:
    """Let a note say something else; for its author alone."""
    async with in_transaction():
        changed = await execute_returning(
            """UPDATE staff_notes SET text = :text, edited_at = :now WHERE id = :id AND author_id = :by
            RETURNING thread_id, member_id, post_id, entry_id""",
            {"text": text.strip(), "now": now(), "id": note_id, "by": by.id},
        )
        for row in changed:
            await _tell_addressed(note_id, Subject(**dict(row)), text)
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
        thread = await find_thread(note.subject)
        space_id = thread["space_id"] if thread else None
        await log("delete_note", note.subject.name, by=by, reason=reason, space_id=space_id)
    return note.subject


async def find_thread(subject: Subject) -> Row | None:
    """`id` and `space_id` of the thread, or of the one in which the post stands; None for a nickname."""
    return await fetch_one(
        """SELECT t.id, t.space_id FROM threads t
        WHERE t.id = :thread OR t.id = (SELECT p.thread_id FROM posts p WHERE p.id = :post)""",
        {"thread": subject.thread_id or 0, "post": subject.post_id or 0},
    )


def can_change_note(viewer: Viewer, note: NoteRow) -> bool:
    return viewer.is_moderator and note.author_id == viewer.id


def can_delete_note(viewer: Viewer, note: NoteRow) -> bool:
    return can_change_note(viewer, note) or viewer.is_administrator


def _row(row: Row) -> NoteRow:
    return NoteRow(
        id=row["id"],
        subject=Subject(row["thread_id"], row["member_id"], row["post_id"], row["entry_id"]),
        text=row["text"],
        author_id=row["author_id"],
        author=row["author"],
        created_at=as_time(row["created_at"]) or now(),
        edited_at=as_time(row["edited_at"]),
        entry_version=row["entry_version"],
    )

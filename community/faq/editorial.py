"""What editors see of the FAQ: the version in work, its sources, its history. Only for those who edit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_known_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq.models import PUBLIC_STATES
from community.faq.permissions import demand_editor
from community.faq.queries import list_writers
from community.faq.rules import EntryText, text_of
from community.faq.words import overlap, telling

STAGE = "CASE WHEN e.newer_state <> '' THEN e.newer_state ELSE e.state END"
"""SQL: the stage of the version in work; of a public entry with a newer version, that of the newer one."""
EDITOR = "COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS editor"
"""SQL: nickname, or short name of staff."""


@dataclass(frozen=True, slots=True)
class EditorialEntry:
    """One entry with the version in work and the released one."""

    id: int
    slug: str
    stage: str
    state: str
    version: int
    text: EntryText
    editor: str
    edited_by: int | None
    writers: frozenset[int]
    """All who wrote in it since it was last released."""
    edited_at: datetime
    published_version: int | None
    published: EntryText | None
    """The released text; None before the first release. Readers see it while `is_public`."""
    is_public: bool
    helpful_count: int
    unhelpful_count: int


@dataclass(frozen=True, slots=True)
class EntryRevisionRow:
    """What an entry said in one version."""

    version: int
    text: EntryText
    """Without language, category and related entries where the version is older than these were kept."""
    editor: str
    saved_at: datetime
    released_by: str
    """Name of who released this version; empty if nobody did."""


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    reason: str
    helpful: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    id: int
    question: str
    short_answer: str
    in_review: bool
    """A second person has to release it."""
    to_check: bool
    """A source or a date says that the released text has to be checked."""


async def find_entries(viewer: Viewer, text: str, size: int = 8) -> tuple[tuple[int, str, str], ...]:
    """Entries whose questions share words with a text, those that share most first: id, question, language."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT id, question, language FROM faq_entries WHERE state <> 'withdrawn'
        ORDER BY edited_at DESC LIMIT 2000"""
    )
    found = []
    for row in rows:
        wanted = telling(text, row["language"])
        shared = overlap(telling(row["question"], row["language"]), wanted)
        if shared:
            found.append((shared, row["id"], row["question"], row["language"]))
    return tuple(
        (entry_id, question, code)
        for _share, entry_id, question, code in sorted(found, key=lambda one: -one[0])[:size]
    )


async def list_waiting_questions(viewer: Viewer, entry_ids: Sequence[int]) -> tuple[WaitingQuestion, ...]:
    """Of these entries those that wait for somebody: in review, or to be checked."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT id, question, short_answer, CASE WHEN 'in_review' IN (state, newer_state) AND NOT EXISTS
        (SELECT 1 FROM faq_schedules s WHERE s.entry_id = e.id AND s.failed_at IS NULL)
        THEN 1 ELSE 0 END AS in_review,
        CASE WHEN state = 'check' THEN 1 ELSE 0 END AS to_check FROM faq_entries e WHERE id IN (:ids)""",
        {"ids": list(entry_ids)},
    )
    return tuple(
        WaitingQuestion(
            row["id"], row["question"], row["short_answer"], bool(row["in_review"]), bool(row["to_check"])
        )
        for row in rows
    )


async def get_editorial(viewer: Viewer, entry_id: int) -> EditorialEntry:
    """The entry with everything that editors work on; not found for everybody else."""
    demand_editor(viewer)
    row = await fetch_one(
        f"""SELECT e.*, {STAGE} AS stage, {EDITOR} FROM faq_entries e
        LEFT JOIN members m ON m.id = e.edited_by AND m.erased_at IS NULL WHERE e.id = :id""",  # noqa: S608 - constants
        {"id": entry_id},
    )
    if row is None:
        raise NotFound
    return EditorialEntry(
        id=row["id"],
        slug=row["slug"],
        stage=row["stage"],
        state=row["state"],
        version=row["version"],
        text=text_of(row),
        editor=row["editor"] or "",
        edited_by=row["edited_by"],
        writers=frozenset(await list_writers(entry_id, after_version=row["published_version"] or 0)),
        edited_at=as_known_time(row["edited_at"]),
        published_version=row["published_version"],
        published=_published(row),
        is_public=row["state"] in PUBLIC_STATES,
        helpful_count=row["helpful_count"],
        unhelpful_count=row["unhelpful_count"],
    )


def _published(row: Mapping[str, Any]) -> EntryText | None:
    if row["published_version"] is None:
        return None
    return text_of(row, "published_")


async def list_entry_revisions(viewer: Viewer, entry_id: int) -> tuple[EntryRevisionRow, ...]:
    """The last hundred versions of an entry, the newest first, with who wrote and who released each."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT v.version, v.question, v.short_answer, v.steps, v.valid_for, v.valid_until, v.audience,
        v.category_id, v.language, v.related, v.saved_at, {EDITOR},
        COALESCE(NULLIF(b.staff_name, ''), b.nickname) AS released_by
        FROM faq_revisions v LEFT JOIN members m ON m.id = v.edited_by AND m.erased_at IS NULL
        LEFT JOIN releases r ON r.subject = :subject AND r.version = v.version
        LEFT JOIN members b ON b.id = r.released_by
        WHERE v.entry_id = :id ORDER BY v.version DESC LIMIT 100""",  # noqa: S608 - constants
        {"id": entry_id, "subject": f"faq:{entry_id}"},
    )
    return tuple(
        EntryRevisionRow(
            version=row["version"],
            text=text_of(row),
            editor=row["editor"] or "",
            saved_at=as_known_time(row["saved_at"]),
            released_by=row["released_by"] or "",
        )
        for row in rows
    )


async def list_feedback(viewer: Viewer, entry_id: int) -> tuple[FeedbackRow, ...]:
    """The newest answers to "did it help?" that gave a reason; nobody learns whose they are."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT reason, helpful, created_at FROM faq_feedback WHERE entry_id = :id AND reason <> ''
        ORDER BY id DESC LIMIT 20""",
        {"id": entry_id},
    )
    return tuple(
        FeedbackRow(row["reason"], bool(row["helpful"]), as_known_time(row["created_at"])) for row in rows
    )


@dataclass(frozen=True, slots=True)
class EditorialCategory:
    id: int
    slug: str
    name: str
    language: str
    entry_count: int
    """Entries in any state."""


async def list_all_categories() -> tuple[EditorialCategory, ...]:
    """Every category, empty ones too, in their order."""
    rows = await fetch(
        """SELECT c.id, c.slug, c.name, c.language, (SELECT COUNT(*) FROM faq_entries e WHERE e.category_id = c.id)
        AS entry_count FROM faq_categories c ORDER BY c.position, c.name, c.id LIMIT 200"""
    )
    return tuple(EditorialCategory(**dict(row)) for row in rows)

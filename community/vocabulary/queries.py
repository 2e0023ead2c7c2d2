"""What the vocabulary says: the entries of staff, the groups that ship, and both as the search wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from community.core.db import Row, as_json, as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.vocabulary.models import EntryKind
from community.vocabulary.permissions import can_edit_vocabulary
from community.vocabulary.rules import EntryDraft, to_configuration
from search.configuration import Configuration
from search.configuration import load_configuration as load_shipped

Stamp = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of staff."""

    id: int
    draft: EntryDraft
    version: int
    changed_by: str
    """Nickname, or short name of staff; empty for a former member."""
    changed_at: datetime


@lru_cache(1)
def shipped_groups() -> tuple[tuple[str, ...], ...]:
    """The groups that come with the search, in its own order; known by their first word."""
    return load_shipped().synonyms


def find_shipped(first_word: str) -> tuple[str, ...]:
    """The group that ships with this first word."""
    for group in shipped_groups():
        if group[0] == first_word:
            return group
    raise NotFound


async def list_entries(viewer: Viewer) -> list[EntryView]:
    """All entries of staff, names first, by their first word."""
    if not can_edit_vocabulary(viewer):
        raise NotFound
    rows = await fetch(
        """SELECT e.id, e.kind, e.words, e.replaces, e.version, e.changed_at,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS changed_by FROM vocabulary_entries e
        LEFT JOIN members m ON m.id = e.changed_by AND m.erased_at IS NULL"""
    )
    entries = [_view(row) for row in rows]
    return sorted(
        entries, key=lambda entry: (entry.draft.kind, [word.lower() for word in entry.draft.words[:1]])
    )


async def get_entry(viewer: Viewer, entry_id: int) -> EntryView:
    for entry in await list_entries(viewer):
        if entry.id == entry_id:
            return entry
    raise NotFound


def _view(row: Row) -> EntryView:
    changed_at = as_time(row["changed_at"])
    assert changed_at is not None  # noqa: S101 - the column is never empty
    return EntryView(row["id"], draft_of(row), row["version"], row["changed_by"] or "", changed_at)


def draft_of(row: Row) -> EntryDraft:
    """What a row of the table says."""
    return EntryDraft(EntryKind(row["kind"]), tuple(as_json(row["words"])), row["replaces"])


async def list_drafts(*, without: int | None = None) -> list[EntryDraft]:
    """What all entries of staff say, in a fixed order; without one of them for trying out what it would say."""
    rows = await fetch(
        "SELECT id, kind, words, replaces FROM vocabulary_entries WHERE id <> :id ORDER BY id",
        {"id": without or 0},
    )
    return [draft_of(row) for row in rows]


async def list_jargon() -> dict[str, str]:
    """Words that customers do not use, each with what says the same to them."""
    return {
        draft.words[0]: ", ".join(draft.words[1:])
        for draft in await list_drafts()
        if draft.kind == EntryKind.JARGON
    }


def shipped_drafts(entries: Sequence[EntryDraft]) -> list[EntryDraft]:
    """The groups that ship and are in force beside these entries."""
    replaced = {entry.replaces for entry in entries}
    return [EntryDraft(EntryKind.SAME, group) for group in shipped_groups() if group[0] not in replaced]


async def current_configuration() -> Configuration:
    """What the search is told now."""
    return to_configuration(await list_drafts(), shipped_groups())


async def configuration_with(draft: EntryDraft | None, *, instead_of: int | None = None) -> Configuration:
    """What the search would be told with one more entry, or with that one in the place of an entry there is."""
    drafts = await list_drafts(without=instead_of)
    return to_configuration([*drafts, draft] if draft else drafts, shipped_groups())


async def get_stamp() -> Stamp:
    """Differs from what it was as soon as an entry was added, changed or removed."""
    row = await fetch_one(
        "SELECT COUNT(*) AS n, SUM(version) AS versions, MAX(changed_at) AS last FROM vocabulary_entries"
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return row["n"], int(row["versions"] or 0), str(row["last"])

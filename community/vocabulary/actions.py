"""Teaching the search words. Each action is one transaction with its entry in the log; the search follows itself."""

from __future__ import annotations

from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction, is_unique_violation, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.vocabulary.models import EntryKind, VocabularyEntry
from community.vocabulary.queries import draft_of, find_shipped, list_drafts, shipped_drafts
from community.vocabulary.rules import EntryDraft, find_problems

MOST_ENTRIES = 1_000


async def problems_of(draft: EntryDraft, *, entry_id: int | None = None) -> list[str]:
    """What is wrong with a new entry, or with the changed one of this id, beside all others."""
    drafts = await list_drafts(without=entry_id)
    beside = [*drafts, draft] if draft.replaces else drafts
    return find_problems(draft, [*drafts, *shipped_drafts(beside)])


async def add_entry(draft: EntryDraft, *, by: Viewer, reason: str = "") -> int:
    """Add an entry and answer its id."""
    if draft.replaces:
        find_shipped(draft.replaces)
    entry_id = random_id()
    try:
        async with in_transaction():
            await _demand_order(draft)
            row = await fetch_one("SELECT COUNT(*) AS n FROM vocabulary_entries")
            if row and row["n"] >= MOST_ENTRIES:
                raise RuleBroken(_("There are too many entries. Please remove some first."))
            await _insert(entry_id, draft, by)
            await _record(entry_id, "add_words", draft, by=by, reason=reason)
    except Exception as error:
        if is_unique_violation(error):
            raise Conflict(_("Somebody else has changed this group meanwhile.")) from error
        raise
    return entry_id


async def change_entry(
    entry_id: int, draft: EntryDraft, *, version: int, by: Viewer, reason: str = ""
) -> None:
    """Let an entry say something else; `Conflict` if it is not what it was any more when the form was shown."""
    async with in_transaction():
        changed = await execute(
            """UPDATE vocabulary_entries SET version = version + 1, changed_at = :now, changed_by = :by
            WHERE id = :id AND version = :version AND kind <> :off""",
            {"id": entry_id, "version": version, "now": now(), "by": by.id, "off": EntryKind.OFF},
        )
        before = await _draft(entry_id)
        if not changed:
            raise Conflict(_("Somebody else has changed this entry meanwhile."))
        draft = EntryDraft(draft.kind, draft.words, before.replaces)
        await _demand_order(draft, entry_id)
        await VocabularyEntry.filter(id=entry_id).update(kind=str(draft.kind), words=list(draft.words))
        await _record(entry_id, "change_words", draft, by=by, reason=reason, before=before)


async def remove_entry(entry_id: int, *, by: Viewer, reason: str = "") -> None:
    """Remove an entry; a group that ships and was replaced or switched off by it is in force again."""
    async with in_transaction():
        before = await _draft(entry_id)
        if not await execute("DELETE FROM vocabulary_entries WHERE id = :id", {"id": entry_id}):
            raise NotFound
        await _record(entry_id, "remove_words", before, by=by, reason=reason)


async def switch_off(first_word: str, *, by: Viewer) -> int:
    """Switch a group off that ships, and answer the id of the entry that says so; harmless when done twice."""
    draft = EntryDraft(EntryKind.OFF, replaces=find_shipped(first_word)[0])
    entry_id = random_id()
    try:
        async with in_transaction():
            await _insert(entry_id, draft, by)
            await _record(entry_id, "switch_off_words", draft, by=by, reason="")
    except Exception as error:
        if is_unique_violation(error):
            raise Conflict(_("Somebody else has changed this group meanwhile.")) from error
        raise
    return entry_id


async def _demand_order(draft: EntryDraft, entry_id: int | None = None) -> None:
    # The stamp's row is the lock: two people who write at the same time do it one after the other.
    await raise_site_stamp()
    problems = await problems_of(draft, entry_id=entry_id)
    if problems:
        raise RuleBroken(problems[0])


async def _draft(entry_id: int) -> EntryDraft:
    row = await fetch_one(
        "SELECT kind, words, replaces FROM vocabulary_entries WHERE id = :id", {"id": entry_id}
    )
    if row is None:
        raise NotFound
    return draft_of(row)


async def _insert(entry_id: int, draft: EntryDraft, by: Viewer) -> None:
    await insert(
        VocabularyEntry,
        id=entry_id,
        kind=str(draft.kind),
        words=list(draft.words),
        replaces=draft.replaces,
        changed_by=by.id,
        changed_at=now(),
    )


async def _record(
    entry_id: int, act: str, draft: EntryDraft, *, by: Viewer, reason: str, before: EntryDraft | None = None
) -> None:
    """Log the change with its words, which are settings and nobody's text, and tell the search."""
    details: dict[str, Any] = {
        "kind": str(draft.kind),
        "words": list(draft.words),
        "replaces": draft.replaces or "",
    }
    if before is not None:
        details["words_before"], details["kind_before"] = list(before.words), str(before.kind)
    await log(act, f"words:{entry_id}", by=by, reason=reason, **details)
    await outbox.record("vocabulary.changed", entry_id=entry_id, by=by.id)

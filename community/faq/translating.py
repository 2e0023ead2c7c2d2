"""Making a translation of an entry, and saying that it agrees with its original again."""

from __future__ import annotations

from community.core.db import execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.faq.actions import draft_entry, lock_entry
from community.faq.languages import demand_free_language
from community.faq.models import EntrySource, EntryState
from community.faq.rules import EntryText


async def draft_translation(entry_id: int, text: EntryText, *, seen_version: int, by: Viewer) -> int:
    """Draft the same in another language and answer its id; its sources are those of the original.

    A translation of a translation is one of the original. `seen_version` is the version of that which the editor saw.
    """
    row = await fetch_one(
        "SELECT COALESCE(original_id, id) AS original FROM faq_entries WHERE id = :id", {"id": entry_id}
    )
    if row is None:
        raise NotFound
    async with in_transaction():
        original = await lock_entry(row["original"])
        if original["state"] == EntryState.WITHDRAWN:
            raise RuleBroken(_("A withdrawn entry has to be taken up again before it is edited."))
        await demand_free_language(original["id"], text.language)
        made = await draft_entry(None, text, by=by)
        await execute(
            "UPDATE faq_entries SET original_id = :original, original_version = :version WHERE id = :id",
            {"original": original["id"], "version": min(seen_version, original["version"]), "id": made},
        )
        await _copy_sources(original["id"], made)
    return made


async def note_agreement(entry_id: int, *, version: int, by: Viewer) -> None:
    """A person has found that the translation says what this released version of its original says."""
    async with in_transaction():
        original_id = await _find_original(entry_id)
        # By their ids, as whoever else locks several.
        locked = {each: await lock_entry(each) for each in sorted({entry_id, original_id})}
        if locked[entry_id]["original_id"] != original_id:
            raise NotFound
        original = locked[original_id]
        if version != (original["published_version"] or original["version"]):
            raise Conflict(_("Somebody else has changed this entry meanwhile."))
        await execute(
            "UPDATE faq_entries SET original_version = :version WHERE id = :id",
            {"version": version, "id": entry_id},
        )
        await log("faq.translation_checked", f"faq:{entry_id}", by=by, reason="", version=version)


async def _find_original(entry_id: int) -> int:
    row = await fetch_one("SELECT original_id FROM faq_entries WHERE id = :id", {"id": entry_id})
    if row is None or row["original_id"] is None:
        raise NotFound
    return int(row["original_id"])


async def _copy_sources(original_id: int, entry_id: int) -> None:
    """Those that the original rests on, and what they said to it; but nothing of what somebody found no matter, or
    said yes to, in another text than this one."""
    rows = await fetch(
        """SELECT post_id, thread_id, checked_thread_id, is_answer, fingerprint FROM faq_sources
        WHERE entry_id = :id AND fingerprint <> '' ORDER BY id""",
        {"id": original_id},
    )
    for row in rows:
        values = {**dict(row), "is_answer": bool(row["is_answer"])}
        await insert(EntrySource, id=random_id(), entry_id=entry_id, **values)

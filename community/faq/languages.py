"""One entry in several languages: the original and its translations, each an entry with states of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from community.core.db import execute, fetch, fetch_one
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import GUEST, Viewer
from community.faq.editorial import STAGE
from community.faq.models import IS_PUBLIC
from community.faq.permissions import demand_editor, visible_entries
from community.faq.queries import entry_url
from community.faq.rules import EntryText, text_of


@dataclass(frozen=True, slots=True)
class TranslationLine:
    """An entry in another language, in its released wording."""

    id: int
    language: str
    question: str
    url: str


@dataclass(frozen=True, slots=True)
class EditorialTranslation:
    """One entry of those that say the same in several languages, as editors see it."""

    id: int
    language: str
    question: str
    stage: str
    is_original: bool


@dataclass(frozen=True, slots=True)
class Original:
    """What an entry is translated from: its released text, or the one in work before the first release."""

    id: int
    version: int
    text: EntryText
    agreed: EntryText
    """What it said when the translation was last found to agree with it."""

    @property
    def has_changed(self) -> bool:
        return any(
            getattr(self.text, name) != getattr(self.agreed, name)
            for name in ("question", "short_answer", "steps", "valid_for", "valid_until")
        )


# x is the entry that is asked about; e those that say the same, in other languages.
_SAME = """faq_entries x JOIN faq_entries e
    ON (e.id = COALESCE(x.original_id, x.id) OR e.original_id = COALESCE(x.original_id, x.id))"""


async def list_translations(
    viewer: Viewer, entry_ids: Collection[int]
) -> dict[int, tuple[TranslationLine, ...]]:
    """For each of these entries those in other languages that the viewer may read, by language."""
    # By their originals, which are looked up first: one look over the entries instead of one for each of these.
    asked = await fetch(
        "SELECT id, COALESCE(original_id, id) AS original FROM faq_entries WHERE id IN (:ids)",
        {"ids": sorted(entry_ids)},
    )
    rows = await fetch(
        f"""SELECT e.id, COALESCE(e.original_id, e.id) AS original, e.slug, e.published_language AS language,
        e.published_question AS question FROM faq_entries e
        WHERE (e.id IN (:originals) OR e.original_id IN (:originals)) AND {visible_entries(viewer)}
        ORDER BY e.published_language, e.id""",  # noqa: S608 - constants
        {"originals": sorted({row["original"] for row in asked})},
    )
    same: dict[int, list[TranslationLine]] = {}
    for row in rows:
        line = TranslationLine(row["id"], row["language"], row["question"], entry_url(row["id"], row["slug"]))
        same.setdefault(row["original"], []).append(line)
    found = {
        row["id"]: tuple(line for line in same.get(row["original"], ()) if line.id != row["id"])
        for row in asked
    }
    return {entry_id: lines for entry_id, lines in found.items() if lines}


async def list_public_alternates() -> dict[str, tuple[tuple[str, str], ...]]:
    """By the path of each public entry that has translations: language and path of all of them, its own too."""
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_language AS language, COALESCE(e.original_id, e.id) AS original
        FROM faq_entries e WHERE {visible_entries(GUEST)} AND (e.original_id IS NOT NULL
        OR EXISTS (SELECT 1 FROM faq_entries t WHERE t.original_id = e.id)) ORDER BY e.published_language, e.id"""  # noqa: S608
    )
    groups: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        groups.setdefault(row["original"], []).append((row["language"], entry_url(row["id"], row["slug"])))
    return {path: tuple(group) for group in groups.values() if len(group) > 1 for _code, path in group}


async def list_editorial_translations(viewer: Viewer, entry_id: int) -> tuple[EditorialTranslation, ...]:
    """The entry and all that say the same in other languages; the original first."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT e.id, e.language, e.question, e.original_id, {STAGE} AS stage
        FROM {_SAME} WHERE x.id = :id ORDER BY CASE WHEN e.original_id IS NULL THEN 0 ELSE 1 END, e.language, e.id""",  # noqa: S608 - constants
        {"id": entry_id},
    )
    return tuple(
        EditorialTranslation(
            row["id"], row["language"], row["question"], row["stage"], row["original_id"] is None
        )
        for row in rows
    )


async def find_original(viewer: Viewer, entry_id: int) -> Original | None:
    """What this entry is a translation of; None for an original."""
    demand_editor(viewer)
    row = await fetch_one(
        """SELECT o.*, t.original_version AS agreed_version FROM faq_entries t
        JOIN faq_entries o ON o.id = t.original_id WHERE t.id = :id""",
        {"id": entry_id},
    )
    if row is None:
        return None
    now = _current(row)
    before = await fetch_one(
        "SELECT * FROM faq_revisions WHERE entry_id = :id AND version = :version",
        {"id": row["id"], "version": row["agreed_version"]},
    )
    agreed = text_of(before) if before else now.text
    return Original(now.id, now.version, now.text, agreed)


async def get_original(viewer: Viewer, entry_id: int) -> Original:
    """The same for a translation that is still to be made of this entry."""
    demand_editor(viewer)
    row = await fetch_one(
        """SELECT o.* FROM faq_entries x JOIN faq_entries o ON o.id = COALESCE(x.original_id, x.id)
        WHERE x.id = :id""",
        {"id": entry_id},
    )
    if row is None:
        raise NotFound
    return _current(row)


async def list_outdated(entry_ids: Collection[int]) -> set[int]:
    """Those of these entries whose original says something else now than when they were found to agree with it."""
    rows = await fetch(
        """SELECT t.id FROM faq_entries t JOIN faq_entries o ON o.id = t.original_id
        JOIN faq_revisions r ON r.entry_id = o.id AND r.version = t.original_version
        WHERE t.id IN (:ids) AND o.published_version <> t.original_version AND (r.question <> o.published_question
        OR r.short_answer <> o.published_short_answer OR r.steps <> o.published_steps
        OR r.valid_for <> o.published_valid_for OR r.valid_until <> o.published_valid_until)""",
        {"ids": sorted(entry_ids)},
    )
    return {row["id"] for row in rows}


async def demand_free_language(original_id: int, language: str, *, besides: int = 0) -> None:
    """In the transaction that gives an entry this language: of an entry there is one in each."""
    # The original's row is the lock: two translations at the same moment come one after the other.
    await execute("UPDATE faq_entries SET version = version WHERE id = :id", {"id": original_id})
    row = await fetch_one(
        f"""SELECT 1 AS found FROM faq_entries e WHERE (e.id = :id OR e.original_id = :id) AND e.id <> :besides
        AND (e.language = :language OR (e.published_language = :language AND {IS_PUBLIC}))""",  # noqa: S608 - constants
        {"id": original_id, "besides": besides, "language": language},
    )
    if row is not None:
        raise RuleBroken(_("There is an entry in this language already that says the same."))


async def list_same(entry_id: int) -> list[int]:
    """The entry and those in other languages: what they tell of each other changes when one comes or goes."""
    rows = await fetch(f"SELECT e.id FROM {_SAME} WHERE x.id = :id ORDER BY e.id", {"id": entry_id})  # noqa: S608
    return [row["id"] for row in rows]


def _current(row: Mapping[str, Any]) -> Original:
    released = row["published_version"] is not None
    text = text_of(row, "published_" if released else "")
    return Original(row["id"], row["published_version"] if released else row["version"], text, text)

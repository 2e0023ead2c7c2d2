"""What leaves the site: public entries in their released wording, exactly as a guest may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core import i18n
from community.core.db import as_known_time, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq import whole_addresses
from community.faq.languages import list_translations
from community.faq.permissions import visible_entries
from community.faq.queries import credited, entry_url, list_sources
from community.settings import settings
from community.spaces.queries import load_viewer

BATCH = 200


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """An entry as another website gets it: every address is absolute."""

    id: int
    url: str
    question: str
    short_answer: str
    steps: str
    """Markdown."""
    html: str
    """The steps as HTML."""
    valid_for: str
    valid_until: str
    """The last day on which the answer holds, "2027-06-30"; empty if it has no end."""
    language: str
    category_slug: str
    category_name: str
    category_position: int
    """Its place among the categories."""
    published_at: datetime
    changed_at: datetime
    checked_at: datetime
    checked_role: str
    credits: tuple[str, ...]
    """Nicknames of helpers whose answers stand in open spaces."""
    translations: tuple[str, ...] = ()
    """Stable ids of the public entries that say the same in other languages."""

    @property
    def key(self) -> str:
        """The id outside: it never changes."""
        return entry_key(self.id)


def entry_key(entry_id: int) -> str:
    """The stable id of an entry in every format: "faq-123"."""
    return f"faq-{entry_id}"


async def list_exported(*, language: str = "", category: str = "") -> tuple[ExportedEntry, ...]:
    """All public entries, by category; `NotFound` for a category that does not exist."""
    if category and not await fetch("SELECT 1 FROM faq_categories WHERE slug = :slug", {"slug": category}):
        raise NotFound
    guest = await _guest()
    rows = await fetch(
        f"""SELECT e.id FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
        WHERE {visible_entries(guest)} {"AND e.published_language = :language" if language else ""}
        {"AND c.slug = :category" if category else ""}
        ORDER BY c.position, c.name, c.id, e.published_at, e.id""",  # noqa: S608 - constants
        {"language": language, "category": category},
    )
    return await _entries([row["id"] for row in rows], guest)


async def load_exported(ids: Sequence[int]) -> tuple[ExportedEntry, ...]:
    """The public ones among `ids`, in this order."""
    return await _entries(ids, await _guest()) if ids else ()


async def main_language(*, category: str = "") -> str:
    """The language of most public entries, or of most of a category; that of the texts here if there are none."""
    rows = await fetch(
        f"""SELECT e.published_language AS language
        FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
        WHERE {visible_entries(await _guest())} {"AND c.slug = :category" if category else ""}
        GROUP BY e.published_language ORDER BY COUNT(*) DESC, e.published_language LIMIT 1""",  # noqa: S608 - constants
        {"category": category},
    )
    return str(rows[0]["language"]) if rows else i18n.SOURCE_LANGUAGE


async def _guest() -> Viewer:
    viewer, _spaces = await load_viewer()
    return viewer


async def _entries(ids: Sequence[int], guest: Viewer) -> tuple[ExportedEntry, ...]:
    """The public ones among `ids`, in this order."""
    entries: list[ExportedEntry] = []
    for start in range(0, len(ids), BATCH):
        batch = list(ids[start : start + BATCH])
        rows = await fetch(
            f"""SELECT e.id, e.slug, e.published_question AS question, e.published_short_answer AS short_answer,
            e.published_steps AS steps, e.published_html AS html, e.published_valid_for AS valid_for,
            e.published_valid_until AS valid_until,
            e.published_language AS language, c.slug AS category_slug, c.name AS category_name,
            c.position AS category_position, e.published_at, e.changed_at, e.checked_at, e.checked_role
            FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
            WHERE e.id IN (:ids) AND {visible_entries(guest)}""",  # noqa: S608 - constants
            {"ids": batch},
        )
        found = {row["id"]: row for row in rows}
        credits: dict[int, list] = {}
        for source in await list_sources(guest, list(found)):
            credits.setdefault(source.entry_id, []).append(source)
        translations = await list_translations(guest, list(found))
        entries += [
            _entry(
                found[entry_id],
                tuple(author.staff_name or author.nickname for author in credited(credits.get(entry_id, ()))),
                tuple(entry_key(line.id) for line in translations.get(entry_id, ())),
            )
            for entry_id in batch
            if entry_id in found
        ]
    return tuple(entries)


def _entry(row: Mapping[str, Any], credits: tuple[str, ...], translations: tuple[str, ...]) -> ExportedEntry:
    base = settings.base_url
    return ExportedEntry(
        id=row["id"],
        url=base + entry_url(row["id"], row["slug"]),
        question=row["question"],
        short_answer=row["short_answer"],
        steps=whole_addresses.in_markdown(row["steps"], base),
        html=whole_addresses.in_html(row["html"], base).strip(),
        valid_for=row["valid_for"],
        valid_until=row["valid_until"],
        language=row["language"],
        category_slug=row["category_slug"],
        category_name=row["category_name"],
        category_position=row["category_position"],
        published_at=as_known_time(row["published_at"]),
        changed_at=as_known_time(row["changed_at"]),
        checked_at=as_known_time(row["checked_at"]),
        checked_role=row["checked_role"],
        credits=credits,
        translations=translations,
    )

"""What leaves the site: public entries in their released wording, exactly as a guest may read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from community.faq.queries import SourceLine, credited, entry_url, list_sources
from community.settings import settings
from community.spaces.queries import load_viewer

BATCH = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """What an entry says, as another website gets it: every address is absolute."""

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

    @property
    def key(self) -> str:
        """The id outside: it never changes."""
        return entry_key(self.id)


@dataclass(frozen=True, slots=True)
class ExportedEntry(Wording):
    """An entry with what stands around it."""

    credits: tuple[str, ...]
    """Nicknames of helpers whose answers stand in open spaces."""
    translations: tuple[str, ...] = ()
    """Stable ids of the public entries that say the same in other languages."""


def entry_key(entry_id: int) -> str:
    """The stable id of an entry in every format: "faq-123"."""
    return f"faq-{entry_id}"


async def demand_category(slug: str) -> None:
    """Raises `NotFound` for one that does not exist; none at all is fine."""
    if slug and not await fetch("SELECT 1 FROM faq_categories WHERE slug = :slug", {"slug": slug}):
        raise NotFound


async def list_exported() -> tuple[ExportedEntry, ...]:
    """All public entries, by category."""
    guest = await _guest()
    rows = await fetch(
        f"""SELECT e.id FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
        WHERE {visible_entries(guest)} ORDER BY c.position, c.name, c.id, e.published_at, e.id"""  # noqa: S608 - constants
    )
    return await _entries([row["id"] for row in rows], guest)


async def load_exported(ids: Sequence[int]) -> tuple[ExportedEntry, ...]:
    """The public ones among `ids`, in this order."""
    return await _entries(ids, await _guest()) if ids else ()


async def load_wordings(guest: Viewer, ids: Sequence[int]) -> tuple[Wording, ...]:
    """What the public ones among `ids` say, in this order, without asking for credits and translations."""
    return tuple(
        [Wording(**said) for batch in _batches(ids) for said in (await _said(batch, guest)).values()]
    )


async def main_language(guest: Viewer, *, category: str = "") -> str:
    """The language of most public entries, or of most of a category; that of the texts here if there are none."""
    rows = await fetch(
        f"""SELECT e.published_language AS language
        FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
        WHERE {visible_entries(guest)} {"AND c.slug = :category" if category else ""}
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
    for batch in _batches(ids):
        found = await _said(batch, guest)
        sources: dict[int, list[SourceLine]] = {}
        for source in await list_sources(guest, list(found)):
            sources.setdefault(source.entry_id, []).append(source)
        translations = await list_translations(guest, list(found))
        entries += [
            ExportedEntry(
                **said,
                credits=tuple(
                    author.staff_name or author.nickname for author in credited(sources.get(entry_id, ()))
                ),
                translations=tuple(entry_key(line.id) for line in translations.get(entry_id, ())),
            )
            for entry_id, said in found.items()
        ]
    return tuple(entries)


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    return (list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


async def _said(ids: list[int], guest: Viewer) -> dict[int, dict[str, Any]]:
    """The fields of a `Wording` by the entry's id, in the order of `ids`."""
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_question AS question, e.published_short_answer AS short_answer,
        e.published_steps AS steps, e.published_html AS html, e.published_valid_for AS valid_for,
        e.published_valid_until AS valid_until,
        e.published_language AS language, c.slug AS category_slug, c.name AS category_name,
        c.position AS category_position, e.published_at, e.changed_at, e.checked_at, e.checked_role
        FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id
        WHERE e.id IN (:ids) AND {visible_entries(guest)}""",  # noqa: S608 - constants
        {"ids": ids},
    )
    found = {row["id"]: _fields(row) for row in rows}
    return {entry_id: found[entry_id] for entry_id in ids if entry_id in found}


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    base = settings.base_url
    times = ("published_at", "changed_at", "checked_at")
    return {
        **{name: value for name, value in dict(row).items() if name != "slug"},
        **{name: as_known_time(row[name]) for name in times},
        "url": base + entry_url(row["id"], row["slug"]),
        "steps": whole_addresses.in_markdown(row["steps"], base),
        "html": whole_addresses.in_html(row["html"], base).strip(),
    }

"""Building and writing the export in the format that is asked for."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from community.core import i18n
from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.files import replace_file
from community.core.i18n import gettext as _
from community.faq import formats, formats_html
from community.faq.bundle import bundle_files, zipped
from community.faq.changes import BEGINNING, Changes, load_all
from community.faq.exported import ExportedEntry, demand_category
from community.faq.formats_html import in_language

MEDIA_TYPES = {
    "html": ("html", "text/html; charset=utf-8"),
    "jsonld": ("jsonld", "application/ld+json"),
    "json": ("json", "application/feed+json"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "markdown": ("md", "text/markdown; charset=utf-8"),
    "zip": ("zip", "application/zip"),
}
"""Format: ending of the file's name, and media type."""


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export."""

    name: str
    """A name for the file: "faq-2026-11-22.csv"."""
    media_type: str
    content: bytes
    count: int
    """Entries in it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the formats are made from."""

    entries: Sequence[ExportedEntry]
    cursor: str
    language: str
    category: str


async def build_export(format_name: str, *, language: str = "", category: str = "") -> Export:
    """The public FAQ in a format of `MEDIA_TYPES`, all of it or one language or category.

    Raises `NotFound` for an unknown category. Words around the entries come in `language`, or else in that of most
    entries: not in that of whoever exports, since customers read them.
    """
    if format_name not in MEDIA_TYPES:
        raise RuleBroken(_("There is no such format."))
    asked = await _load(language, category)
    with in_language(language or _main_language(asked.entries)):
        content = await asyncio.to_thread(_content, format_name, asked)
    ending, media_type = MEDIA_TYPES[format_name]
    return Export(f"faq-{now():%Y-%m-%d}.{ending}", media_type, content, len(asked.entries))


async def build_files(*, language: str = "", category: str = "") -> dict[str, bytes]:
    """The files of the bundle by their names, in the order in which they may be put where others read them."""
    asked = await _load(language, category)
    with in_language(language or _main_language(asked.entries)):
        return await asyncio.to_thread(_bundle, asked)


async def _load(language: str, category: str) -> _Asked:
    await demand_category(category)
    entries, cursor = await load_all()
    chosen = [
        entry
        for entry in entries
        if language in ("", entry.language) and category in ("", entry.category_slug)
    ]
    return _Asked(chosen, cursor, language, category)


def _main_language(entries: Sequence[ExportedEntry]) -> str:
    counted = Counter(entry.language for entry in entries).most_common(1)
    return counted[0][0] if counted else i18n.language()


async def write_export(format_name: str, path: Path, *, language: str = "", category: str = "") -> int:
    """Write an export to `path` and answer the number of entries. The file is replaced as a whole or not at all."""
    export = await build_export(format_name, language=language, category=category)
    await asyncio.to_thread(replace_file, path, export.content)
    return export.count


def _content(format_name: str, asked: _Asked) -> bytes:
    if format_name == "zip":
        return zipped(_bundle(asked))
    return _file(format_name, asked).encode()


def _file(format_name: str, asked: _Asked) -> str:
    match format_name:
        case "html":
            return formats_html.all_on_one_page(asked.entries)
        case "jsonld":
            return formats.json_ld(asked.entries)
        case "csv":
            return formats.csv_document(asked.entries)
        case "markdown":
            return formats.markdown_document(asked.entries)
        case _:
            changes = Changes(tuple(asked.entries), (), asked.cursor, more=False)
            asked_for = formats.FeedQuery(language=asked.language, category=asked.category)
            return formats.json_feed(changes, asked_for)


def _bundle(asked: _Asked) -> dict[str, bytes]:
    whole = {f"faq.{MEDIA_TYPES[name][0]}": _file(name, asked) for name in MEDIA_TYPES if name != "zip"}
    return bundle_files(
        asked.entries, whole, cursor=asked.cursor, language=asked.language, category=asked.category
    )


def fingerprint_of_form() -> str:
    """Differs as soon as the files of the same entries would: by the program's own words, by how files are laid out,
    by settings and by the key. Found by making those of an entry that has everything."""
    digest = hashlib.blake2b(digest_size=16)
    for code in i18n.languages():
        specimen = replace(_SPECIMEN, language=code)
        with in_language(code):
            for name, content in _bundle(_Asked((specimen,), BEGINNING, code, "")).items():
                digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


_MOMENT = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
_SPECIMEN = ExportedEntry(
    id=1,
    url="/faq/1",
    question="Question",
    short_answer="Answer",
    steps="1. Step",
    html="<ol><li>Step</li></ol>",
    valid_for="Product",
    valid_until="2026-12-31",
    language="",
    category_slug="category",
    category_name="Category",
    category_position=1,
    published_at=_MOMENT,
    changed_at=_MOMENT,
    checked_at=_MOMENT,
    checked_role="moderator",
    credits=("Helper",),
    translations=("faq-2",),
)

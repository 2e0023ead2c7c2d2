"""Building and writing the export in the format that is asked for."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from community.core import i18n
from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.faq import formats, formats_html
from community.faq.changes import Changes, current_cursor
from community.faq.exported import ExportedEntry, list_exported
from community.faq.formats_html import in_language
from community.settings import settings

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
    # The cursor is read first: whoever goes on from it meets a change of this moment twice rather than never.
    cursor = await current_cursor()
    asked = _Asked(await list_exported(language=language, category=category), cursor, language, category)
    with in_language(language or _main_language(asked.entries)):
        content = await asyncio.to_thread(_content, format_name, asked)
    ending, media_type = MEDIA_TYPES[format_name]
    return Export(f"faq-{now():%Y-%m-%d}.{ending}", media_type, content, len(asked.entries))


def _main_language(entries: Sequence[ExportedEntry]) -> str:
    counted = Counter(entry.language for entry in entries).most_common(1)
    return counted[0][0] if counted else i18n.language()


async def write_export(format_name: str, path: Path, *, language: str = "", category: str = "") -> int:
    """Write an export to `path` and answer the number of entries. The file is replaced as a whole or not at all."""
    export = await build_export(format_name, language=language, category=category)
    await asyncio.to_thread(_replace, path, export.content)
    return export.count


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        # A temporary file is readable by its owner alone; the export is for a web server.
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _content(format_name: str, asked: _Asked) -> bytes:
    if format_name == "zip":
        return _bundle(asked)
    return _file(format_name, asked).encode()


def _file(format_name: str, asked: _Asked) -> str:
    match format_name:
        case "html":
            return formats_html.all_on_one_page(asked.entries)
        case "jsonld":
            return formats.json_ld(asked.entries)
        case "csv":
            return formats.csv_table(asked.entries)
        case "markdown":
            return formats.markdown_document(asked.entries)
        case _:
            changes = Changes(tuple(asked.entries), (), asked.cursor, more=False)
            asked_for = formats.FeedQuery(language=asked.language, category=asked.category)
            return formats.json_feed(changes, asked_for)


def _bundle(asked: _Asked) -> bytes:
    """Everything in one ZIP file, with a list of the files and what their content adds up to."""
    files = {
        f"faq.{MEDIA_TYPES[name][0]}": _file(name, asked).encode() for name in MEDIA_TYPES if name != "zip"
    }
    files["fragments/index.html"] = formats_html.index(asked.entries).encode()
    files["pages/index.html"] = formats_html.index_page(asked.entries).encode()
    for entry in asked.entries:
        files[f"fragments/{entry.key}.html"] = formats_html.fragment(entry).encode()
        files[f"pages/{entry.key}.html"] = formats_html.entry_page(entry).encode()
    manifest = {
        "made_at": formats.iso(now()),
        "made_from": f"{settings.base_url}/faq",
        "language": asked.language,
        "category": asked.category,
        "cursor": asked.cursor,
        "counts": {
            "entries": len(asked.entries),
            "categories": len({entry.category_slug for entry in asked.entries}),
            "files": len(files),
        },
        "files": [
            {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, indent=2) + "\n")
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return target.getvalue()

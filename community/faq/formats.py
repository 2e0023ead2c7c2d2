"""The FAQ as JSON, JSON-LD, CSV and Markdown. The formats are described in docs/faq-export.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from community.core.addresses import with_query
from community.core.i18n import gettext as _
from community.core.markdown import plain_text
from community.core.spreadsheets import csv_table
from community.faq.changes import BEGINNING, CHANGES_PER_PAGE, Changes
from community.faq.exported import ExportedEntry
from community.faq.structured import as_html, as_script_text, faq_page, question
from community.settings import settings

FEED_PATH = "/feeds/faq.json"
SCHEMA_PATH = "/feeds/faq.schema.json"
CSV_COLUMNS = (
    "id",
    "url",
    "language",
    "category",
    "question",
    "short_answer",
    "steps",
    "valid_for",
    "valid_until",
    "published_at",
    "changed_at",
    "checked_at",
    "credits",
)
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")


def iso(moment: datetime) -> str:
    """A moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_ld(entries: Iterable[ExportedEntry]) -> str:
    """One FAQPage; may be put into a script element as it is."""
    return as_script_text(
        faq_page(
            question(
                entry.question, entry.short_answer, entry.html, entry.url, entry.language, entry.changed_at
            )
            for entry in entries
        )
    )


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """What a mirror asks the feed for."""

    since: str = BEGINNING
    language: str = ""
    category: str = ""
    size: int = CHANGES_PER_PAGE

    def address(self, since: str) -> str:
        """The same question from another cursor on."""
        asked = {
            "since": "" if since == BEGINNING else since,
            "language": self.language,
            "category": self.category,
            "size": "" if self.size == CHANGES_PER_PAGE else str(self.size),
        }
        return with_query(f"{settings.base_url}{FEED_PATH}", asked)


def json_feed(changes: Changes, asked: FeedQuery | None = None) -> str:
    """A JSON Feed 1.1; what the standard does not know stands under "_kundenkreis"."""
    base, asked = settings.base_url, asked or FeedQuery()
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "FAQ",
        "home_page_url": f"{base}/faq",
        "feed_url": asked.address(asked.since),
    }
    if asked.language:
        feed["language"] = asked.language
    if changes.more:
        feed["next_url"] = asked.address(changes.cursor)
    feed["_kundenkreis"] = {
        "about": f"{base}/faq",
        "schema": f"{base}{SCHEMA_PATH}",
        "since": asked.since,
        "cursor": changes.cursor,
        "retractions": [
            {"id": retraction.key, "withdrawn_at": iso(retraction.at)} for retraction in changes.retractions
        ],
    }
    feed["items"] = [feed_item(entry) for entry in changes.entries]
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def feed_item(entry: ExportedEntry) -> dict[str, Any]:
    """One entry of the feed."""
    return {
        "id": entry.key,
        "url": entry.url,
        "title": entry.question,
        "summary": entry.short_answer,
        "content_html": f"<p>{as_html(entry.short_answer)}</p>{entry.html}",
        "date_published": iso(entry.published_at),
        "date_modified": iso(entry.changed_at),
        "language": entry.language,
        "tags": [entry.category_name],
        "_kundenkreis": {
            "category": entry.category_slug,
            "category_position": entry.category_position,
            "steps_markdown": entry.steps,
            "valid_for": entry.valid_for,
            "valid_until": entry.valid_until,
            "checked_at": iso(entry.checked_at),
            "checked_by": entry.checked_role,
            "credits": list(entry.credits),
            "translations": list(entry.translations),
        },
    }


def csv_document(entries: Iterable[ExportedEntry]) -> str:
    return csv_table(
        CSV_COLUMNS,
        (
            (
                entry.key,
                entry.url,
                entry.language,
                entry.category_name,
                entry.question,
                entry.short_answer,
                plain_text(entry.html),
                entry.valid_for,
                entry.valid_until,
                iso(entry.published_at),
                iso(entry.changed_at),
                iso(entry.checked_at),
                ", ".join(entry.credits),
            )
            for entry in entries
        ),
    )


def markdown_document(entries: Sequence[ExportedEntry]) -> str:
    """All entries in one document, a heading per category and per question."""
    title = _("Frequently asked questions")
    parts = [f"# {title}"]
    for (_slug, name), group in groupby(
        entries, key=lambda entry: (entry.category_slug, entry.category_name)
    ):
        parts.append(f"## {markdown_text(name)}")
        for entry in group:
            parts += [
                f'### <a id="{entry.key}"></a>{markdown_text(entry.question)}',
                markdown_text(entry.short_answer),
            ]
            if entry.steps:
                parts.append(entry.steps)
            if entry.valid_for:
                parts.append(markdown_text(_("Valid for: %(what)s") % {"what": entry.valid_for}))
            if entry.valid_until:
                parts.append(_("Valid until: %(date)s") % {"date": entry.valid_until})
            if entry.credits:
                parts.append(
                    markdown_text(_("With thanks to %(names)s") % {"names": ", ".join(entry.credits)})
                )
            parts.append(f"<{entry.url}>")
    return "\n\n".join(parts) + "\n"


def markdown_text(text: str) -> str:
    """A plain text that means in Markdown what it says."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))

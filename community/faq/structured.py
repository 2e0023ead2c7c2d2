"""Entries as search engines read them: FAQPage of schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

import nh3


def question(
    name: str, short_answer: str, html: str, url: str, language: str, changed_at: datetime
) -> dict[str, Any]:
    """One Question with its accepted Answer; `html` is the cleaned HTML of the steps, or empty."""
    return {
        "@type": "Question",
        "@id": url,
        "url": url,
        "name": name,
        "inLanguage": language,
        "dateModified": changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "acceptedAnswer": {
            "@type": "Answer",
            "text": f"<p>{as_html(short_answer)}</p>{_without_what_readers_drop(html.strip())}",
            "url": url,
        },
    }


def _without_what_readers_drop(html: str) -> str:
    """Search engines read few elements in an answer and drop all others, so cells and lines are kept apart here."""
    return nh3.clean(
        _ENDS_OF_LINES.sub("<br>", html.replace("</td>", " </td>").replace("</th>", " </th>")), tags=_READ
    )


_READ = set("h3 h4 h5 h6 br ol ul li a p div b strong i em".split())  # noqa: SIM905
_ENDS_OF_LINES = re.compile(r"</(?:tr|pre|blockquote)>|<hr[^>]*>")


def faq_page(questions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A page of questions."""
    return {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": list(questions)}


def as_script_text(structure: object) -> str:
    """JSON that may stand inside a `script` element: it cannot end the element, whatever the texts say."""
    text = json.dumps(structure, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def as_html(text: str) -> str:
    """A plain text as HTML, its line ends kept."""
    return escape(text.strip(), quote=False).replace("\n", "<br>")

"""The FAQ as HTML without scripts and styles: fragments to put into pages of a website, and whole pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from html import escape
from itertools import groupby

from community.core import i18n
from community.core.i18n import gettext as _
from community.faq.exported import ExportedEntry
from community.faq.structured import as_html

_HEADING = re.compile(r"<(/?)h([2-6])\b")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Words around an entry come in the entry's language."""
    before = i18n.language()
    i18n.use(code)
    try:
        yield
    finally:
        i18n.use(before)


def fragment(entry: ExportedEntry) -> str:
    """One entry as an article with the id "faq-<id>"."""
    with in_language(entry.language):
        lines = [
            f'<article class="faq-entry" id="{entry.key}" lang="{escape(entry.language)}">',
            f"<h2>{escape(entry.question)}</h2>",
            f'<p class="faq-short-answer">{as_html(entry.short_answer)}</p>',
        ]
        if entry.html:
            lines.append(f'<div class="faq-steps">\n{entry.html}\n</div>')
        if entry.valid_for:
            text = _("Valid for: %(what)s") % {"what": entry.valid_for}
            lines.append(f'<p class="faq-valid-for">{escape(text)}</p>')
        if entry.valid_until:
            last_day = i18n.noon_of(date.fromisoformat(entry.valid_until))
            until = _("Valid until: %(date)s") % {"date": i18n.long_date(last_day)}
            lines.append(
                f'<p class="faq-valid-until"><time datetime="{entry.valid_until}">{escape(until)}</time></p>'
            )
        checked = _("Last checked: %(date)s") % {"date": i18n.long_date(entry.checked_at)}
        day = f"{i18n.local_time(entry.checked_at):%Y-%m-%d}"
        lines.append(f'<p class="faq-checked"><time datetime="{day}">{escape(checked)}</time></p>')
        if entry.credits:
            thanks = _("With thanks to %(names)s") % {"names": ", ".join(entry.credits)}
            lines.append(f'<p class="faq-credits">{escape(thanks)}</p>')
        more = escape(_("Read it in the community"))
        lines.append(f'<p class="faq-more"><a href="{escape(entry.url)}">{more}</a></p>')
    return "\n".join([*lines, "</article>"]) + "\n"


def index(entries: Sequence[ExportedEntry], address: str = "#{key}") -> str:
    """All questions by category as links; `address` says where one leads, with {key} for the entry's id."""
    label = escape(_("Frequently asked questions"))
    lines = [f'<nav class="faq-index" aria-label="{label}">']
    for (slug, name), group in groupby(entries, key=lambda entry: (entry.category_slug, entry.category_name)):
        lines.append(f'<section id="faq-category-{escape(slug)}">\n<h2>{escape(name)}</h2>\n<ul>')
        for entry in group:
            link = f'<a href="{escape(address.format(key=entry.key))}">{escape(entry.question)}</a>'
            lines.append(f'<li lang="{escape(entry.language)}">{link}</li>')
        lines.append("</ul>\n</section>")
    return "\n".join([*lines, "</nav>"]) + "\n"


def all_on_one_page(entries: Sequence[ExportedEntry]) -> str:
    """The index and every fragment in one whole page."""
    title = _("Frequently asked questions")
    body = f"<h1>{escape(title)}</h1>\n{index(entries)}" + "".join(fragment(entry) for entry in entries)
    return page(title, body)


def entry_page(entry: ExportedEntry) -> str:
    """One entry as a whole page."""
    with in_language(entry.language):
        all_questions = escape(_("All questions"))
        back = f'<p><a href="index.html">{all_questions}</a></p>\n'
        return page(
            entry.question,
            # The question is the title here, and no level may be skipped below it.
            _HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) - 1}", fragment(entry)) + back,
            entry.url,
        )


def index_page(entries: Sequence[ExportedEntry]) -> str:
    """The way to the pages of all entries."""
    title = _("Frequently asked questions")
    return page(title, f"<h1>{escape(title)}</h1>\n{index(entries, '{key}.html')}")


def page(title: str, body: str, canonical: str = "") -> str:
    """A whole page in the language in use."""
    link = f'<link rel="canonical" href="{escape(canonical)}">\n' if canonical else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{i18n.language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"{link}</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )

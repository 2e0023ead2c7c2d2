"""The public FAQ inside other websites: a page for a frame, which the script for web pages takes its content from.

Every answer is that of a guest: no session is looked up, no cookie is read or set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.core.viewer import Viewer
from community.faq import queries
from community.faq.exported import Wording, load_wordings, main_language
from community.faq.queries import CategoryLine
from community.indexing import audiences_of, id_of, list_owed, list_unreadable
from community.settings import settings
from community.spaces.queries import load_viewer
from community.web.errors import sentence_about_waiting, waiting
from community.web.faq_check import day_text
from community.web.limiting import count_search
from community.web.pages import page_number, templates_of
from community.web.parts import Frame
from community.web.public_answers import OPEN_TO_ALL, answer_everybody
from community.web.search_results import engine_of
from community.web.searched import note_search
from search.index import Query, SearchDown

EMBED_PATH = "/embed/faq"
SCRIPT_PATH = "/embed/faq-1.js"
LONGEST_QUERY = 100
MOST_FOUND = 20
HITS_AT_A_TIME = 100
MOST_HITS = 500
"""So many are looked through for those of the category and language that the website shows."""
HTML = "text/html; charset=utf-8"
THEMES = ("", "light", "dark")
_CATEGORY = re.compile(r"[a-z0-9-]{0,80}")
_SCRIPT = Path(__file__).parent / "widgets" / "faq-1.js"


@dataclass(frozen=True, slots=True)
class EmbeddedEntry:
    key: str
    question: str
    language: str
    short_answer: str
    steps: Markup
    valid_for: str
    valid_until: str
    url: str


@dataclass(frozen=True, slots=True)
class EmbeddedCategory:
    """A heading with its entries; found ones have none."""

    name: str
    language: str
    entries: tuple[EmbeddedEntry, ...]
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class EmbedPage:
    title: str
    action: str
    kept: tuple[tuple[str, str], ...]
    """What the website chose; it travels with each search."""
    query: str
    groups: tuple[EmbeddedCategory, ...]
    found_text: str
    """How many were found, or why nothing is shown; empty where there is nothing to say."""
    back_url: str
    faq_url: str
    ask_url: str


@dataclass(frozen=True, slots=True)
class _Asked:
    category: str
    language: str
    theme: str
    subject: str
    """The category that the reader has opened."""
    page: int
    query: str

    def shows(self, language: str, category: str) -> bool:
        """Whether the website shows entries of this language and category."""
        return self.language in ("", language) and self.category in ("", category)

    def address(self, **more: str) -> str:
        given = {"category": self.category, "language": self.language, "theme": self.theme} | more
        return with_query(f"{settings.base_url}{EMBED_PATH}", given)


async def show_embedded(request: Request) -> Response:
    """Categories and questions with their answers, for a frame on another website. Where they cannot be shown, the
    frame says why itself: pages of the community may not stand in one, browsers would show an error of their own."""
    headers = {
        "Content-Security-Policy": _policy(),
        "X-Robots-Tag": "noindex",
    }
    guest, _spaces = await load_viewer()
    try:
        asked = _read(request)
        i18n.use(asked.language or await main_language(guest, category=asked.category))
        html = await _render_answers(request, asked, guest)
    except NotFound:
        asked = _Asked("", "", "", "", 1, "")
        i18n.use(await main_language(guest))
        html = _render(request, asked, (), _("There is nothing here"))
        return _refused(html, 404, headers)
    except TooMany as error:
        html = _render(request, asked, (), sentence_about_waiting(error))
        return waiting(_refused(html, 429, headers), error)
    return await answer_everybody(request, html, HTML, headers=headers)


async def _render_answers(request: Request, asked: _Asked, guest: Viewer) -> bytes:
    if not asked.query:
        groups = await _browsed(asked, guest)
        is_empty = not any(group.entries for group in groups)
        return _render(
            request, asked, groups, _("There are no answers here at the moment.") if is_empty else ""
        )
    await count_search(request)
    try:
        entries = await _found(request, asked, guest)
    except SearchDown:
        return _render(
            request, asked, (), _("Search does not answer at the moment. Please try again in a minute.")
        )
    if not asked.category:
        note_search(request, asked.query, found=bool(entries))
    count = len(entries)
    groups = (EmbeddedCategory("", i18n.language(), entries),)
    return _render(
        request, asked, groups, i18n.ngettext("%(num)s answer", "%(num)s answers", count) % {"num": count}
    )


def _render(request: Request, asked: _Asked, groups: tuple[EmbeddedCategory, ...], found_text: str) -> bytes:
    chosen = (("category", asked.category), ("language", asked.language), ("theme", asked.theme))
    page = EmbedPage(
        title=_("Frequently asked questions"),
        action=asked.address().partition("?")[0],
        kept=tuple((name, value) for name, value in chosen if value),
        query=asked.query,
        groups=groups,
        found_text=found_text,
        back_url=asked.address() if asked.query or asked.subject else "",
        faq_url=f"{settings.base_url}/faq",
        ask_url=with_query(f"{settings.base_url}/ask", {"title": asked.query}),
    )
    frame = Frame(language=i18n.language(), mode=asked.theme)  # type: ignore[arg-type]
    return templates_of(request).render("embed/faq.html", page, frame).encode()


def _refused(html: bytes, status: int, headers: dict[str, str]) -> Response:
    return Response(
        html, status, media_type=HTML, headers={"Cache-Control": "no-store", **OPEN_TO_ALL, **headers}
    )


async def show_script(request: Request) -> Response:
    """The script that shows the same without a frame; this address always gives the same bytes."""
    return await answer_everybody(
        request,
        script(),
        "text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def script() -> bytes:
    """What websites load; they name it with a checksum."""
    return _SCRIPT.read_bytes()


def _policy() -> str:
    """Nothing but our style sheet and pictures; in no frame but our own and those of websites that are allowed to."""
    origins = " ".join(("'self'", *settings.faq.embed_origins))
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {origins}"
    )


def _read(request: Request) -> _Asked:
    given = {
        name: request.query_params.get(name, "") for name in ("category", "language", "theme", "subject")
    }
    if given["language"] not in ("", *i18n.languages()) or given["theme"] not in THEMES:
        raise NotFound
    # Whether a category is there is not asked: one that has just become empty shows nothing for a while.
    if not (_CATEGORY.fullmatch(given["category"]) and _CATEGORY.fullmatch(given["subject"])):
        raise NotFound
    query = " ".join(request.query_params.get("q", "")[:LONGEST_QUERY].split())
    return _Asked(**given, page=page_number(request, most=9_999), query=query)


async def _browsed(asked: _Asked, guest: Viewer) -> tuple[EmbeddedCategory, ...]:
    slug = asked.category or asked.subject
    if slug:
        try:
            category = await queries.get_category(guest, slug)
        except NotFound:
            return ()
        return (await _one_category(asked, guest, category),)
    cards = [
        card
        for card in await queries.list_category_cards(guest)
        if asked.language in ("", card.category.language)
    ]
    entries = await _load(guest, [entry.id for card in cards for entry in card.entries], asked)
    return tuple(
        EmbeddedCategory(
            card.category.name,
            card.category.language,
            tuple(entries[line.id] for line in card.entries if line.id in entries),
            more_url=asked.address(subject=card.category.slug)
            if card.category.entry_count > len(card.entries)
            else "",
        )
        for card in cards
    )


async def _one_category(asked: _Asked, guest: Viewer, category: CategoryLine) -> EmbeddedCategory:
    lines = await queries.list_entries(guest, category.id, page=asked.page)
    entries = await _load(guest, [line.id for line in lines], asked)
    rest = category.entry_count - asked.page * queries.ENTRIES_PER_PAGE
    more = {"subject": "" if asked.category else category.slug, "page": str(asked.page + 1)}
    return EmbeddedCategory(
        category.name,
        category.language,
        tuple(entries.values()),
        more_url=asked.address(**more) if rest > 0 else "",
    )


async def _found(request: Request, asked: _Asked, guest: Viewer) -> tuple[EmbeddedEntry, ...]:
    """What the search engine finds, as far as the database confirms it to a guest. Raises `SearchDown`."""
    query = Query(
        text=asked.query,
        audiences=await audiences_of(guest),
        kinds=("faq",),
        limit=HITS_AT_A_TIME,
        language=i18n.language(),
        without=await list_unreadable(guest, await list_owed()),
    )
    fitting: list[int] = []
    for offset in range(0, MOST_HITS, HITS_AT_A_TIME):
        hits = (await engine_of(request).search(replace(query, offset=offset))).hits
        ids = [id_of(hit.key) for hit in hits]
        lines = await queries.list_entries_by_ids(guest, ids) if ids else {}
        fitting += [
            entry_id
            for entry_id in ids
            if entry_id in lines and asked.shows(lines[entry_id].language, lines[entry_id].category_slug)
        ]
        if len(fitting) >= MOST_FOUND or len(hits) < HITS_AT_A_TIME:
            break
    return tuple((await _load(guest, fitting[:MOST_FOUND], asked)).values())


async def _load(guest: Viewer, ids: Sequence[int], asked: _Asked) -> dict[int, EmbeddedEntry]:
    """By their ids, in this order, in their released wording: those of the language and category asked for."""
    return {
        entry.id: _entry(entry)
        for entry in await load_wordings(guest, ids)
        if asked.shows(entry.language, entry.category_slug)
    }


def _entry(entry: Wording) -> EmbeddedEntry:
    return EmbeddedEntry(
        key=entry.key,
        question=entry.question,
        language=entry.language,
        short_answer=entry.short_answer,
        steps=Markup(entry.html),  # noqa: S704 - cleaned when it was released
        valid_for=entry.valid_for,
        valid_until=day_text(entry.valid_until),
        url=entry.url,
    )

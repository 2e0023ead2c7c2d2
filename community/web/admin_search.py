"""What people search for, and what finds nothing: the report, one term, what staff do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import language_names, noon_of, number, short_date
from community.core.pagination import Pages, pages
from community.core.viewer import Viewer
from community.indexing import audiences_of
from community.insights import search_terms
from community.insights.search_terms import Order, Selection, TermLine, TermState
from community.insights.searches import KEPT_DAYS
from community.web.downloads import download_table
from community.web.forms import read_form
from community.web.pages import Head, redirect, safe_next, show, viewer_of
from community.web.parts import Crumb, FilterLink, Pager, When, numbered_pager
from community.web.search_results import Result, confirmed
from search.index import Query, SearchDown

LIST_URL = "/admin/search"
HEAD = Head(section="admin", robots="noindex")
PERIODS = (7, 30, 90)
SIZE = 50
HITS = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """A column; with an address it can be the order of the list."""

    label: str
    url: str = ""
    current: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class TermRow:
    """Words that were searched for. Empty addresses are steps that make no sense for them."""

    words: str
    url: str
    language: str
    searches: str
    nothing: str
    last_day: str
    synonym_url: str
    faq_url: str
    state_text: str
    """What staff decided; empty while nobody has."""
    decided_by: str
    decided: When | None
    is_settled: bool
    found_nothing: bool


@dataclass(frozen=True, slots=True)
class TermsPage:
    crumbs: tuple[Crumb, ...]
    selections: tuple[FilterLink, ...]
    periods: tuple[FilterLink, ...]
    headings: tuple[Heading, ...]
    rows: tuple[TermRow, ...]
    pager: Pager
    download_url: str
    vocabulary_url: str
    settle_url: str
    here: str
    """The address of this list, to come back to."""
    is_settled_list: bool
    is_nothing_list: bool
    kept_days: int


@dataclass(frozen=True, slots=True)
class TermPage:
    crumbs: tuple[Crumb, ...]
    words: str
    rows: tuple[TermRow, ...]
    results: tuple[Result, ...]
    down: bool
    search_url: str
    settle_url: str
    here: str
    days: int


@dataclass(frozen=True, slots=True)
class _Asked:
    selection: Selection
    days: int
    order: Order
    page: int = 1

    def address(self, path: str = LIST_URL, **changes: str | int) -> str:
        given: dict[str, str | int] = {
            "show": str(self.selection),
            "days": self.days,
            "order": str(self.order),
            **changes,
        }
        if "show" in changes:
            del given["order"]
        return with_query(path, given)


def staff_crumbs(viewer: Viewer, *further: Crumb) -> tuple[Crumb, ...]:
    """The way to a page that moderators and administrators share."""
    if viewer.is_administrator:
        return (Crumb(_("Administration"), "/admin"), *further)
    return (Crumb(_("Moderation"), "/moderation"), *further)


async def show_terms(request: Request) -> Response:
    viewer, asked = viewer_of(request), _asked(request)
    total = await search_terms.count_terms(viewer, asked.selection, days=asked.days)
    pager = pages(total, SIZE, asked.page)
    lines = await search_terms.list_terms(
        viewer, asked.selection, days=asked.days, order=asked.order, size=SIZE, offset=pager.offset
    )
    page = TermsPage(
        crumbs=staff_crumbs(viewer),
        selections=_selections(asked),
        periods=tuple(
            FilterLink(
                _("%(count)d days") % {"count": days}, asked.address(days=days), current=days == asked.days
            )
            for days in PERIODS
        ),
        headings=_headings(asked),
        rows=tuple(_row(line) for line in lines),
        pager=_pager(pager, asked),
        download_url=asked.address(f"{LIST_URL}/download"),
        vocabulary_url="/admin/vocabulary",
        settle_url=f"{LIST_URL}/settle",
        here=asked.address(),
        is_settled_list=asked.selection is Selection.SETTLED,
        is_nothing_list=asked.selection is Selection.NOTHING,
        kept_days=KEPT_DAYS,
    )
    return await show(request, "admin/search.html", page, HEAD)


async def show_term(request: Request) -> Response:
    """One term: how often it was searched for, and what it finds now."""
    viewer = viewer_of(request)
    words = request.query_params.get("words", "")
    days = PERIODS[-1]
    lines = await search_terms.get_term(viewer, words, days=days)
    results, down = await _find_now(request, words)
    page = TermPage(
        crumbs=staff_crumbs(viewer, Crumb(_("Searches"), LIST_URL)),
        words=words,
        rows=tuple(_row(line) for line in lines),
        results=results,
        down=down,
        search_url=f"/search?q={quote(words)}",
        settle_url=f"{LIST_URL}/settle",
        here=_term_url(words),
        days=days,
    )
    return await show(request, "admin/search_term.html", page, HEAD)


async def settle_term(request: Request) -> Response:
    """Take a term off the list, or put it back on it."""
    viewer, fields = viewer_of(request), await read_form(request)
    words, choice = fields.get("words", ""), fields.get("do", "")
    if choice == "open":
        await search_terms.reopen_term(words, by=viewer)
    elif choice in set(TermState):
        await search_terms.settle_term(words, TermState(choice), by=viewer)
    else:
        raise HTTPException(400)
    return redirect(safe_next(fields.get("next"), LIST_URL), notice="saved")


async def download_terms(request: Request) -> Response:
    """The list as a table for spreadsheets."""
    viewer, asked = viewer_of(request), _asked(request)
    lines = await search_terms.list_terms(viewer, asked.selection, days=asked.days, order=asked.order)
    return download_table(
        f"searches-{asked.selection}-{asked.days}-{now().date().isoformat()}",
        ("words", "language", "searches", "without_result", "last_day", "decided", "decided_by"),
        (
            (
                line.words,
                line.language,
                line.searches,
                line.nothing,
                line.last_day,
                line.state,
                line.decided_by,
            )
            for line in lines
        ),
    )


async def _find_now(request: Request, words: str) -> tuple[tuple[Result, ...], bool]:
    query = Query(words, await audiences_of(viewer_of(request)), limit=HITS)
    try:
        found = await request.app.state.search.search(query)
    except SearchDown:
        return (), True
    return tuple(await confirmed(request, found.hits)), False


def _asked(request: Request) -> _Asked:
    given = request.query_params
    selection, days, order = given.get("show", "nothing"), given.get("days", "30"), given.get("order", "")
    page = given.get("page", "1")
    if selection not in set(Selection) or days not in {str(each) for each in PERIODS}:
        raise NotFound
    if order and order not in set(Order):
        raise NotFound
    usual = Order.NOTHING if selection == Selection.NOTHING else Order.SEARCHES
    return _Asked(
        Selection(selection),
        int(days),
        Order(order) if order else usual,
        int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def _selections(asked: _Asked) -> tuple[FilterLink, ...]:
    labels = {
        Selection.NOTHING: _("Without result"),
        Selection.ALL: _("All searches"),
        Selection.SETTLED: _("Settled"),
    }
    return tuple(
        FilterLink(label, asked.address(show=str(each)), current=each is asked.selection)
        for each, label in labels.items()
    )


def _headings(asked: _Asked) -> tuple[Heading, ...]:
    def by(order: Order, label: str, *, is_number: bool = False) -> Heading:
        return Heading(label, asked.address(order=str(order)), order is asked.order, is_number)

    return (
        by(Order.WORDS, _("Words")),
        by(Order.SEARCHES, _("Searches"), is_number=True),
        by(Order.NOTHING, _("Without result"), is_number=True),
        by(Order.LAST, _("Last searched")),
        Heading(_("What to do")),
    )


def _pager(pager: Pages, asked: _Asked) -> Pager:
    return numbered_pager(pager.current, pager.last, base=asked.address())


def _row(line: TermLine) -> TermRow:
    names = {TermState.DONE: _("Done"), TermState.IGNORED: _("Ignored")}
    words = quote(line.words)
    return TermRow(
        words=line.words,
        url=_term_url(line.words),
        language=language_names().get(line.language, line.language),
        searches=number(line.searches),
        nothing=number(line.nothing),
        last_day=short_date(noon_of(date.fromisoformat(line.last_day))),
        synonym_url=f"/admin/vocabulary/new?word={words}",
        faq_url=f"/moderation/faq/new?question={words}&language={line.language}",
        state_text=names[TermState(line.state)] if line.state else "",
        decided_by=line.decided_by or (_("Former member") if line.state else ""),
        decided=When.of(line.decided_at) if line.decided_at else None,
        is_settled=bool(line.state),
        found_nothing=line.nothing > 0,
    )


def _term_url(words: str) -> str:
    return f"{LIST_URL}/term?words={quote(words)}"

"""How fresh the FAQ is: figures with what they mean, entries in check, those that come next, and all as a file."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import number, percent
from community.faq import check_figures
from community.faq.causes import URGENT
from community.faq.check_figures import CheckLine, Chosen, FreshnessFigures, NextLine
from community.faq.editorial import list_all_categories
from community.faq.exported import entry_key
from community.web.downloads import download_table
from community.web.faq_check import cause_names, day_text
from community.web.faq_desk import LIST_URL, desk_crumbs, desk_links
from community.web.pages import Head, page_number, show, viewer_of
from community.web.parts import Crumb, FilterLink, Pager, Tile, When, numbered_pager

URL = f"{LIST_URL}/freshness"


@dataclass(frozen=True, slots=True)
class CauseFigure:
    name: str
    url: str
    """The list of entries with this cause."""
    entries: int
    urgent: bool
    current: bool


@dataclass(frozen=True, slots=True)
class CheckRow:
    question: str
    language: str
    url: str
    causes: str
    urgent: bool
    category: str
    since: When
    checked: When


@dataclass(frozen=True, slots=True)
class NextRow:
    question: str
    language: str
    url: str
    due: str
    why: str


@dataclass(frozen=True, slots=True)
class FreshnessPage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    languages: tuple[FilterLink, ...]
    categories: tuple[FilterLink, ...]
    tiles: tuple[Tile, ...]
    has_entries: bool
    causes: tuple[CauseFigure, ...]
    most: int
    """The largest of the figures by cause."""
    rows: tuple[CheckRow, ...]
    rows_heading: str
    all_url: str
    """The list without a chosen cause; empty where none is."""
    pager: Pager
    next: tuple[NextRow, ...]
    download_url: str


async def show_freshness(request: Request) -> Response:
    viewer = viewer_of(request)
    chosen, kind = await _chosen(request)
    figures = await check_figures.get_freshness(viewer, chosen)
    last = max(1, -(-await check_figures.count_in_check(viewer, chosen, kind=kind) // check_figures.PER_PAGE))
    # Whoever comes back from the last entry of the last page finds the page before it.
    current = min(page_number(request), last)
    lines = await check_figures.list_in_check(viewer, chosen, kind=kind, page=current)
    name = cause_names().get(kind, "")
    page = FreshnessPage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer, URL),
        languages=_languages(chosen),
        categories=await _categories(chosen),
        tiles=_tiles(figures),
        has_entries=figures.released > 0,
        causes=_causes(figures, chosen, kind),
        most=max(figures.by_cause.values(), default=1),
        rows=tuple(_row(line) for line in lines),
        rows_heading=_("To be checked: %(causes)s") % {"causes": name} if kind else _("To be checked"),
        all_url=_url(chosen) if kind else "",
        pager=numbered_pager(current, last, base=_url(chosen, kind)),
        next=tuple(_next(line) for line in await check_figures.list_next(viewer, chosen)),
        download_url=_url(chosen, kind, path=f"{URL}.csv"),
    )
    return await show(request, "faq/freshness.html", page, Head(section="faq", robots="noindex"))


async def download_freshness(request: Request) -> Response:
    """All entries in check, as a file for spreadsheets."""
    chosen, kind = await _chosen(request)
    lines = await check_figures.list_in_check(viewer_of(request), chosen, kind=kind)
    return download_table(
        f"faq-freshness-{now().date().isoformat()}",
        ("id", "question", "category", "language", "causes", "since", "checked_at"),
        (
            (
                entry_key(line.id),
                line.question,
                line.category,
                line.language,
                " ".join(line.kinds),
                line.since.isoformat(),
                line.checked_at.isoformat(),
            )
            for line in lines
        ),
    )


# --- what is chosen ---------------------------------------------------------------------------------------


async def _chosen(request: Request) -> tuple[Chosen, str]:
    language, category, kind = (
        request.query_params.get(name, "") for name in ("language", "category", "cause")
    )
    slugs = {each.slug for each in await list_all_categories()}
    for value, allowed in ((language, set(i18n.languages())), (category, slugs), (kind, set(cause_names()))):
        if value and value not in allowed:
            raise NotFound
    return Chosen(language=language, category=category), kind


def _url(chosen: Chosen, kind: str = "", *, path: str = URL) -> str:
    values = {"language": chosen.language, "category": chosen.category, "cause": kind}
    return with_query(path, values)


def _languages(chosen: Chosen) -> tuple[FilterLink, ...]:
    names = {"": _("All languages"), **i18n.language_names()}
    return tuple(
        FilterLink(name, _url(Chosen(code, chosen.category)), current=code == chosen.language)
        for code, name in names.items()
    )


async def _categories(chosen: Chosen) -> tuple[FilterLink, ...]:
    names = {"": _("All categories"), **{each.slug: each.name for each in await list_all_categories()}}
    return tuple(
        FilterLink(name, _url(Chosen(chosen.language, slug)), current=slug == chosen.category)
        for slug, name in names.items()
    )


# --- rows in words ----------------------------------------------------------------------------------------


def _tiles(figures: FreshnessFigures) -> tuple[Tile, ...]:
    share = percent(figures.fresh / figures.released) if figures.released else "–"
    days = figures.days_since_check
    return (
        Tile(_("Fresh"), share, _("of %(total)s published") % {"total": number(figures.released)}),
        Tile(_("To be checked"), number(figures.in_check)),
        Tile(_("Days since the last check"), "–" if days is None else number(days), _("median")),
        Tile(_("Due in 30 days"), number(figures.due_soon)),
        Tile(_("Due in 90 days"), number(figures.due_later)),
        Tile(_("Sources changed"), number(figures.sources_amiss)),
    )


def _causes(figures: FreshnessFigures, chosen: Chosen, kind: str) -> tuple[CauseFigure, ...]:
    return tuple(
        CauseFigure(
            name=name,
            url=_url(chosen, each),
            entries=figures.by_cause[each],
            urgent=each in URGENT,
            current=each == kind,
        )
        for each, name in cause_names().items()
        if each in figures.by_cause
    )


def _row(line: CheckLine) -> CheckRow:
    names = cause_names()
    kinds = sorted(line.kinds, key=list(names).index)
    return CheckRow(
        question=line.question,
        language=line.language,
        url=f"{LIST_URL}/{line.id}#check",
        causes=", ".join(names[kind] for kind in kinds),
        urgent=any(kind in URGENT for kind in kinds),
        category=line.category,
        since=When.of(line.since),
        checked=When.of(line.checked_at),
    )


def _next(line: NextLine) -> NextRow:
    return NextRow(
        question=line.question,
        language=line.language,
        url=f"{LIST_URL}/{line.id}",
        due=day_text(line.due.isoformat()),
        why=cause_names()[line.kind],
    )

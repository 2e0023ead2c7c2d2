"""How FAQ entries are used, for those who write them: all entries beside each other, and one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.faq.exported import entry_key
from community.insights import entry_figures
from community.insights.entry_figures import (
    FEWEST_OPENINGS,
    Choice,
    EntryUse,
    Order,
    count_entry_uses,
    get_entry_use,
    list_entry_uses,
    spans,
)
from community.web.downloads import download_table
from community.web.faq_desk import LIST_URL, desk_crumbs, desk_links
from community.web.faq_feedback import reason_names
from community.web.pages import Head, page_number, path_id, show, viewer_of
from community.web.parts import Bar, Crumb, FilterLink, Pager, Tile, numbered_pager

HEAD = Head(section="faq", robots="noindex")
USE_URL = "/moderation/faq/use"
PERIODS = (30, 90, 365)
SIZE = 50
_SPARK_WIDTH, _SPARK_HEIGHT = 120, 28
_COUNTED = (
    "views",
    "found",
    "helped",
    "not_helped",
    "searched_on",
    "turned_to_ask",
    "asked",
    "solved",
    "quoted",
)


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    url: str = ""
    is_sorted: bool = False
    direction: str = "descending"


@dataclass(frozen=True, slots=True)
class UseRow:
    url: str
    question: str
    language: str
    members_only: bool
    line: str
    """The points of the drawing."""
    views: str
    found: str
    helped: str
    stuck: str
    asked: str
    solved: str
    quoted: str


@dataclass(frozen=True, slots=True)
class UsePage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    periods: tuple[FilterLink, ...]
    choices: tuple[FilterLink, ...]
    columns: tuple[Column, ...]
    rows: tuple[UseRow, ...]
    pager: Pager
    download_url: str
    days: int
    width: int = _SPARK_WIDTH
    height: int = _SPARK_HEIGHT


@dataclass(frozen=True, slots=True)
class _Asked:
    days: int
    order: Order
    choice: Choice

    def address(self, path: str = USE_URL, **changes: str | int) -> str:
        return with_query(path, {"days": self.days, "order": self.order, "show": self.choice, **changes})


def _asked(request: Request) -> _Asked:
    given = request.query_params
    days = given.get("days", str(PERIODS[0]))
    order, choice = given.get("order", Order.VIEWS), given.get("show", Choice.ALL)
    if days not in map(str, PERIODS) or order not in set(Order) or choice not in set(Choice):
        raise NotFound
    return _Asked(int(days), Order(order), Choice(choice))


async def show_uses(request: Request) -> Response:
    """All entries that have readers, with what became of them in a period."""
    viewer, asked = viewer_of(request), _asked(request)
    last = max(1, -(-await count_entry_uses(viewer, asked.choice, days=asked.days) // SIZE))
    number = page_number(request, most=last)
    uses = await list_entry_uses(
        viewer, asked.choice, days=asked.days, order=asked.order, size=SIZE, offset=(number - 1) * SIZE
    )
    views = await entry_figures.list_views([use.entry_id for use in uses], days=asked.days)
    page = UsePage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer, USE_URL),
        periods=_periods(asked.days, lambda days: asked.address(days=days)),
        choices=tuple(
            FilterLink(label, asked.address(show=choice), current=choice == asked.choice)
            for choice, label in _choice_names().items()
        ),
        columns=_columns(asked),
        rows=tuple(_row(use, views[use.entry_id], asked.days) for use in uses),
        pager=numbered_pager(number, last, base=asked.address()),
        download_url=asked.address(f"{USE_URL}/download"),
        days=asked.days,
    )
    return await show(request, "faq/uses.html", page, HEAD)


def _choice_names() -> dict[Choice, str]:
    return {
        Choice.ALL: _("All entries"),
        Choice.UNUSED: _("Not viewed"),
        Choice.UNTHANKED: _("Viewed, but helped nobody"),
    }


def _periods(current: int, address: Callable[[int], str]) -> tuple[FilterLink, ...]:
    return tuple(
        FilterLink(_("%(count)d days") % {"count": days}, address(days), current=days == current)
        for days in PERIODS
    )


def _columns(asked: _Asked) -> tuple[Column, ...]:
    def sorted_by(label: str, order: Order, direction: str = "descending") -> Column:
        return Column(label, asked.address(order=order), asked.order == order, direction)

    return (
        Column(_("Question")),
        Column(_("Over time")),
        sorted_by(_("Views"), Order.VIEWS),
        Column(_("From searches")),
        sorted_by(_("Helped"), Order.HELPED, "ascending"),
        sorted_by(_("Still stuck"), Order.STUCK),
        Column(_("Asked after it")),
        Column(_("Solved while asking")),
        Column(_("In posts")),
    )


def _row(use: EntryUse, views: list[int], days: int) -> UseRow:
    return UseRow(
        url=f"{LIST_URL}/{use.entry_id}/use?days={days}",
        question=use.question,
        language=use.language,
        members_only=use.members_only,
        line=_line(views),
        views=number(use.views),
        found=number(use.found),
        helped=_helped(use),
        stuck=_stuck(use),
        asked=number(use.asked),
        solved=number(use.solved),
        quoted=number(use.quoted),
    )


def _stuck(use: EntryUse) -> str:
    if not use.stuck or not use.views:
        return number(use.stuck)
    return f"{number(use.stuck)} ({i18n.percent(use.stuck_share)})"


def _helped(use: EntryUse) -> str:
    if use.helped_share is None:
        return "–"
    return _("%(yes)s of %(all)s") % {"yes": number(use.helped), "all": number(use.helped + use.not_helped)}


def _line(values: list[int]) -> str:
    """The points of a line through these values, for a drawing of fixed size."""
    top, step = max([*values, 1]), _SPARK_WIDTH / max(1, len(values) - 1)
    room = _SPARK_HEIGHT - 4
    return " ".join(
        f"{place * step:.1f},{_SPARK_HEIGHT - 2 - value / top * room:.1f}"
        for place, value in enumerate(values)
    )


async def download_uses(request: Request) -> Response:
    """The list as a table for spreadsheets."""
    asked = _asked(request)
    uses = await list_entry_uses(viewer_of(request), asked.choice, days=asked.days, order=asked.order)
    return download_table(
        f"faq-use-{asked.days}-{now().date().isoformat()}",
        ("id", "question", "language", "url", *_COUNTED),
        (
            (
                entry_key(use.entry_id),
                use.question,
                use.language,
                use.url,
                *(getattr(use, name) for name in _COUNTED),
            )
            for use in uses
        ),
    )


# --- one entry ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryUsePage:
    question: str
    language: str
    crumbs: tuple[Crumb, ...]
    periods: tuple[FilterLink, ...]
    editor_url: str
    public_url: str
    tiles: tuple[Tile, ...]
    views: tuple[Bar, ...]
    answers: tuple[tuple[str, str, str], ...]
    """Part of the period, how often it helped, how often not; parts without an answer are left out."""
    reasons: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, str], ...]
    fewest: int


async def show_use(request: Request) -> Response:
    """One entry: its figures, over time, why it did not help, what it was found by."""
    entry_id, asked = path_id(request, "entry_id"), _asked(request)
    use = await get_entry_use(viewer_of(request), entry_id, days=asked.days)
    parts = [_part(first, last) for first, last in spans(asked.days)]
    views = (await entry_figures.list_views([entry_id], days=asked.days))[entry_id]
    answers, reasons = await entry_figures.list_answers(entry_id, days=asked.days)
    words = await entry_figures.list_words(entry_id, days=asked.days)
    names = reason_names()
    page = EntryUsePage(
        question=use.question,
        language=use.language,
        crumbs=(*desk_crumbs(), Crumb(_("Use"), USE_URL)),
        periods=_periods(asked.days, lambda days: f"{LIST_URL}/{entry_id}/use?days={days}"),
        editor_url=f"{LIST_URL}/{entry_id}",
        public_url=use.url,
        tiles=_tiles(use),
        views=tuple(Bar(label, count, number(count)) for label, count in zip(parts, views, strict=True)),
        answers=tuple(
            (label, number(yes), number(no))
            for label, (yes, no) in zip(parts, answers, strict=True)
            if yes or no
        ),
        reasons=tuple((names[reason], number(reasons[reason])) for reason in names if reasons[reason]),
        words=tuple((term, number(count)) for term, count in words),
        fewest=FEWEST_OPENINGS,
    )
    return await show(request, "faq/use.html", page, HEAD)


def _part(first: date, last: date) -> str:
    """A day, or from when to when."""
    days = [i18n.short_date(i18n.noon_of(day)) for day in (first, last)]
    return days[0] if first == last else " – ".join(days)


def _tiles(use: EntryUse) -> tuple[Tile, ...]:
    return (
        Tile(_("Views"), number(use.views)),
        Tile(_("Views from searches"), number(use.found)),
        Tile(_("Helped"), _helped(use)),
        Tile(_("Still stuck"), number(use.stuck)),
        Tile(_("Asked after it"), number(use.asked)),
        Tile(_("Solved while asking"), number(use.solved)),
        Tile(_("In posts"), number(use.quoted)),
    )

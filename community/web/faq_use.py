"""How FAQ entries are used, for those who write them: all entries beside each other, and one of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.clock import now
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.faq.formats import harmless_cell
from community.insights import entry_figures
from community.insights.entry_figures import FEWEST_OPENINGS, EntryUse, list_entry_uses, spans
from community.web.faq_desk import LIST_URL, desk_crumbs, desk_links
from community.web.faq_feedback import reason_names
from community.web.pages import Head, page_number, path_id, show, viewer_of
from community.web.parts import Bar, Crumb, FilterLink, Pager, Tile, numbered_pager

HEAD = Head(section="faq", robots="noindex")
USE_URL = "/moderation/faq/use"
PERIODS = (30, 90, 365)
SIZE = 50
_SPARK_WIDTH, _SPARK_HEIGHT = 120, 28

_ORDERS: dict[str, Callable[[EntryUse], tuple[float, float]]] = {
    "views": lambda use: (-use.views, 0),
    "helped": lambda use: (use.helped_share if use.helped_share is not None else 2, -use.not_helped),
    "stuck": lambda use: (-use.stuck_share, -use.stuck),
}
_CHOICES: dict[str, Callable[[EntryUse], bool]] = {
    "all": lambda _use: True,
    "unused": lambda use: use.views == 0,
    "unthanked": lambda use: use.views > 0 and use.helped == 0,
}


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
    order: str
    choice: str

    def address(self, path: str = USE_URL, **changes: str | int) -> str:
        return f"{path}?{urlencode({'days': self.days, 'order': self.order, 'show': self.choice, **changes})}"


def _asked(request: Request) -> _Asked:
    given = request.query_params
    days = given.get("days", str(PERIODS[0]))
    order, choice = given.get("order", "views"), given.get("show", "all")
    if days not in map(str, PERIODS) or order not in _ORDERS or choice not in _CHOICES:
        raise NotFound
    return _Asked(int(days), order, choice)


async def _chosen(request: Request, asked: _Asked) -> list[EntryUse]:
    uses = await list_entry_uses(viewer_of(request), days=asked.days)
    return sorted(filter(_CHOICES[asked.choice], uses), key=_ORDERS[asked.order])


async def show_uses(request: Request) -> Response:
    """All entries that have readers, with what became of them in a period."""
    viewer, asked = viewer_of(request), _asked(request)
    uses = await _chosen(request, asked)
    last = max(1, -(-len(uses) // SIZE))
    number = page_number(request, most=last)
    shown = uses[(number - 1) * SIZE : number * SIZE]
    views = await entry_figures.list_views([use.entry_id for use in shown], days=asked.days)
    page = UsePage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer, USE_URL),
        periods=_periods(asked.days, lambda days: asked.address(days=days)),
        choices=tuple(
            FilterLink(label, asked.address(show=choice), current=choice == asked.choice)
            for choice, label in _choice_names().items()
        ),
        columns=_columns(asked),
        rows=tuple(_row(use, views[use.entry_id], asked.days) for use in shown),
        pager=numbered_pager(number, last, base=asked.address()),
        download_url=asked.address(f"{USE_URL}/download"),
        days=asked.days,
    )
    return await show(request, "faq/uses.html", page, HEAD)


def _choice_names() -> dict[str, str]:
    return {
        "all": _("All entries"),
        "unused": _("Not viewed"),
        "unthanked": _("Viewed, but helped nobody"),
    }


def _periods(current: int, address: Callable[[int], str]) -> tuple[FilterLink, ...]:
    return tuple(
        FilterLink(_("%(count)d days") % {"count": days}, address(days), current=days == current)
        for days in PERIODS
    )


def _columns(asked: _Asked) -> tuple[Column, ...]:
    def sorted_by(label: str, order: str, direction: str = "descending") -> Column:
        return Column(label, asked.address(order=order), asked.order == order, direction)

    return (
        Column(_("Question")),
        Column(_("Over time")),
        sorted_by(_("Views"), "views"),
        Column(_("From searches")),
        sorted_by(_("Helped"), "helped", "ascending"),
        sorted_by(_("Still stuck"), "stuck"),
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
    target = io.StringIO()
    writer = csv.writer(target)
    names = (
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
    writer.writerow(("id", "question", "language", "url", *names))
    for use in await _chosen(request, asked):
        figures = (str(getattr(use, name)) for name in names)
        cells = (f"faq-{use.entry_id}", use.question, use.language, use.url)
        writer.writerow([*map(harmless_cell, cells), *figures])
    name = f"faq-use-{asked.days}-{now().date().isoformat()}.csv"
    return Response(
        "\ufeff" + target.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
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
    viewer, entry_id = viewer_of(request), path_id(request, "entry_id")
    asked = _asked(request)
    uses = await list_entry_uses(viewer, days=asked.days, entry_id=entry_id)
    if not uses:
        raise NotFound
    use, parts = uses[0], [_part(first, last) for first, last in spans(asked.days)]
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
    days = [i18n.short_date(datetime.combine(day, time(12), UTC)) for day in (first, last)]
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

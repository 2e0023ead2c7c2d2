"""The figures that the company steers by: each with its definition, against the period before, and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import month_name, noon_of, number, percent, short_date
from community.insights.ask_figures import AskFigures, list_ask_days, list_helpful_suggestions, period
from community.web.admin import admin_crumbs
from community.web.admin_mails import MailsPart, make_mails_part
from community.web.admin_satisfaction import SatisfactionPart, make_satisfaction_part
from community.web.downloads import download_table
from community.web.pages import Head, show, viewer_of
from community.web.parts import Bar, Crumb, FilterLink, Tile
from community.web.similar import Similar, get_similar

PERIODS = (7, 30, 90, 365)
USUAL_PERIOD = 30
MOST_HELPFUL = 10


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with what it means."""

    name: str
    definition: str
    value: str
    share: str
    """Of all ask sessions; empty where that says nothing."""
    before: str
    """The value of the period before, with its share."""


@dataclass(frozen=True, slots=True)
class HelpfulRow:
    """A thread or an FAQ entry that has solved questions before they were asked."""

    similar: Similar
    solved: str
    opened: str


@dataclass(frozen=True, slots=True)
class FiguresPage:
    crumbs: tuple[Crumb, ...]
    periods: tuple[FilterLink, ...]
    span: str
    """First and last day of the period, and of the one before, in words."""
    tiles: tuple[Tile, ...]
    rows: tuple[FigureRow, ...]
    bars: tuple[Bar, ...]
    bars_heading: str
    helpful: tuple[HelpfulRow, ...]
    has_sessions: bool
    satisfaction: SatisfactionPart
    mails: MailsPart
    download_url: str


async def show_figures(request: Request) -> Response:
    """Deflection: what became of ask sessions; and how satisfied askers are."""
    days = _days(request)
    (first, last), (first_before, last_before) = period(days), period(days, before=1)
    by_day = await list_ask_days(first_before, last)
    now = _sum(by_day, first, last)
    before = _sum(by_day, first_before, last_before)
    page = FiguresPage(
        crumbs=admin_crumbs(),
        periods=tuple(
            FilterLink(
                _("Last %(count)s days") % {"count": number(each)},
                "/admin/figures" if each == USUAL_PERIOD else f"/admin/figures?days={each}",
                current=each == days,
            )
            for each in PERIODS
        ),
        span=_("%(first)s to %(last)s (before: %(first_before)s to %(last_before)s), days of UTC")
        % {
            "first": _day(first),
            "last": _day(last),
            "first_before": _day(first_before),
            "last_before": _day(last_before),
        },
        tiles=_tiles(now, before),
        rows=_rows(now, before),
        bars=_bars(by_day, first, last),
        bars_heading=_("Day") if days <= 30 else _("Week from") if days <= 90 else _("Month"),
        helpful=await _helpful(request, first, last),
        has_sessions=bool(now.sessions or before.sessions),
        satisfaction=await make_satisfaction_part(first, last, first_before, last_before),
        mails=await make_mails_part(first, last, first_before, last_before),
        download_url=f"/admin/figures/download?days={days}",
    )
    return await show(request, "admin/figures.html", page, Head(section="admin"))


async def download_figures(request: Request) -> Response:
    """The same figures day by day, for a spreadsheet."""
    days = _days(request)
    first, last = period(days)
    by_day = await list_ask_days(first, last)
    figures = ((day.isoformat(), by_day.get(day.isoformat(), AskFigures())) for day in _all_days(first, last))
    return download_table(
        f"ask-sessions-{first}-{last}",
        ("day", *_COLUMNS),
        ((day, *(getattr(each, name) for name in _COLUMNS)) for day, each in figures),
    )


_COLUMNS = (
    "sessions",
    "shown",
    "opened",
    "none_helped",
    "solved",
    "left_after_opening",
    "asked",
    "left",
    "running",
)


def _days(request: Request) -> int:
    wanted = request.query_params.get("days", str(USUAL_PERIOD))
    if wanted not in {str(days) for days in PERIODS}:
        raise NotFound
    return int(wanted)


def _all_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _sum(by_day: Mapping[str, AskFigures], first: date, last: date) -> AskFigures:
    return sum((by_day.get(day.isoformat(), AskFigures()) for day in _all_days(first, last)), AskFigures())


def _day(day: date) -> str:
    return short_date(noon_of(day))


def _share(count: int, figures: AskFigures) -> str:
    return percent(count / figures.sessions) if figures.sessions else "–"


def _tiles(now: AskFigures, before: AskFigures) -> tuple[Tile, ...]:
    of_sessions = _("%(share)s of ask sessions, %(before)s before")
    return (
        Tile(
            _("Deflections"),
            number(now.solved),
            change=of_sessions % {"share": _share(now.solved, now), "before": _share(before.solved, before)},
            trend=_trend(now, before),
        ),
        Tile(
            _("Left after opening, apart"),
            number(now.left_after_opening),
            change=of_sessions
            % {
                "share": _share(now.left_after_opening, now),
                "before": _share(before.left_after_opening, before),
            },
        ),
        Tile(
            _("Asked all the same"),
            number(now.asked),
            change=of_sessions % {"share": _share(now.asked, now), "before": _share(before.asked, before)},
        ),
        Tile(
            _("Ask sessions"),
            number(now.sessions),
            change=_("%(count)s before") % {"count": number(before.sessions)},
        ),
    )


def _trend(now: AskFigures, before: AskFigures) -> Literal["better", "worse", ""]:
    """Whether a larger share of sessions than before ended by "this solved it", as far as one can say."""
    if not (now.sessions and before.sessions):
        return ""
    difference = round(now.solved / now.sessions, 2) - round(before.solved / before.sessions, 2)
    return "better" if difference > 0 else "worse" if difference < 0 else ""


def _rows(now: AskFigures, before: AskFigures) -> tuple[FigureRow, ...]:
    texts = _texts()
    return tuple(
        FigureRow(
            name=name,
            definition=definition,
            value=number(getattr(now, column)),
            share=_share(getattr(now, column), now) if column != "sessions" else "",
            before=number(getattr(before, column))
            + (f" ({_share(getattr(before, column), before)})" if column != "sessions" else ""),
        )
        for column, (name, definition) in texts.items()
    )


def _texts() -> dict[str, tuple[str, str]]:
    """Name and definition of each figure, by its name in `AskFigures`."""
    return {
        "sessions": (
            _("Ask sessions"),
            _(
                "One attempt to ask: it begins with the first eight characters of a question and lasts at most "
                "24 hours in one log-in. Counted on the day it began."
            ),
        ),
        "shown": (
            _("Suggestions shown"),
            _("Sessions in which at least one similar thread or FAQ entry appeared under the question."),
        ),
        "opened": (
            _("Suggestion opened"),
            _(
                "Sessions in which at least one suggestion was opened in the page. In a browser without scripts "
                "only those count that ended by “This solved it”."
            ),
        ),
        "none_helped": (
            _("None helped"),
            _("Sessions in which somebody said that none of the suggestions helps, whatever came after."),
        ),
        "solved": (
            _("Deflections"),
            _("Sessions that ended by “This solved it”: the question was answered before it was asked."),
        ),
        "left_after_opening": (
            _("Left after opening"),
            _(
                "Sessions in which a suggestion was opened, nobody said that none helps, and no question followed "
                "within 24 hours. Probably deflections too, but nobody said so: they are counted apart."
            ),
        ),
        "asked": (_("Asked"), _("Sessions in which the question was published.")),
        "left": (
            _("Left"),
            _("Sessions that ended without a question and without help that we know of."),
        ),
        "running": (
            _("Still open"),
            _("Sessions that began less than 24 hours ago and may still end in any way."),
        ),
    }


def _bars(by_day: Mapping[str, AskFigures], first: date, last: date) -> tuple[Bar, ...]:
    """Deflections by day; in longer periods by week, by month."""
    days = _all_days(first, last)
    sums: dict[str, int] = {}
    for index, day in enumerate(days):
        if len(days) <= 30:
            label = _day(day)
        elif len(days) <= 90:
            label = _day(days[index - index % 7])
        else:
            label = month_name(day)
        sums[label] = sums.get(label, 0) + by_day.get(day.isoformat(), AskFigures()).solved
    return tuple(Bar(label, count, number(count)) for label, count in sums.items())


async def _helpful(request: Request, first: date, last: date) -> tuple[HelpfulRow, ...]:
    """The suggestions that solved most; those that this administrator may not read are left out."""
    rows: list[HelpfulRow] = []
    for found in await list_helpful_suggestions(first, last):
        try:
            similar = await get_similar(viewer_of(request), found.key)
        except NotFound:
            continue
        rows.append(HelpfulRow(similar, number(found.solved), number(found.opened)))
        if len(rows) == MOST_HELPFUL:
            break
    return tuple(rows)

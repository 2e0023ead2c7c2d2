"""What the law wants reported every year: notices, how quickly they were dealt with, measures, objections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.moderation.transparency import Times, YearFigures, get_year, list_years
from community.web.admin import admin_crumbs
from community.web.downloads import download_table
from community.web.grounds import ground_names
from community.web.measures import words_of
from community.web.pages import Head, show
from community.web.parts import Crumb, FilterLink, Tile
from community.web.reporting import kind_name

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransparencyPage:
    crumbs: tuple[Crumb, ...]
    years: tuple[FilterLink, ...]
    tiles: tuple[Tile, ...]
    notices: tuple[Row, ...]
    measures: tuple[Row, ...]
    appeals: tuple[Row, ...]
    objections: tuple[Row, ...]
    """Of those whom a measure restricts, by measure."""
    download_url: str


async def show_transparency(request: Request) -> Response:
    years = await list_years()
    year = _year(request, years)
    figures = await get_year(year)
    page = TransparencyPage(
        crumbs=admin_crumbs(),
        years=tuple(
            FilterLink(str(each), f"/admin/transparency?year={each}", current=each == year) for each in years
        ),
        tiles=_tiles(figures),
        notices=tuple(
            (
                kind_name(row.kind),
                *_numbers(row.received, row.from_outside, row.upheld, row.dismissed, row.open),
                _took(row.median),
            )
            for row in figures.notices
        ),
        measures=tuple(
            (
                words_of(row.act).label,
                _ground(row.ground),
                *_numbers(row.count, row.prompted, row.found_by_program, row.automated, row.lifted),
            )
            for row in figures.measures
        ),
        appeals=tuple(
            (
                _("By those who reported") if row.by_notifier else _("By those whom it restricts"),
                *_numbers(row.filed, row.granted, row.rejected, row.open),
            )
            for row in figures.appeals
        ),
        objections=tuple(
            (
                words_of(row.act).label,
                *_numbers(row.filed, row.granted, row.rejected, row.open),
            )
            for row in figures.objections
        ),
        download_url=f"/admin/transparency/download?year={year}",
    )
    return await show(request, "admin/transparency.html", page, Head(section="admin"))


def _year(request: Request, years: tuple[int, ...]) -> int:
    wanted = request.query_params.get("year", str(years[0]))
    if wanted not in {str(year) for year in years}:
        raise NotFound
    return int(wanted)


def _numbers(*counts: int) -> Row:
    return tuple(number(count) for count in counts)


def _tiles(figures: YearFigures) -> tuple[Tile, ...]:
    received = sum(row.received for row in figures.notices)
    filed = sum(row.filed for row in figures.appeals)
    return (
        Tile(_("Notices"), number(received)),
        Tile(_("Median until decided"), _took(figures.notice_times.median)),
        Tile(_("Nine of ten within"), _took(figures.notice_times.ninth_tenth)),
        Tile(_("Decided after 24 hours"), number(figures.notice_times.late)),
        Tile(_("Measures"), number(sum(row.count for row in figures.measures))),
        Tile(_("Objections"), number(filed)),
        Tile(_("Median until decided again"), _took(figures.appeal_times.median)),
    )


def _took(time: timedelta | None) -> str:
    if time is None:
        return "–"
    hours = time.total_seconds() / 3600
    if hours < 48:
        rounded = max(1, round(hours))
        return ngettext("%(num)s hour", "%(num)s hours", rounded) % {"num": number(rounded)}
    days = round(hours / 24)
    return ngettext("%(num)s day", "%(num)s days", days) % {"num": number(days)}


def _ground(ground: str) -> str:
    return {str(kind): name for kind, name in ground_names().items()}.get(ground, ground)


async def download_transparency(request: Request) -> Response:
    """One line for each figure, for a spreadsheet; the names stay the same in every language."""
    year = _year(request, await list_years())
    figures = await get_year(year)
    return download_table(
        f"transparency-{year}",
        ("year", "part", "what", "ground", "figure", "value"),
        ((year, *line) for line in _lines(figures)),
    )


def _lines(figures: YearFigures) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for notice in figures.notices:
        for name in ("received", "from_outside", "upheld", "dismissed", "open"):
            lines.append(("notices", notice.kind, "", name, getattr(notice, name)))
        lines.append(("notices", notice.kind, "", "median_hours", _hours(notice.median)))
    lines += _time_lines("notices", figures.notice_times)
    for measure in figures.measures:
        for name in ("count", "prompted", "found_by_program", "automated", "lifted"):
            lines.append(("measures", measure.act, measure.ground, name, getattr(measure, name)))
    for appeal in figures.appeals:
        who = "notifier" if appeal.by_notifier else "restricted"
        for name in ("filed", "granted", "rejected"):
            lines.append(("appeals", who, "", name, getattr(appeal, name)))
    for objection in figures.objections:
        for name in ("filed", "granted", "rejected"):
            lines.append(("objections", objection.act, "", name, getattr(objection, name)))
    return lines + _time_lines("appeals", figures.appeal_times)


def _time_lines(part: str, times: Times) -> list[tuple[object, ...]]:
    return [
        (part, "all", "", "decided", times.decided),
        (part, "all", "", "median_hours", _hours(times.median)),
        (part, "all", "", "ninth_tenth_hours", _hours(times.ninth_tenth)),
        (part, "all", "", "decided_after_24_hours", times.late),
    ]


def _hours(time: timedelta | None) -> str:
    return "" if time is None else f"{time.total_seconds() / 3600:.2f}"

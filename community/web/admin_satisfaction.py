"""How satisfied askers are with solutions: the part of the figures page, and the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.insights.satisfaction import (
    FEWEST,
    SatisfactionFigure,
    SatisfactionNote,
    get_satisfaction,
    list_satisfaction_notes,
    months,
)
from community.web.downloads import download_table
from community.web.parts import Tile

MONTHS_IN_FILE = 24


@dataclass(frozen=True, slots=True)
class SatisfactionPart:
    tiles: tuple[Tile, ...]
    correction: str
    """How many answers count no more since the periods ended; empty if none."""
    notes: tuple[SatisfactionNote, ...]


async def make_satisfaction_part(
    first: date, last: date, first_before: date, last_before: date
) -> SatisfactionPart:
    """The figure of a period against the one before."""
    present = await get_satisfaction(first, last)
    before = await get_satisfaction(first_before, last_before)
    tiles = (
        Tile(
            _("Satisfaction, from 1 to 5"),
            _mean(present),
            change=_("%(count)s before") % {"count": _mean(before)},
        ),
        Tile(_("Answers"), _count(present), change=_("%(count)s before") % {"count": _count(before)}),
    )
    correction = ""
    if before.withdrawn_since and before.is_enough:
        correction = _(
            "Correction: %(count)s of the answers of the period before count no more, as their questions "
            "were opened again."
        ) % {"count": number(before.withdrawn_since)}
    return SatisfactionPart(tiles, correction, await list_satisfaction_notes(first, last))


def _mean(figure: SatisfactionFigure) -> str:
    return "–" if figure.mean is None else number(round(figure.mean, 1))


def _count(figure: SatisfactionFigure) -> str:
    if figure.is_enough or figure.answers == 0:
        return number(figure.answers)
    return _("fewer than %(count)s") % {"count": number(FEWEST)}


async def download_satisfaction(request: Request) -> Response:
    """Month by month, for a spreadsheet: single days would have too few answers to show."""
    rows = [
        (f"{first:%Y-%m}", *_cells(await get_satisfaction(first, last)))
        for first, last in months(now().date(), MONTHS_IN_FILE)
    ]
    return download_table(
        f"satisfaction-{now():%Y-%m}", ("month", "answers", "mean", "withdrawn_since"), rows
    )


def _cells(figure: SatisfactionFigure) -> tuple[object, object, object]:
    if figure.mean is None:
        return (f"<{FEWEST}" if figure.answers else 0, "", "")
    return (figure.answers, f"{figure.mean:.2f}", figure.withdrawn_since)

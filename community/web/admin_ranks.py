"""Administration of recognition: what gives points, the ladder of ranks, and a look at who would rise or fall."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.ranks.ladder import (
    HIGHEST_CAP,
    LONGEST_NAME,
    MOST_POINTS_OF_A_FACT,
    MOST_POINTS_OF_A_RANK,
    MOST_RANKS,
    Ladder,
    Recognition,
    Rules,
    Step,
    change_recognition,
    find_recognition,
)
from community.ranks.preview import Preview, preview
from community.web.admin import admin_crumbs
from community.web.forms import check_length, number_wanted, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState
from community.web.people import profile_url

_WHOLE = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:[.,\s’][0-9]{3}){1,2}")
"""1000, 1.000, 1,000 or 1 000."""
FREE_LINES = 3
"""Empty lines below the ladder, for new ranks."""


@dataclass(frozen=True, slots=True)
class MoveLine:
    nickname: str
    url: str
    before: str
    after: str
    points: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    text: str
    holders: tuple[tuple[str, str], ...]
    moves: tuple[MoveLine, ...]
    more: str
    """How many there are beyond those that are named."""


@dataclass(frozen=True, slots=True)
class RanksPage:
    crumbs: tuple[Crumb, ...]
    form: FormState
    lines: tuple[int, ...]
    """Numbers of the lines for ranks."""
    is_settled: bool
    is_suggestion: bool
    """Whether the ladder in the form is not in force, but what one could begin with."""
    preview: PreviewView | None


def suggested() -> Ladder:
    """What a site can begin with that has no ladder yet."""
    return Ladder(
        (
            Step(_("Helping hand"), 10),
            Step(_("Well versed"), 50),
            Step(_("Good advice"), 200),
            Step(_("Pillar of the community"), 1000),
        )
    )


async def show_ranks(request: Request) -> Response:
    current = await find_recognition()
    return await _show(request, current, FormState(_values(current)))


async def change_ranks(request: Request) -> Response:
    """A look at what would change, or the change itself."""
    fields = dict(await read_form(request))
    rules, steps, errors = _read(fields)
    current = await find_recognition()
    if errors or rules is None:
        return await _show(request, current, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "preview":
        looked_at = await preview(current, rules, Ladder(tuple(steps)))
        return await _show(request, current, FormState(fields), looked_at=looked_at)
    try:
        await change_recognition(rules, steps, version=int(fields["version"]), by=viewer_of(request))
    except RuleBroken as refused:
        form = FormState(fields, (FieldError("", str(refused)),))
        return await _show(request, current, form, status=409)
    return redirect("/admin/ranks", notice="saved")


def _values(current: Recognition) -> dict[str, str]:
    """What the form says at first."""
    ladder = current.ladder if current.ladder.steps or current.version else suggested()
    values = {
        "version": str(current.version),
        "solution": str(current.rules.solution),
        "kudos": str(current.rules.kudos),
        "cap": str(current.rules.cap),
    }
    for line, step in enumerate(ladder.steps, start=1):
        values |= {f"name-{line}": step.name, f"points-{line}": str(step.points)}
    return values


def _read(fields: Mapping[str, str]) -> tuple[Rules | None, list[Step], list[FieldError]]:
    """Rules and ladder that the form asks for, or what is wrong with them."""
    errors: list[FieldError] = []

    def whole(field: str, least: int, most: int) -> int:
        typed = fields.get(field, "").strip()
        if _WHOLE.fullmatch(typed) and least <= (found := int(re.sub("[^0-9]", "", typed))) <= most:
            return found
        errors.append(FieldError(field, number_wanted(least, most)))
        return least

    rules = Rules(
        whole("solution", 1, MOST_POINTS_OF_A_FACT),
        whole("kudos", 0, MOST_POINTS_OF_A_FACT),
        whole("cap", 0, HIGHEST_CAP),
    )
    if not re.fullmatch("[0-9]{1,9}", fields.get("version", "")):
        errors.append(FieldError("", _("Please load the page again.")))
    steps: dict[int, Step] = {}
    for line in range(1, MOST_RANKS + 1):
        name = " ".join(fields.get(f"name-{line}", "").split())
        if not name:
            continue
        errors += check_length(f"name-{line}", name, least=1, most=LONGEST_NAME)
        steps[line] = Step(name, whole(f"points-{line}", 1, MOST_POINTS_OF_A_RANK))
        if name in [step.name for other, step in steps.items() if other != line]:
            errors.append(FieldError(f"name-{line}", _("Another rank has this name already.")))
        if steps[line].points in [step.points for other, step in steps.items() if other != line]:
            errors.append(FieldError(f"points-{line}", _("Another rank begins with as many points.")))
    return (None if errors else rules), sorted(steps.values(), key=lambda step: step.points), errors


async def _show(
    request: Request,
    current: Recognition,
    form: FormState,
    *,
    looked_at: Preview | None = None,
    status: int = 200,
) -> Response:
    filled = [line for line in range(1, MOST_RANKS + 1) if form.value(f"name-{line}").strip()]
    page = RanksPage(
        crumbs=admin_crumbs(),
        form=form,
        lines=tuple(range(1, min(max(filled, default=0) + FREE_LINES, MOST_RANKS) + 1)),
        is_settled=current.is_settled,
        is_suggestion=not current.ladder.steps and not current.version,
        preview=_view(looked_at) if looked_at else None,
    )
    return await show(request, "admin/ranks.html", page, Head(section="admin"), status=status)


def _view(looked_at: Preview) -> PreviewView:
    text = ngettext(
        "%(num)s member would hold another rank than now.",
        "%(num)s members would hold another rank than now.",
        looked_at.changed,
    ) % {"num": number(looked_at.changed)}
    more = looked_at.changed - len(looked_at.moves)
    return PreviewView(
        text=text if looked_at.changed else _("Nobody’s rank would change."),
        holders=tuple((name, number(count)) for name, count in looked_at.holders),
        moves=tuple(
            MoveLine(
                nickname=move.nickname,
                url=profile_url(move.nickname),
                before=move.before or _("no rank"),
                after=move.after or _("no rank"),
                points=number(move.after_points)
                if move.after_points == move.before_points
                else f"{number(move.before_points)} → {number(move.after_points)}",
            )
            for move in looked_at.moves
        ),
        more=ngettext("and %(num)s more", "and %(num)s more", more) % {"num": number(more)} if more else "",
    )

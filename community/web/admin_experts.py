"""Rules by which members become experts of a space, with a preview of who that would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.core.i18n import long_date, ngettext, number
from community.ranks import expert_rules
from community.ranks.expert_rules import (
    FEWEST,
    LONGEST_PERIOD,
    MOST_SOLUTIONS,
    SHORTEST_PERIOD,
    ExpertRule,
    Preview,
    RuledSpace,
    get_ruled_space,
    list_ruled_spaces,
    preview_rule,
)
from community.web.admin import admin_crumbs
from community.web.experts import rule_in_words
from community.web.forms import number_wanted, read_form, read_number
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState, Link
from community.web.people import profile_url

URL = "/admin/experts"
HEAD = Head(section="admin")
USUAL = ExpertRule(solutions=5, askers=3, within_days=365, lasts_days=180)
"""What stands in the form of a space without a rule."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    space: Link
    rule: str
    experts: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    crumbs: tuple[Crumb, ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class PreviewLine:
    member: Link
    figures: str
    state: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Who would be an expert, in sentences and by nickname."""

    summary: str
    lines: tuple[PreviewLine, ...]
    leaving_summary: str
    leaving: tuple[PreviewLine, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    name: str
    crumbs: tuple[Crumb, ...]
    experts_url: str
    rule: str
    """What holds now, in words; empty where there is no rule."""
    url: str
    form: FormState
    preview: PreviewView | None
    remove_url: str


async def list_rules(request: Request) -> Response:
    spaces = await list_ruled_spaces(viewer_of(request))
    page = RulesPage(crumbs=admin_crumbs(), rules=tuple(_line(space) for space in spaces))
    return await show(request, "admin/experts.html", page, HEAD)


def _line(space: RuledSpace) -> RuleLine:
    return RuleLine(
        space=Link(space.name, f"{URL}/{space.slug}"),
        rule=rule_in_words(space.rule) if space.rule else "",
        experts=_("%(by_rule)s by rule, %(by_staff)s by staff")
        % {"by_rule": number(space.by_rule), "by_staff": number(space.by_staff)},
    )


async def show_rule(request: Request) -> Response:
    space = await get_ruled_space(viewer_of(request), request.path_params["slug"])
    return await _show(request, space, FormState(_values(space.rule or USUAL)))


async def change_rule(request: Request) -> Response:
    """Save the rule, or show whom it would make experts."""
    viewer = viewer_of(request)
    space = await get_ruled_space(viewer, request.path_params["slug"])
    fields = dict(await read_form(request))
    rule, errors = _read(fields)
    if rule is None:
        return await _show(request, space, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "preview":
        preview = await preview_rule(space.space_id, rule)
        return await _show(request, space, FormState(fields), preview=preview)
    await expert_rules.change_rule(space.space_id, rule, by=viewer)
    return redirect(f"{URL}/{space.slug}", notice="saved")


async def remove_rule(request: Request) -> Response:
    viewer = viewer_of(request)
    space = await get_ruled_space(viewer, request.path_params["slug"])
    await expert_rules.remove_rule(space.space_id, by=viewer)
    return redirect(URL, notice="saved")


def _values(rule: ExpertRule) -> dict[str, str]:
    return {
        "solutions": str(rule.solutions),
        "askers": str(rule.askers),
        "within_days": str(rule.within_days),
        "lasts_days": str(rule.lasts_days),
    }


def _read(fields: Mapping[str, str]) -> tuple[ExpertRule | None, list[FieldError]]:
    numbers, errors = {}, []
    for name, least, most in (
        ("solutions", FEWEST, MOST_SOLUTIONS),
        ("askers", FEWEST, MOST_SOLUTIONS),
        ("within_days", SHORTEST_PERIOD, LONGEST_PERIOD),
        ("lasts_days", SHORTEST_PERIOD, LONGEST_PERIOD),
    ):
        found = read_number(fields.get(name, ""), least=least, most=most)
        if found is None:
            errors.append(FieldError(name, number_wanted(least, most)))
        else:
            numbers[name] = found
    if errors:
        return None, errors
    if numbers["askers"] > numbers["solutions"]:
        return None, [FieldError("askers", _("There cannot be more askers than solutions."))]
    return ExpertRule(**numbers), []


async def _show(
    request: Request,
    space: RuledSpace,
    form: FormState,
    *,
    preview: Preview | None = None,
    status: int = 200,
) -> Response:
    url = f"{URL}/{space.slug}"
    page = RulePage(
        name=space.name,
        crumbs=admin_crumbs(Crumb(_("Experts"), URL)),
        experts_url=f"/spaces/{space.slug}/experts",
        rule=rule_in_words(space.rule) if space.rule else "",
        url=url,
        form=form,
        preview=_preview(preview) if preview else None,
        remove_url=f"{url}/remove" if space.rule else "",
    )
    return await show(request, "admin/expert_rule.html", page, HEAD, status=status)


def _preview(preview: Preview) -> PreviewView:
    states = {
        "new": _("would become an expert"),
        "by_rule": _("is one already, by rule"),
        "by_staff": _("is one already, by staff"),
        "revoked": _("stays none: staff have revoked it"),
    }
    summary = ngettext(
        "The rule fits %(num)s member now; %(new)s of them would become an expert.",
        "The rule fits %(num)s members now; %(new)s of them would become experts.",
        preview.fitting_count,
    ) % {"num": number(preview.fitting_count), "new": number(preview.new_count)}
    if not preview.fitting_count:
        summary = _("The rule fits nobody now.")
    if preview.unnamed_count:
        hidden = ngettext(
            "%(num)s of them hides ranks and badges and is not named.",
            "%(num)s of them hide ranks and badges and are not named.",
            preview.unnamed_count,
        )
        summary += " " + hidden % {"num": number(preview.unnamed_count)}
    leaving = ngettext(
        "It would not fit %(num)s expert by rule any more, who stays one until the end given.",
        "It would not fit %(num)s experts by rule any more, who stay so until the end given.",
        preview.leaving_count,
    ) % {"num": number(preview.leaving_count)}
    return PreviewView(
        summary=summary,
        lines=tuple(
            PreviewLine(_member(each.nickname), _figures(each.solutions, each.askers), states[each.state])
            for each in preview.fitting
        ),
        leaving_summary=leaving if preview.leaving_count else "",
        leaving=tuple(
            PreviewLine(_member(each.nickname), "", _("until %(date)s") % {"date": long_date(each.ends_at)})
            for each in preview.leaving
        ),
    )


def _member(nickname: str) -> Link:
    return Link(nickname, profile_url(nickname))


def _figures(solutions: int, askers: int) -> str:
    return _("%(solutions)s solutions, %(askers)s askers") % {
        "solutions": number(solutions),
        "askers": number(askers),
    }

"""The experts of a space, as its readers see them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.ranks.expert_rules import ExpertRule, find_rule
from community.ranks.queries import list_space_experts
from community.spaces.models import SpaceKind
from community.spaces.queries import find_space
from community.web.pages import Head, choose_language, show, viewer_of
from community.web.parts import Author, Crumb
from community.web.people import author


@dataclass(frozen=True, slots=True)
class SpaceExpert:
    author: Author
    solutions: str
    """In this space."""


@dataclass(frozen=True, slots=True)
class SpaceExpertsPage:
    space_name: str
    crumbs: tuple[Crumb, ...]
    experts: tuple[SpaceExpert, ...]
    rule: str
    """In words; empty where no rule makes experts."""
    space_url: str


async def show_space_experts(request: Request) -> Response:
    space = find_space(request.state.spaces, request.path_params["slug"])
    if space.locked or space.kind != SpaceKind.QUESTIONS:
        raise NotFound
    choose_language(request, space.language)
    rule = await find_rule(space.id)
    url = f"/spaces/{space.slug}"
    page = SpaceExpertsPage(
        space_name=space.name,
        crumbs=(Crumb(_("Home"), "/"), Crumb(_("Spaces"), "/spaces"), Crumb(space.name, url)),
        experts=tuple(
            SpaceExpert(author(line.author), number(line.solution_count))
            for line in await list_space_experts(viewer_of(request), space.id)
        ),
        rule=rule_in_words(rule) if rule else "",
        space_url=url,
    )
    return await show(request, "spaces/experts.html", page, Head(section="spaces", robots="noindex"))


def rule_in_words(rule: ExpertRule) -> str:
    """ "5 solutions for 3 different askers within 365 days; lasts another 180 days." """
    solutions = ngettext("%(num)s solution", "%(num)s solutions", rule.solutions)
    askers = ngettext("for %(num)s asker", "for %(num)s different askers", rule.askers)
    within = ngettext("within %(num)s day", "within %(num)s days", rule.within_days)
    lasts = ngettext("lasts %(num)s day longer", "lasts %(num)s days longer", rule.lasts_days)
    return _("%(solutions)s %(askers)s %(within)s; the status %(lasts)s than the rule fits.") % {
        "solutions": solutions % {"num": number(rule.solutions)},
        "askers": askers % {"num": number(rule.askers)},
        "within": within % {"num": number(rule.within_days)},
        "lasts": lasts % {"num": number(rule.lasts_days)},
    }

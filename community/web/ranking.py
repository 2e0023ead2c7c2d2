"""The most helpful members, for a time and for the whole site or a space. Staff are listed apart."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.ranks.ladder import Ladder, Rules, find_ladder, find_rules
from community.ranks.queries import StandingLine, list_standings
from community.spaces.queries import find_space
from community.web.pages import Head, show, viewer_of
from community.web.parts import Author, FilterLink, When
from community.web.people import author

PERIODS = {"30": 30, "90": 90, "365": 365, "all": 0}


@dataclass(frozen=True, slots=True)
class RankedMember:
    position: int
    author: Author
    points: int
    solution_count: int
    kudos_count: int
    line: str
    """Both counts in words, for narrow screens."""


@dataclass(frozen=True, slots=True)
class RankingPage:
    space_name: str
    periods: tuple[FilterLink, ...]
    spaces: tuple[FilterLink, ...]
    members: tuple[RankedMember, ...]
    staff: tuple[RankedMember, ...]
    made: When | None
    """Up to when facts are counted; None while nobody is listed."""
    rules: tuple[str, ...]
    """What gives points, one sentence each."""
    ranks: tuple[tuple[str, str], ...]
    """The ladder, the lowest rank first: names, and from how many points."""


async def show_ranking(request: Request) -> Response:
    viewer, query = viewer_of(request), request.query_params
    period, slug = query.get("period", "30"), query.get("space", "")
    if period not in PERIODS:
        raise NotFound
    space = find_space(request.state.spaces, slug) if slug else None
    if space and space.locked:
        raise NotFound
    space_id = space.id if space else 0
    days = PERIODS[period]
    members = await list_standings(viewer, days=days, space_id=space_id)
    staff = await list_standings(viewer, days=days, space_id=space_id, staff=True, size=20)
    moments = [line.made_at for line in (*members, *staff) if line.made_at]
    page = RankingPage(
        space_name=space.name if space else "",
        periods=_periods(period, slug),
        spaces=(
            FilterLink(_("Whole site"), _address(period, ""), not slug),
            *(
                FilterLink(s.name, _address(period, s.slug), s.slug == slug)
                for s in request.state.spaces
                if not s.locked
            ),
        ),
        members=_ranked(members),
        staff=_ranked(staff),
        made=When.of(min(moments)) if moments else None,
        rules=_rules(await find_rules()),
        ranks=_ranks(await find_ladder()),
    )
    return await show(
        request, "ranking.html", page, Head(section="ranking", canonical="" if query else "/ranking")
    )


def _ranked(lines: list[StandingLine]) -> tuple[RankedMember, ...]:
    return tuple(
        RankedMember(
            line.position,
            author(line.author),
            line.points,
            line.solution_count,
            line.kudos_count,
            _counts(line.solution_count, line.kudos_count),
        )
        for line in lines
    )


def _counts(solutions: int, kudos: int) -> str:
    counts = (
        ngettext("%(num)s solution", "%(num)s solutions", solutions) % {"num": number(solutions)},
        ngettext("%(num)s kudos", "%(num)s kudos", kudos) % {"num": number(kudos)},
    )
    return " · ".join(counts)


def _rules(rules: Rules) -> tuple[str, ...]:
    """The rule that gives points, in the words of the reader."""
    sentences = [
        ngettext(
            "An answer of yours that solves somebody else’s question: %(num)s point.",
            "An answer of yours that solves somebody else’s question: %(num)s points.",
            rules.solution,
        )
        % {"num": number(rules.solution)},
    ]
    if rules.kudos:
        sentences.append(
            ngettext(
                "Each kudos for something you wrote: %(num)s point.",
                "Each kudos for something you wrote: %(num)s points.",
                rules.kudos,
            )
            % {"num": number(rules.kudos)}
        )
    if rules.cap:
        sentences.append(
            _(
                "Of all kudos and solutions that you get from one and the same member, the first %(num)s of each "
                "calendar month count. That holds for everybody."
            )
            % {"num": number(rules.cap)}
        )
    sentences.append(
        _("What is taken back or hidden counts no more. The number of posts does not count at all.")
    )
    return tuple(sentences)


def _ranks(ladder: Ladder) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            step.name,
            ngettext("from %(num)s point", "from %(num)s points", step.points) % {"num": number(step.points)},
        )
        for step in ladder.steps
    )


def _periods(period: str, slug: str) -> tuple[FilterLink, ...]:
    labels = {"30": _("30 days"), "90": _("90 days"), "365": _("One year"), "all": _("All time")}
    return tuple(FilterLink(label, _address(name, slug), name == period) for name, label in labels.items())


def _address(period: str, slug: str) -> str:
    parts = [f"period={period}" if period != "30" else "", f"space={slug}" if slug else ""]
    query = "&".join(part for part in parts if part)
    return "/ranking" + (f"?{query}" if query else "")

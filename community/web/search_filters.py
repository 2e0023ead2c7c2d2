"""The ways to narrow a search down, each a link with the number of results behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from community.core.i18n import gettext as _
from community.spaces.models import SpaceKind
from community.web.idea_words import idea_status_names
from community.web.parts import FilterLink
from community.web.search_asked import (
    IDEA_STATUSES,
    KINDS,
    MOST_TAGS,
    NARROWING,
    PERIODS,
    STATUSES,
    Asked,
    Queries,
)
from search import SearchEngine
from search.index import Found

SHOWN_TAGS = 12
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Filters:
    """Choices with the number of results that each would leave, under all other filters."""

    kinds: tuple[FilterLink, ...]
    statuses: tuple[FilterLink, ...]
    periods: tuple[FilterLink, ...]
    sorts: tuple[FilterLink, ...]
    spaces: tuple[FilterLink, ...]
    tags: tuple[FilterLink, ...]
    staff_answered: FilterLink
    active: tuple[FilterLink, ...]
    """The filters in use; each link takes one away, and its count says what is left without it."""
    all_url: str
    """The same words without any filter."""

    @property
    def is_filtered(self) -> bool:
        return bool(self.active)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much each choice would leave. Whatever a filter sets itself was counted without that filter."""

    total: int = 0
    facets: Facets = field(default_factory=dict)
    without: Mapping[str, Found] = field(default_factory=dict)
    """By the filter that was left out: the counts of its own choices."""
    since: Mapping[str, int] = field(default_factory=dict)

    def of(self, name: str, facet: str) -> Mapping[str, int]:
        """The counts of a facet for the choices of a filter."""
        found = self.without.get(name)
        return (found.facets if found else self.facets).get(facet, {})

    def all_of(self, name: str) -> int:
        """How much there is without this filter."""
        found = self.without.get(name)
        return found.total if found else self.total


async def count_choices(engine: SearchEngine, queries: Queries, asked: Asked, found: Found) -> Counts:
    """The counts of all filters: those that are not set came with the results, the others are asked for at once."""
    set_ones = [name for name in NARROWING if getattr(asked, name)]
    wanted = {name: queries.counting(asked.changed(**{name: ""}), facets=True) for name in set_ones}
    wanted |= {f"tag {tag}": queries.counting(_without_tag(asked, tag)) for tag in asked.tags}
    wanted |= {f"since {period}": queries.counting(asked.changed(period=period)) for period in PERIODS}
    answers = await asyncio.gather(*(engine.search(query) for query in wanted.values()))
    by_name = dict(zip(wanted, answers, strict=True))
    return Counts(
        total=found.total,
        facets=found.facets,
        without={name: answer for name, answer in by_name.items() if not name.startswith("since ")},
        since={period: by_name[f"since {period}"].total for period in PERIODS},
    )


def _without_tag(asked: Asked, tag: str) -> Asked:
    return asked.changed(tags=tuple(other for other in asked.tags if other != tag))


def make_filters(request: Request, asked: Asked, counts: Counts) -> Filters:
    """Links for every choice. A choice that would leave nothing is shown as text, not as a way to an empty page."""
    statuses = counts.of("status", "status")
    staff = counts.of("staff", "staff_answered").get("true", 0)
    kinds = counts.of("kind", "kind")
    return Filters(
        kinds=_choices(asked, "kind", _kind_labels(), {k: _sum(kinds, v) for k, v in KINDS.items()}, counts),
        statuses=_choices(
            asked,
            "status",
            _idea_labels() if _is_about_ideas(request, asked) else _status_labels(),
            {s: _sum(statuses, v) for s, v in STATUSES.items()},
            counts,
        ),
        periods=_choices(asked, "period", _period_labels(), counts.since, counts),
        sorts=tuple(
            FilterLink(label, asked.address(sort=value), current=value == asked.sort)
            for value, label in _sort_labels()
        ),
        spaces=_space_choices(request, asked, counts),
        tags=_tag_choices(asked, counts),
        staff_answered=FilterLink(
            _("With an answer by staff"),
            asked.address(staff="" if asked.staff else "1"),
            bool(asked.staff),
            staff,
        ),
        active=_active(request, asked, counts),
        all_url=Asked(q=asked.q).address(),
    )


def _is_about_ideas(request: Request, asked: Asked) -> bool:
    """Whether the statuses of ideas are offered rather than those of questions."""
    spaces = {space.slug for space in request.state.spaces if space.kind == SpaceKind.IDEAS}
    return asked.kind == "ideas" or asked.space in spaces or asked.status in IDEA_STATUSES


def _choices(
    asked: Asked, name: str, labels: Sequence[tuple[str, str]], by_value: Mapping[str, int], counts: Counts
) -> tuple[FilterLink, ...]:
    chosen = getattr(asked, name)
    numbers = {"": counts.all_of(name), **by_value}
    return tuple(
        FilterLink(
            label, asked.address(**{name: value}), current=value == chosen, count=numbers.get(value, 0)
        )
        for value, label in labels
    )


def _space_choices(request: Request, asked: Asked, counts: Counts) -> tuple[FilterLink, ...]:
    by_space = counts.of("space", "space_id")
    found = [
        FilterLink(
            space.name,
            asked.address(space="" if space.slug == asked.space else space.slug),
            current=space.slug == asked.space,
            count=by_space.get(str(space.id), 0),
        )
        for space in request.state.spaces
        if not space.locked and (by_space.get(str(space.id)) or space.slug == asked.space)
    ]
    return tuple(sorted(found, key=lambda link: -(link.count or 0)))


def _tag_choices(asked: Asked, counts: Counts) -> tuple[FilterLink, ...]:
    """The tags in use, and the most frequent ones among the results: each narrows down further."""
    by_tag = counts.facets.get("tags", {})
    chosen = [
        FilterLink(tag, _without_tag(asked, tag).address(), current=True, count=counts.total)
        for tag in asked.tags
    ]
    if len(asked.tags) >= MOST_TAGS:
        return tuple(chosen)
    others = sorted(
        ((tag, count) for tag, count in by_tag.items() if tag not in asked.tags),
        key=lambda item: (-item[1], item[0]),
    )
    more = [
        FilterLink(tag, asked.address(tags=(*asked.tags, tag)), count=count)
        for tag, count in others[:SHOWN_TAGS]
    ]
    return (*chosen, *more)


def _active(request: Request, asked: Asked, counts: Counts) -> tuple[FilterLink, ...]:
    names = {space.slug: space.name for space in request.state.spaces if not space.locked}
    labels = {
        "kind": dict(_kind_labels()).get(asked.kind, ""),
        "space": names.get(asked.space, ""),
        "status": dict([*_status_labels(), *_idea_labels()]).get(asked.status, ""),
        "period": dict(_period_labels()).get(asked.period, ""),
        "staff": _("With an answer by staff"),
    }
    found = [
        FilterLink(labels[name], asked.address(**{name: ""}), count=counts.all_of(name))
        for name in NARROWING
        if getattr(asked, name)
    ]
    found += [
        FilterLink(f"#{tag}", _without_tag(asked, tag).address(), count=counts.all_of(f"tag {tag}"))
        for tag in asked.tags
    ]
    return tuple(found)


def _sum(counts: Mapping[str, int], values: Sequence[str]) -> int:
    return sum(counts.get(value, 0) for value in values)


def _kind_labels() -> list[tuple[str, str]]:
    return [
        ("", _("Everything")),
        ("threads", _("Threads")),
        ("ideas", _("Ideas")),
        ("faq", _("FAQ")),
        ("blog", _("Blog")),
        ("people", _("People and groups")),
    ]


def _status_labels() -> list[tuple[str, str]]:
    return [
        ("", _("Any")),
        ("solved", _("Solved")),
        ("open", _("Without solution")),
        ("unanswered", _("Unanswered")),
    ]


def _idea_labels() -> list[tuple[str, str]]:
    return [("", _("Any")), *((str(status), name) for status, name in idea_status_names().items())]


def _period_labels() -> list[tuple[str, str]]:
    return [
        ("", _("Any time")),
        ("week", _("Last week")),
        ("month", _("Last month")),
        ("year", _("Last year")),
    ]


def _sort_labels() -> list[tuple[str, str]]:
    return [("relevance", _("Best match")), ("newest", _("Newest")), ("kudos", _("Most kudos"))]

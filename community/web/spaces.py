"""Spaces: all of them, and one with its threads, or its locked door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.pagination import read_cursor
from community.ranks.queries import list_experts
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard, find_space, list_way_in
from community.threads.lists import FILTERS, list_pinned, list_threads
from community.web import ideas
from community.web.lists import thread_rows
from community.web.pages import Head, choose_language, show, viewer_of
from community.web.parts import Author, Crumb, FilterLink, Link, SpaceTile, ThreadRow, When
from community.web.people import author
from community.web.space_about import LONGEST_TAG, SpaceAbout, about_space, space_crumbs, space_head

SpaceTiles = tuple[SpaceTile, ...]


@dataclass(frozen=True, slots=True)
class SpacesPage:
    tiles: SpaceTiles


@dataclass(frozen=True, slots=True)
class SpacePage:
    """A space with its threads."""

    about: SpaceAbout
    crumbs: tuple[Crumb, ...]
    filters: tuple[FilterLink, ...]
    pinned: tuple[ThreadRow, ...]
    rows: tuple[ThreadRow, ...]
    experts: tuple[Author, ...]
    older_url: str
    newer_url: str


@dataclass(frozen=True, slots=True)
class LockedSpacePage:
    """What others see of an exclusive space that is not hidden: purpose and way in."""

    name: str
    purpose: str
    icon: str
    groups: tuple[Link, ...]
    """The groups whose members read it, with the address of each."""


def tiles_of(spaces: Iterable[SpaceCard]) -> SpaceTiles:
    return tuple(
        SpaceTile(
            name=space.name,
            url=f"/spaces/{space.slug}",
            icon=space.icon,
            purpose=space.purpose,
            access=space.access,  # type: ignore[arg-type]  # the column holds nothing else
            locked=space.locked,
            question_count=None if space.locked else space.thread_count,
            last_activity=When.of(space.last_activity_at) if space.last_activity_at else None,
        )
        for space in spaces
    )


async def list_spaces(request: Request) -> Response:
    page = SpacesPage(tiles_of(request.state.spaces))
    return await show(request, "spaces/list.html", page, Head(section="spaces", canonical="/spaces"))


async def show_space(request: Request) -> Response:
    space = find_space(request.state.spaces, request.path_params["slug"])
    if space.locked:
        return await _show_locked(request, space)
    if space.kind == SpaceKind.IDEAS:
        return await ideas.show_space(request, space)
    viewer, query = viewer_of(request), request.query_params
    chosen, tag = query.get("filter", "latest"), query.get("tag", "")[:LONGEST_TAG]
    if chosen not in FILTERS:
        raise NotFound
    choose_language(request, space.language)
    before, after = read_cursor(query.get("before")), read_cursor(query.get("after"))
    threads = await list_threads(
        viewer,
        space_id=space.id,
        filter_name=chosen,
        tag=tag,
        cursor=after or before,
        newer=after is not None,
    )
    is_first = not (before or after or tag) and chosen == "latest"
    pinned = await list_pinned(viewer, space.id) if is_first else ()
    pinned_ids = {line.id for line in pinned}
    experts = await list_experts(viewer, space.id) if space.kind == SpaceKind.QUESTIONS else []
    about = await about_space(request, space, tag, back=_address(space.slug, chosen, tag))
    page = SpacePage(
        about=about,
        crumbs=space_crumbs(),
        filters=_filters(space, chosen, tag),
        pinned=thread_rows(pinned, request.state.spaces, inside=True),
        rows=thread_rows(
            [line for line in threads.lines if line.id not in pinned_ids], request.state.spaces, inside=True
        ),
        experts=tuple(author(row, subject=space.name) for row in experts),
        older_url=_address(space.slug, chosen, tag, before=threads.older),
        newer_url=_address(space.slug, chosen, tag, after=threads.newer),
    )
    return await show(request, "spaces/show.html", page, space_head(about, is_first=is_first))


async def _show_locked(request: Request, space: SpaceCard) -> Response:
    groups = await list_way_in(space.id)
    page = LockedSpacePage(
        name=space.name,
        purpose=space.purpose,
        icon=space.icon,
        groups=tuple(Link(row["name"], f"/groups/{row['slug']}") for row in groups),
    )
    return await show(request, "spaces/locked.html", page, Head(section="spaces", robots="noindex"))


def _filters(space: SpaceCard, chosen: str, tag: str) -> tuple[FilterLink, ...]:
    labels = [("latest", _("Latest"))]
    if space.kind == SpaceKind.QUESTIONS:
        labels += [("open", _("Without solution")), ("unanswered", _("Unanswered")), ("solved", _("Solved"))]
    return tuple(
        FilterLink(label, _address(space.slug, name, tag), current=name == chosen) for name, label in labels
    )


def _address(slug: str, chosen: str, tag: str, **cursor: object) -> str:
    if cursor and not any(cursor.values()):
        return ""
    parameters = {"filter": chosen if chosen != "latest" else "", "tag": tag, **cursor}
    return with_query(f"/spaces/{quote(slug)}", parameters)

"""Spaces: all of them, and one with its threads, or its locked door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.pagination import read_cursor
from community.ranks.queries import list_experts
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.queries import SpaceCard, find_space, list_tags, list_way_in
from community.threads.lists import FILTERS, list_pinned, list_threads
from community.threads.wishes import find_wishes
from community.web import ideas
from community.web.following import wish_for_space, wish_for_tag
from community.web.lists import tag_links, thread_rows
from community.web.pages import Head, choose_language, show, viewer_of
from community.web.parts import Author, Crumb, FilterLink, Link, SpaceTile, ThreadRow, When, WishForm
from community.web.people import author

SpaceTiles = tuple[SpaceTile, ...]


@dataclass(frozen=True, slots=True)
class SpacesPage:
    tiles: SpaceTiles


@dataclass(frozen=True, slots=True)
class SpacePage:
    """A space that the viewer may read."""

    space: SpaceCard
    crumbs: tuple[Crumb, ...]
    access_text: str
    """Who reads and who writes here, in a sentence."""
    filters: tuple[FilterLink, ...]
    tag: str
    tags: tuple[Link, ...]
    pinned: tuple[ThreadRow, ...]
    rows: tuple[ThreadRow, ...]
    experts: tuple[Author, ...]
    older_url: str
    newer_url: str
    ask_url: str
    feed_url: str
    several_url: str = ""
    """Moderators: to choose among its threads."""
    wish: WishForm | None = None
    """For members: the buttons of the space."""
    tag_wish: WishForm | None = None
    """In its place those of the tag, where one is chosen."""


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
        return await ideas.show_space(request, space, access_text(space))
    viewer, query = viewer_of(request), request.query_params
    chosen, tag = query.get("filter", "latest"), query.get("tag", "")[:40]
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
    wish, tag_wish = await find_wishes(viewer, space.id, tag) if viewer.is_member else ("", "")
    back = _address(space.slug, chosen, tag)
    is_open = space.access == SpaceAccess.OPEN
    feed_url = f"/feeds/spaces/{space.slug}.atom" if is_open else ""
    page = SpacePage(
        space=space,
        crumbs=(Crumb(_("Home"), "/"), Crumb(_("Spaces"), "/spaces")),
        access_text=access_text(space),
        filters=_filters(space, chosen, tag),
        tag=tag,
        tags=tag_links(await list_tags(viewer, space.id), space.slug),
        pinned=thread_rows(pinned, request.state.spaces, inside=True),
        rows=thread_rows(
            [line for line in threads.lines if line.id not in pinned_ids], request.state.spaces, inside=True
        ),
        experts=tuple(author(row, subject=space.name) for row in experts),
        older_url=_address(space.slug, chosen, tag, before=threads.older),
        newer_url=_address(space.slug, chosen, tag, after=threads.newer),
        ask_url=f"/ask?space={space.slug}" if viewer.is_guest or viewer.may_write(space.id) else "",
        feed_url=feed_url,
        several_url=f"/moderation/several?space={space.slug}" if viewer.is_moderator else "",
        wish=wish_for_space(space.slug, wish, back=back) if viewer.is_member and not tag else None,
        tag_wish=wish_for_tag(tag, tag_wish, back=back, name=tag) if viewer.is_member and tag else None,
    )
    head = Head(
        section="blog" if space.kind == SpaceKind.BLOG else "spaces",
        canonical=f"/spaces/{space.slug}" if is_open and is_first else "",
        robots="" if is_open and is_first else "noindex",
        ask_url=f"/ask?space={space.slug}",
        feeds=(Link(space.name, feed_url),) if feed_url else (),
        title=space.name,
        description=space.purpose,
    )
    return await show(request, "spaces/show.html", page, head)


async def _show_locked(request: Request, space: SpaceCard) -> Response:
    groups = await list_way_in(space.id)
    page = LockedSpacePage(
        name=space.name,
        purpose=space.purpose,
        icon=space.icon,
        groups=tuple(Link(row["name"], f"/groups/{row['slug']}") for row in groups),
    )
    return await show(request, "spaces/locked.html", page, Head(section="spaces", robots="noindex"))


def access_text(space: SpaceCard) -> str:
    """Who reads and who writes, in words; shown in the space and again before posting (ID-8)."""
    if space.kind == SpaceKind.BLOG:
        return _("Everybody can read here. Staff write; members comment.")
    if space.access == SpaceAccess.OPEN:
        return _("Everybody can read here, also through search engines. Members write.")
    if space.access == SpaceAccess.MEMBERS:
        return _("Only members read and write here. Search engines do not see it.")
    return _("Only members of the group read and write here. Nobody else can see what is written.")


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
    query = urlencode({name: str(value) for name, value in parameters.items() if value})
    return f"/spaces/{quote(slug)}" + (f"?{query}" if query else "")

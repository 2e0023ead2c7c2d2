"""What the page of a space says and offers around what stands in it, whatever that is."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from community.core.i18n import gettext as _
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.queries import SpaceCard, list_tags
from community.threads.wishes import find_wishes
from community.web.following import wish_for_space, wish_for_tag
from community.web.lists import tag_links
from community.web.pages import Head, viewer_of
from community.web.parts import Crumb, Link, WishForm

LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class SpaceAbout:
    """A space that the viewer may read, with its ways on."""

    space: SpaceCard
    access_text: str
    """Who reads and who writes here, in a sentence."""
    tag: str
    tags: tuple[Link, ...]
    ask_url: str
    feed_url: str
    several_url: str
    """Moderators: to choose among its threads."""
    wish: WishForm | None
    """For members: the buttons of the space."""
    tag_wish: WishForm | None
    """In its place those of the tag, where one is chosen."""


async def about_space(request: Request, space: SpaceCard, tag: str, *, back: str) -> SpaceAbout:
    """`back` is the address of this page, where its buttons lead back to."""
    viewer = viewer_of(request)
    wish, tag_wish = await find_wishes(viewer, space.id, tag) if viewer.is_member else ("", "")
    return SpaceAbout(
        space=space,
        access_text=access_text(space),
        tag=tag,
        tags=tag_links(await list_tags(viewer, space.id), space.slug),
        ask_url=f"/ask?space={space.slug}" if viewer.is_guest or viewer.may_write(space.id) else "",
        feed_url=f"/feeds/spaces/{space.slug}.atom" if space.access == SpaceAccess.OPEN else "",
        several_url=f"/moderation/several?space={space.slug}" if viewer.is_moderator else "",
        wish=wish_for_space(space.slug, wish, back=back) if viewer.is_member and not tag else None,
        tag_wish=wish_for_tag(tag, tag_wish, back=back, name=tag) if viewer.is_member and tag else None,
    )


def space_crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Home"), "/"), Crumb(_("Spaces"), "/spaces"))


def space_head(about: SpaceAbout, *, is_first: bool, more_feeds: tuple[Link, ...] = ()) -> Head:
    """`is_first`: nothing is chosen, and it is the first page; search engines list no other one."""
    space = about.space
    is_listed = is_first and space.access == SpaceAccess.OPEN
    return Head(
        section="blog" if space.kind == SpaceKind.BLOG else "spaces",
        canonical=f"/spaces/{space.slug}" if is_listed else "",
        robots="" if is_listed else "noindex",
        ask_url=f"/ask?space={space.slug}",
        feeds=(Link(space.name, about.feed_url), *more_feeds) if about.feed_url else (),
        title=space.name,
        description=space.purpose,
    )


def access_text(space: SpaceCard) -> str:
    if space.kind == SpaceKind.BLOG:
        return _("Everybody can read here. Staff write; members comment.")
    if space.access == SpaceAccess.OPEN:
        return _("Everybody can read here, also through search engines. Members write.")
    if space.access == SpaceAccess.MEMBERS:
        return _("Only members read and write here. Search engines do not see it.")
    return _("Only members of the group read and write here. Nobody else can see what is written.")

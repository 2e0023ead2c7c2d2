"""One post: its permalink and its kudos."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core.errors import authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.kudos import actions as kudos_actions
from community.kudos.queries import list_givers
from community.threads import permissions, queries
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.web.limiting import count_kudos
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Author, Crumb, PostView
from community.web.people import author
from community.web.post_views import PostViews, post_anchor
from community.web.thread_page import page_url, thread_url
from community.web.writing import (
    demand_voice,
    is_fragment,
)

LONGEST_COMMENT = 1_000
LONGEST_TITLE = 200
LONGEST_TAGS = 200


def thread_crumbs(thread: ThreadView) -> tuple[Crumb, ...]:
    """The way to a thread, for pages about one of its posts."""
    return (
        Crumb(_("Home"), "/"),
        Crumb(thread.space_name, f"/spaces/{thread.space_slug}"),
        Crumb(thread.title, thread_url(thread.id, thread.slug)),
    )


async def place_of(post: PostRow, thread: ThreadView, viewer: Viewer) -> str:
    """The address of a post on the page of its thread; a comment stands on the page of its post."""
    page = 1
    if post.kind == PostKind.ANSWER:
        page = await queries.page_of_answer(post.id, viewer)
    elif post.parent_id is not None:
        parent, _thread = await queries.get_post(post.parent_id, viewer)
        if parent.kind == PostKind.ANSWER:
            page = await queries.page_of_answer(parent.id, viewer)
    return f"{page_url(thread, page, 'oldest')}#{post_anchor(post)}"


async def show_post(request: Request) -> Response:
    """The permalink: leads to where the post stands now."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    return RedirectResponse(await place_of(post, thread, viewer), status_code=302)


# --- kudos ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KudosPage:
    """The kudos button of one post after it was pressed."""

    post: PostView


async def give_kudos(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    demand_voice(viewer, thread.space_id)
    authorize(permissions.can_give_kudos(viewer, thread, post))
    await count_kudos(request)
    await kudos_actions.give_kudos(post.id, by=viewer.id)
    return await _after_kudos(request, post, thread, viewer)


async def take_back_kudos(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    await count_kudos(request)
    await kudos_actions.take_back_kudos(post.id, by=viewer.id)
    return await _after_kudos(request, post, thread, viewer)


async def _after_kudos(request: Request, post: PostRow, thread: ThreadView, viewer: Viewer) -> Response:
    if not is_fragment(request):
        return redirect(await place_of(post, thread, viewer))
    choose_language(request, thread.language)
    now_post, _thread = await queries.get_post(post.id, viewer)
    page = KudosPage(PostViews(thread, viewer).view(now_post))
    return await show(request, "threads/kudos.html", page, block="kudos")


@dataclass(frozen=True, slots=True)
class GiversPage:
    """Who thanked for a post."""

    crumbs: tuple[Crumb, ...]
    back_url: str
    heading: str
    givers: tuple[Author, ...]
    others: str
    """How many more there are, whose names are not known or not shown; empty if there are none."""


async def show_givers(request: Request) -> Response:
    """For members alone, as nicknames."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    choose_language(request, thread.language)
    givers = tuple(author(row) for row in await list_givers(post.id))
    count, others = post.kudos_count, max(0, post.kudos_count - len(givers))
    page = GiversPage(
        crumbs=thread_crumbs(thread),
        back_url=f"/posts/{post.id}",
        heading=ngettext("%(num)s kudos", "%(num)s kudos", count) % {"num": number(count)},
        givers=givers,
        others=ngettext("and %(num)s more", "and %(num)s more", others) % {"num": number(others)}
        if others
        else "",
    )
    return await show(request, "threads/givers.html", page, Head(section="spaces"))

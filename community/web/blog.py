"""The blog: the articles of all blog spaces that the viewer may read; and which picture leads one of them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.attachments.actions import put_first
from community.attachments.queries import list_of_posts
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.pagination import read_cursor
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.permissions import can_start_thread
from community.threads.articles import list_articles
from community.threads.permissions import can_edit_post
from community.threads.queries import PostRow, ThreadView, get_opening_id, get_post
from community.web.articles import ArticleCard, Picture, article_cards, picture_of
from community.web.forms import read_form
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Crumb, Link


@dataclass(frozen=True, slots=True)
class BlogPage:
    articles: tuple[ArticleCard, ...]
    is_first: bool
    """Whether the newest article stands first, which is shown larger."""
    older_url: str
    newer_url: str
    feed_url: str
    write_url: str
    """For staff who write in one of the blogs."""


async def show_blog(request: Request) -> Response:
    viewer = viewer_of(request)
    spaces = [s for s in request.state.spaces if s.kind == SpaceKind.BLOG and not s.locked]
    before, after = (read_cursor(request.query_params.get(name)) for name in ("before", "after"))
    articles = await list_articles(
        viewer, [space.id for space in spaces], cursor=after or before, newer=after is not None
    )
    is_open = any(space.access == SpaceAccess.OPEN for space in spaces)
    page = BlogPage(
        articles=await article_cards(viewer, articles.lines, request.state.spaces),
        is_first=articles.newer is None,
        older_url=f"/blog?before={articles.older}" if articles.older else "",
        newer_url=f"/blog?after={articles.newer}" if articles.newer else "",
        feed_url="/feeds/blog.atom" if is_open else "",
        write_url=next((f"/ask?space={s.slug}" for s in spaces if can_start_thread(viewer, s.id)), ""),
    )
    feeds = (Link(_("Blog"), "/feeds/blog.atom"),) if is_open else ()
    canonical = "" if request.query_params else "/blog"
    head = Head(section="blog", canonical=canonical, feeds=feeds, title=_("Blog"))
    return await show(request, "blog.html", page, head)


# --- which picture leads ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PicturePage:
    crumbs: tuple[Crumb, ...]
    title: str
    back_url: str
    url: str
    pictures: tuple[tuple[int, Picture], ...]
    """The first one leads now."""


async def show_pictures(request: Request) -> Response:
    thread, opening = await _load_article(request)
    files = (await list_of_posts([opening.id])).get(opening.id, ())
    page = PicturePage(
        crumbs=(Crumb(_("Home"), "/"), Crumb(_("Blog"), "/blog")),
        title=thread.title,
        back_url=thread_url(thread.id, thread.slug),
        url=f"/threads/{thread.id}/picture",
        pictures=tuple((row.id, picture) for row in files if (picture := picture_of(row))),
    )
    return await show(request, "blog_picture.html", page, Head(section="blog", robots="noindex"))


async def choose_picture(request: Request) -> Response:
    """All its pictures are public with the article already, so this waits for nobody."""
    thread, opening = await _load_article(request)
    chosen = (await read_form(request)).get("picture", "")
    files = (await list_of_posts([opening.id])).get(opening.id, ())
    row = next((row for row in files if row.is_picture and str(row.id) == chosen), None)
    if row is None:
        raise NotFound
    viewer = viewer_of(request)
    await put_first(row.id, opening.id, staff=viewer if opening.author_id != viewer.id else None)
    return redirect(thread_url(thread.id, thread.slug), notice="saved")


async def _load_article(request: Request) -> tuple[ThreadView, PostRow]:
    viewer = viewer_of(request)
    opening, thread = await get_post(await get_opening_id(path_id(request, "thread_id")), viewer)
    if thread.space_kind != SpaceKind.BLOG:
        raise NotFound
    authorize(viewer.is_staff and can_edit_post(viewer, thread, opening))
    choose_language(request, thread.language)
    return thread, opening

"""The blog: the articles of all blog spaces that the viewer may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import markdown
from community.core.i18n import gettext as _
from community.core.pagination import read_cursor
from community.spaces.models import SpaceAccess, SpaceKind
from community.threads.lists import list_excerpts, list_threads
from community.web.lists import thread_rows, thread_url
from community.web.pages import Head, show, viewer_of
from community.web.parts import Link, ThreadRow

LONGEST_EXCERPT = 240


@dataclass(frozen=True, slots=True)
class BlogPage:
    articles: tuple[ThreadRow, ...]
    excerpts: Mapping[str, str]
    """How each article begins, by its address."""
    older_url: str
    newer_url: str


async def show_blog(request: Request) -> Response:
    spaces = [s for s in request.state.spaces if s.kind == SpaceKind.BLOG and not s.locked]
    before, after = (read_cursor(request.query_params.get(name)) for name in ("before", "after"))
    articles = await list_threads(
        viewer_of(request), space_ids=[s.id for s in spaces], cursor=after or before, newer=after is not None
    )
    texts = await list_excerpts(viewer_of(request), [line.id for line in articles.lines])
    page = BlogPage(
        articles=thread_rows(articles.lines, request.state.spaces),
        excerpts={
            thread_url(line.id, line.slug): markdown.excerpt(
                markdown.plain_text(texts.get(line.id, "")), LONGEST_EXCERPT
            )
            for line in articles.lines
        },
        older_url=f"/blog?before={articles.older}" if articles.older else "",
        newer_url=f"/blog?after={articles.newer}" if articles.newer else "",
    )
    is_open = any(space.access == SpaceAccess.OPEN for space in spaces)
    feeds = (Link(_("Blog"), "/feeds/blog.atom"),) if is_open else ()
    canonical = "" if request.query_params else "/blog"
    head = Head(section="blog", canonical=canonical, feeds=feeds, title=_("Blog"))
    return await show(request, "blog.html", page, head)

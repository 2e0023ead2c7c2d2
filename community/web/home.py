"""The home page: find or ask within ten seconds."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.pagination import read_cursor
from community.core.viewer import Viewer
from community.faq.queries import list_highlights
from community.members.first_steps import StepsDone, find_first_steps, put_away_first_steps
from community.ranks.queries import list_standings
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.articles import list_articles
from community.threads.lists import ThreadList, list_followed, list_threads
from community.web.articles import ArticleCard, article_cards
from community.web.lists import thread_rows
from community.web.pages import Head, redirect, show, templates_of, viewer_of
from community.web.parts import Author, FilterLink, Link, ThreadRow
from community.web.people import author
from community.web.spaces import SpaceTiles, tiles_of
from community.web.structured_data import home as home_data

MOST_TILES = 6


@dataclass(frozen=True, slots=True)
class HomePage:
    first_steps: StepsDone | None
    """What a new member has tried already; None where nothing is (left) to lead to."""
    tiles: SpaceTiles
    more_spaces: int
    filters: tuple[FilterLink, ...]
    rows: tuple[ThreadRow, ...]
    following: bool
    older_url: str
    newer_url: str
    helpers: tuple[Author, ...]
    faq: tuple[Link, ...]
    articles: tuple[ArticleCard, ...]
    solved_count: int
    thread_count: int
    """Threads in spaces that the viewer may read; the one honest line of numbers."""


async def show_home(request: Request) -> Response:
    viewer = viewer_of(request)
    chosen = request.query_params.get("filter", "latest")
    if chosen == "latest" and "filter" in request.query_params:
        return RedirectResponse("/", status_code=301)
    if chosen == "following" and viewer.is_guest:
        return RedirectResponse("/log-in?next=/%3Ffilter%3Dfollowing", status_code=303)
    threads = await _threads(request, viewer, chosen)
    spaces: tuple[SpaceCard, ...] = request.state.spaces
    # An idea is built or declined, never solved.
    without = (SpaceKind.BLOG, SpaceKind.IDEAS)
    readable = [space for space in spaces if not space.locked and space.kind not in without]
    articles = await _articles(viewer, spaces)
    standings = await list_standings(viewer, days=30, size=5)
    page = HomePage(
        first_steps=await find_first_steps(viewer.id) if viewer.is_member and chosen == "latest" else None,
        tiles=tiles_of([space for space in spaces if space.kind != SpaceKind.BLOG][:MOST_TILES]),
        more_spaces=max(0, len(spaces) - MOST_TILES),
        filters=_filters(viewer, chosen),
        rows=thread_rows(threads.lines, spaces),
        following=chosen == "following",
        older_url=_continued(chosen, "before", threads.older),
        newer_url=_continued(chosen, "after", threads.newer),
        helpers=tuple(author(line.author) for line in standings),
        faq=tuple(Link(entry.question, entry.url) for entry in await list_highlights(viewer, 4)),
        articles=await article_cards(viewer, articles.lines, spaces),
        solved_count=sum(space.solved_count for space in readable),
        thread_count=sum(space.thread_count for space in readable),
    )
    is_plain = not request.query_params
    site = templates_of(request).theme.site
    head = Head(
        section="home",
        canonical="/" if is_plain else "",
        robots="" if is_plain else "noindex",
        feeds=(Link(_("Latest threads"), "/feeds/latest.atom"),),
        title=site.name,
        description=site.claim,
        structured_data=tuple(home_data(site)),
    )
    return await show(request, "home.html", page, head)


async def put_away_steps(request: Request) -> Response:
    await put_away_first_steps(viewer_of(request).id)
    return redirect("/")


async def _threads(request: Request, viewer: Viewer, chosen: str) -> ThreadList:
    if chosen == "following":
        return ThreadList(await list_followed(viewer), None, None)
    if chosen not in ("latest", "unanswered", "solved"):
        raise NotFound
    before, after = (read_cursor(request.query_params.get(name)) for name in ("before", "after"))
    without_blog = [s.id for s in request.state.spaces if not s.locked and s.kind != SpaceKind.BLOG]
    return await list_threads(
        viewer,
        filter_name=chosen,
        cursor=after or before,
        newer=after is not None,
        space_ids=without_blog,
    )


async def _articles(viewer: Viewer, spaces: tuple[SpaceCard, ...]) -> ThreadList:
    blogs = [space.id for space in spaces if space.kind == SpaceKind.BLOG and not space.locked]
    if not blogs:
        return ThreadList((), None, None)
    return await list_articles(viewer, blogs, size=2)


def _filters(viewer: Viewer, chosen: str) -> tuple[FilterLink, ...]:
    links = [("latest", _("Latest"), "/"), ("unanswered", _("Unanswered"), "/?filter=unanswered")]
    links.append(("solved", _("Solved"), "/?filter=solved"))
    if viewer.is_member:
        links.append(("following", _("Following"), "/?filter=following"))
    return tuple(FilterLink(label, url, current=name == chosen) for name, label, url in links)


def _continued(chosen: str, parameter: str, cursor: object) -> str:
    if cursor is None:
        return ""
    chosen_part = f"filter={chosen}&" if chosen != "latest" else ""
    return f"/?{chosen_part}{parameter}={cursor}#threads"

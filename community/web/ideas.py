"""Ideas: the list of a space, votes, the answer of staff that gives a status, and what was built."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.i18n import pgettext
from community.core.pagination import read_cursor
from community.core.viewer import Viewer
from community.faq.queries import list_quoted
from community.ideas import actions
from community.ideas.permissions import can_vote, is_idea
from community.ideas.queries import (
    IDEAS_PER_PAGE,
    MOST_COUNTED,
    MOST_PAGES,
    ORDERS,
    AnsweredIdea,
    count_ideas,
    list_answered,
    list_ideas,
    list_voted,
)
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.lists import list_pinned
from community.threads.models import IdeaStatus
from community.threads.queries import ThreadView, get_thread
from community.web.faq_cards import cards_of, parts_of
from community.web.forms import read_form
from community.web.idea_views import IdeaRow, VoteBox, idea_rows, vote_box
from community.web.idea_words import idea_status_names
from community.web.limiting import count_kudos
from community.web.lists import thread_url
from community.web.pages import (
    Head,
    choose_language,
    page_number,
    path_id,
    redirect,
    safe_next,
    show,
    viewer_of,
)
from community.web.parts import (
    Author,
    Crumb,
    FaqCard,
    FilterLink,
    Link,
    Pager,
    Text,
    When,
    numbered_pager,
)
from community.web.people import author
from community.web.space_about import LONGEST_TAG, SpaceAbout, about_space, space_crumbs, space_head
from community.web.writing import demand_voice, is_fragment

FEED = "/feeds/ideas.atom"
DONE = "/ideas/done"


@dataclass(frozen=True, slots=True)
class IdeasPage:
    """A space of ideas that the viewer may read."""

    about: SpaceAbout
    crumbs: tuple[Crumb, ...]
    filters: tuple[FilterLink, ...]
    orders: tuple[FilterLink, ...]
    pinned: tuple[IdeaRow, ...]
    rows: tuple[IdeaRow, ...]
    pager: Pager
    done_url: str
    done_count: int


async def show_space(request: Request, space: SpaceCard) -> Response:
    """The ideas of a space: first those that staff have pinned, then those with most votes."""
    viewer, query = viewer_of(request), request.query_params
    choose_language(request, space.language)
    status, tag = _chosen_status(query.get("status", "")), query.get("tag", "")[:LONGEST_TAG]
    order, page = query.get("order", "votes"), page_number(request, most=MOST_PAGES)
    if order not in ORDERS:
        raise NotFound
    lines = await list_ideas(viewer, space.id, status=status, order=order, tag=tag, page=page)
    if page > 1 and not lines:
        raise NotFound
    pinned = await list_pinned(viewer, space.id) if page == 1 and not (status or tag) else ()
    counts = await count_ideas(viewer, space.id)
    voted = await list_voted(viewer, [line.id for line in (*pinned, *lines)])
    address = _address(space.slug, status, order, tag)
    here = address if page == 1 else f"{address}{'&' if '?' in address else '?'}page={page}"
    about = await about_space(request, space, tag, back=here)
    last = page + 1 if len(lines) > IDEAS_PER_PAGE and page < MOST_PAGES else page
    pinned_ids = {line.id for line in pinned}
    others = [line for line in lines[:IDEAS_PER_PAGE] if line.id not in pinned_ids]
    view = IdeasPage(
        about=about,
        crumbs=space_crumbs(),
        filters=_filters(space.slug, counts, status, order, tag),
        orders=_orders(space.slug, status, order, tag),
        pinned=idea_rows(pinned, space, viewer, voted, back=here),
        rows=idea_rows(others, space, viewer, voted, back=here),
        pager=numbered_pager(page, last, base=address),
        done_url=f"{DONE}?space={quote(space.slug)}",
        done_count=counts[IdeaStatus.DONE],
    )
    is_first = here == f"/spaces/{space.slug}"
    head = space_head(about, is_first=is_first, more_feeds=(Link(_("What becomes of ideas"), FEED),))
    return await show(request, "ideas/list.html", view, head)


def _chosen_status(text: str) -> IdeaStatus | None:
    if not text:
        return None
    if text not in set(IdeaStatus):
        raise NotFound
    return IdeaStatus(text)


def _address(slug: str, status: IdeaStatus | None, order: str, tag: str) -> str:
    given = {"status": str(status or ""), "order": order if order != "votes" else "", "tag": tag}
    return with_query(f"/spaces/{quote(slug)}", given)


def _filters(
    slug: str, counts: dict[IdeaStatus, int], chosen: IdeaStatus | None, order: str, tag: str
) -> tuple[FilterLink, ...]:
    every = FilterLink(pgettext("ideas", "All"), _address(slug, None, order, tag), current=chosen is None)
    return (
        every,
        *(
            FilterLink(
                text,
                _address(slug, status, order, tag),
                current=chosen is status,
                # Counted are the ideas of the space, not those with a tag.
                count=None if tag else counts[status],
                is_least=counts[status] >= MOST_COUNTED,
            )
            for status, text in idea_status_names().items()
        ),
    )


def _orders(slug: str, status: IdeaStatus | None, order: str, tag: str) -> tuple[FilterLink, ...]:
    names = {"votes": pgettext("order", "Most votes"), "newest": pgettext("order", "Newest")}
    return tuple(
        FilterLink(text, _address(slug, status, name, tag), current=name == order)
        for name, text in names.items()
    )


# --- votes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VotePage:
    """The box after its button was pressed."""

    vote: VoteBox
    status: str


async def vote(request: Request) -> Response:
    thread = await _load_idea(request)
    viewer = viewer_of(request)
    demand_voice(viewer, thread.space_id)
    if not thread.same_problem:
        authorize(can_vote(viewer, thread))
        await count_kudos(request)
        await actions.vote(thread.id, by=viewer.id)
    return await _after_vote(request, thread)


async def take_back_vote(request: Request) -> Response:
    """Also from what takes no more votes, and from what was moved to a space of another kind."""
    thread = await get_thread(path_id(request, "thread_id"), viewer_of(request))
    await count_kudos(request)
    await actions.take_back_vote(thread.id, by=viewer_of(request).id)
    return await _after_vote(request, thread)


async def _load_idea(request: Request) -> ThreadView:
    thread = await get_thread(path_id(request, "thread_id"), viewer_of(request))
    if not is_idea(thread):
        raise NotFound
    return thread


async def _after_vote(request: Request, thread: ThreadView) -> Response:
    back = (await read_form(request)).get("back", "")
    if not is_fragment(request):
        return redirect(safe_next(back, thread_url(thread.id, thread.slug)))
    choose_language(request, thread.language)
    viewer = viewer_of(request)
    fresh = await get_thread(thread.id, viewer)
    box = vote_box(fresh, viewer, back=safe_next(back, ""))
    return await show(request, "ideas/vote.html", VotePage(box, fresh.idea_status), block="vote")


# --- what was built ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BuiltIdea:
    title: str
    url: str
    language: str
    vote_count: int
    when: When
    html: Markup
    """What staff say was built; empty where that is hidden."""
    parts: Text
    """The same in pieces, FAQ entries in between; empty without any."""
    answered_by: Author
    space: Link


@dataclass(frozen=True, slots=True)
class BuiltPage:
    crumbs: tuple[Crumb, ...]
    ideas: tuple[BuiltIdea, ...]
    spaces: tuple[FilterLink, ...]
    older_url: str
    feed_url: str


async def show_done(request: Request) -> Response:
    """ "You asked, we built": what came of ideas, in all spaces that the viewer reads or in one."""
    viewer, wanted = viewer_of(request), request.query_params.get("space", "")
    spaces = idea_spaces(request.state.spaces)
    chosen = [space for space in spaces if not wanted or space.slug == wanted]
    if wanted and not chosen:
        raise NotFound
    cursor = read_cursor(request.query_params.get("before"))
    found = await list_answered(viewer, [space.id for space in chosen], status=IdeaStatus.DONE, cursor=cursor)
    is_open = any(space.access == SpaceAccess.OPEN for space in spaces)
    base = f"{DONE}?space={quote(wanted)}" if wanted else DONE
    page = BuiltPage(
        crumbs=_crumbs(chosen[0] if wanted else None),
        ideas=await _list_built(viewer, found.ideas, spaces),
        spaces=_space_links(spaces, wanted) if len(spaces) > 1 else (),
        older_url=f"{base}{'&' if wanted else '?'}before={found.older}" if found.older else "",
        feed_url=FEED if is_open else "",
    )
    head = Head(
        section="spaces",
        canonical=DONE if is_open and not request.query_params else "",
        robots="" if is_open and not request.query_params else "noindex",
        feeds=(Link(_("What becomes of ideas"), FEED),) if is_open else (),
        title=_("You asked, we built"),
    )
    return await show(request, "ideas/done.html", page, head)


def idea_spaces(spaces: tuple[SpaceCard, ...]) -> list[SpaceCard]:
    """Those of these spaces that hold ideas and that the viewer reads."""
    return [space for space in spaces if space.kind == SpaceKind.IDEAS and not space.locked]


def _crumbs(space: SpaceCard | None) -> tuple[Crumb, ...]:
    first = Crumb(_("Home"), "/")
    return (first, Crumb(space.name, f"/spaces/{space.slug}")) if space else (first,)


def _space_links(spaces: list[SpaceCard], wanted: str) -> tuple[FilterLink, ...]:
    return (
        FilterLink(pgettext("ideas", "All"), DONE, current=not wanted),
        *(
            FilterLink(space.name, f"{DONE}?space={quote(space.slug)}", current=space.slug == wanted)
            for space in spaces
        ),
    )


async def _list_built(
    viewer: Viewer, ideas: tuple[AnsweredIdea, ...], spaces: list[SpaceCard]
) -> tuple[BuiltIdea, ...]:
    cards = cards_of(await list_quoted(viewer, (idea.html for idea in ideas)))
    by_id = {space.id: space for space in spaces}
    return tuple(_built(idea, by_id[idea.space_id], cards) for idea in ideas)


def _built(idea: AnsweredIdea, space: SpaceCard, cards: dict[int, FaqCard]) -> BuiltIdea:
    return BuiltIdea(
        title=idea.title,
        url=thread_url(idea.thread_id, idea.slug),
        language=idea.language,
        vote_count=idea.vote_count,
        when=When.of(idea.at),
        html=Markup(idea.html),  # noqa: S704 - cleaned when it was written
        parts=parts_of(idea.html, cards),
        answered_by=author(idea.answered_by),
        space=Link(space.name, f"/spaces/{space.slug}"),
    )

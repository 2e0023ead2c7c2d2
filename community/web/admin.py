"""The start page of administration, and the messages that could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import outbox
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number, percent
from community.members.directory import MOST_COUNTED, count_members
from community.moderation.queries import count_open_items
from community.site_texts.queries import list_unfinished
from community.site_texts.rules import page_names
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.web.pages import Head, path_id, redirect, show
from community.web.parts import Crumb, Link, Tile, When
from search import SearchEngine
from search.index import SearchDown


@dataclass(frozen=True, slots=True)
class AdminLink:
    """A part of administration with what one does there."""

    label: str
    url: str
    text: str
    icon: str


@dataclass(frozen=True, slots=True)
class AdminPage:
    tiles: tuple[Tile, ...]
    links: tuple[AdminLink, ...]
    warnings: tuple[Link, ...] = ()
    """What the company answers for and has not done yet."""


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    name: str
    attempts: str
    last_error: str
    recorded: When
    parked: When
    retry_url: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    crumbs: tuple[Crumb, ...]
    messages: tuple[ParkedMessage, ...]
    more: str
    """How many there are beyond those on the page."""
    retry_all_url: str


def admin_crumbs(*further: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(_("Administration"), "/admin"), *further)


async def show_start(request: Request) -> Response:
    spaces: tuple[SpaceCard, ...] = request.state.spaces
    page = AdminPage(
        tiles=await _tiles(spaces, request.app.state.search),
        links=_links(),
        warnings=await _warnings(),
    )
    return await show(request, "admin/start.html", page, Head(section="admin"))


async def _warnings() -> tuple[Link, ...]:
    unfinished, names = await list_unfinished(), page_names()
    if not unfinished:
        return ()
    found = [Link(names[page], f"/admin/pages/{page}") for page in unfinished if page != "imprint"]
    if "imprint" in unfinished:
        text = _("The imprint is not filled in. The law wants one before anybody else reads this site.")
        found.insert(0, Link(text, "/admin/pages/imprint"))
    return tuple(found)


def _links() -> tuple[AdminLink, ...]:
    return (
        AdminLink(
            _("Transparency report"),
            "/admin/transparency",
            _("Notices, measures and objections of a year"),
            "shield",
        ),
        AdminLink(_("Figures"), "/admin/figures", _("What is solved before it is asked"), "chart-column"),
        AdminLink(
            _("Spaces"), "/admin/spaces", _("Names, who may read them, their order"), "messages-square"
        ),
        AdminLink(_("Groups"), "/admin/groups", _("Who belongs to which group"), "users"),
        AdminLink(_("Companies"), "/admin/companies", _("Customers, their mail domains"), "building-2"),
        AdminLink(_("Attributes"), "/admin/attributes", _("Industry, products, region; import"), "list"),
        AdminLink(_("Segments"), "/admin/segments", _("Groups that a rule fills"), "users"),
        AdminLink(_("Legal pages"), "/admin/pages", _("Imprint, privacy, terms, netiquette"), "file-text"),
        AdminLink(_("People"), "/admin/people", _("Roles of staff, experts"), "user"),
        AdminLink(_("Badges"), "/admin/badges", _("Milestones, and honours by hand"), "star"),
        AdminLink(_("Experts"), "/admin/experts", _("By what rule members become experts"), "award"),
        AdminLink(_("Points and ranks"), "/admin/ranks", _("What helping is worth, names of ranks"), "star"),
        AdminLink(
            _("FAQ export"), "/admin/faq/export", _("Published entries for the company’s website"), "download"
        ),
        AdminLink(
            _("FAQ categories"), "/admin/faq/categories", _("How the FAQ is divided"), "book-open-text"
        ),
        AdminLink(
            _("FAQ editing"), "/moderation/faq", _("Drafts, entries that wait for their release"), "pencil"
        ),
        AdminLink(
            _("Searches"), "/admin/search", _("What people look for, and what finds nothing"), "search"
        ),
        AdminLink(
            _("Words of the search"), "/admin/vocabulary", _("Same meanings, names, abbreviations"), "list"
        ),
        AdminLink(_("Moderation queue"), "/moderation", _("What members have flagged"), "flag"),
        AdminLink(_("Moderation log"), "/moderation/log", _("Who did what, and why"), "history"),
        AdminLink(_("Search index"), "/admin/index", _("How it is; build it anew"), "search"),
        AdminLink(_("Parked messages"), "/admin/messages", _("What could not be delivered"), "inbox"),
    )


async def _tiles(spaces: tuple[SpaceCard, ...], engine: SearchEngine) -> tuple[Tile, ...]:
    questions = [space for space in spaces if space.kind == SpaceKind.QUESTIONS]
    asked = sum(space.thread_count for space in questions)
    solved = sum(space.solved_count for space in questions)
    return (
        Tile(_("Members"), await _member_count(), url="/admin/people"),
        Tile(_("Spaces"), number(len(spaces)), url="/admin/spaces"),
        Tile(_("Threads"), number(sum(space.thread_count for space in spaces))),
        Tile(
            _("Solved questions"),
            percent(solved / asked) if asked else "–",
            change=_("%(solved)s of %(asked)s, ever since")
            % {"solved": number(solved), "asked": number(asked)},
        ),
        Tile(_("Flagged posts"), number(await count_open_items()), url="/moderation"),
        Tile(_("Parked messages"), number(await outbox.count_parked()), url="/admin/messages"),
        await _search_tile(engine),
    )


async def _member_count() -> str:
    count = await count_members()
    if count > MOST_COUNTED:
        return _("over %(number)s") % {"number": number(MOST_COUNTED)}
    return number(count)


async def _search_tile(engine: SearchEngine) -> Tile:
    try:
        health = await engine.health()
    except SearchDown:
        return Tile(
            _("Search"), _("Down"), url="/admin/index", change=_("It catches up by itself when it is back.")
        )
    documents = ngettext("%(num)s document", "%(num)s documents", health.documents) % {
        "num": number(health.documents)
    }
    state = _("Running") if health.ok else _("Down")
    return Tile(_("Search"), state, url="/admin/index", change=f"{health.engine} · {documents}")


# --- parked messages --------------------------------------------------------------------------------------


async def show_messages(request: Request) -> Response:
    """Facts whose consequences kept failing. Names and places of errors only: nothing of what they are about."""
    parked = await outbox.list_parked()
    beyond = await outbox.count_parked() - len(parked)
    page = MessagesPage(
        crumbs=admin_crumbs(),
        messages=tuple(
            ParkedMessage(
                name=fact.name,
                attempts=number(fact.attempts),
                last_error=fact.last_error,
                recorded=When.of(fact.recorded_at),
                parked=When.of(fact.parked_at),
                retry_url=f"/admin/messages/{fact.id}/retry",
            )
            for fact in parked
        ),
        more=number(beyond) if beyond > 0 else "",
        retry_all_url="/admin/messages/retry" if len(parked) > 1 else "",
    )
    return await show(request, "admin/messages.html", page, Head(section="admin"))


async def retry_message(request: Request) -> Response:
    await outbox.retry_parked(path_id(request, "fact_id"))
    return redirect("/admin/messages", notice="saved")


async def retry_all_messages(request: Request) -> Response:
    """Those on the page: the worker takes them in turn."""
    for fact in await outbox.list_parked():
        await outbox.retry_parked(fact.id)
    return redirect("/admin/messages", notice="saved")

"""The moderation queue: everything that waits for staff on one page, and the page of one item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.pagination import read_cursor
from community.core.viewer import Viewer
from community.decisions.models import IN_QUEUE
from community.moderation import queue
from community.moderation.queue import PAGE, SHOWN, Counts, Wanted, WorkRow
from community.spaces.queries import SpaceCard, find_space
from community.web.pages import Head, show, viewer_of
from community.web.parts import FilterLink, Link, When
from community.web.work_kinds import KINDS, Described, describe_all

Age = Literal["", "soon", "late"]


@dataclass(frozen=True, slots=True)
class WorkView:
    """An item of the queue as a line of the list, and as the head of its own page."""

    id: int
    url: str
    kind: str
    icon: str
    title: str
    fact: str
    excerpt: str
    space: Link | None
    age: Age
    waiting: str
    """In words what the colour says."""
    holder: str
    """Who is on it, empty for nobody; never the viewer."""
    is_mine: bool
    handed: str
    note: str
    snoozed_until: When | None
    claim_url: str
    """Empty while somebody else is on it."""
    release_url: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    links: tuple[Link, ...]
    shown: tuple[FilterLink, ...]
    kinds: tuple[FilterLink, ...]
    spaces: tuple[FilterLink, ...]
    items: tuple[WorkView, ...]
    is_whole: bool
    """Nothing is filtered out."""
    more_url: str
    """The next part of the queue; empty where this is the last one."""


def moderation_links() -> tuple[Link, ...]:
    """The pages that moderators go between."""
    return (
        Link(_("Queue"), "/moderation"),
        Link(_("Holding rules"), "/moderation/rules"),
        Link(_("Notices"), "/moderation/notices"),
        Link(_("Objections"), "/moderation/appeals"),
        Link(_("Canned answers"), "/moderation/canned-answers"),
        Link(_("Moderation log"), "/moderation/log"),
        Link(_("Handbook of the team"), "/moderation/handbook"),
        Link(_("FAQ editing"), "/moderation/faq"),
        Link(_("Sanctions"), "/moderation/sanctions"),
        Link(_("Identities"), "/moderation/reveals"),
        Link(_("Warnings"), "/moderation/warnings"),
        Link(_("Searches"), "/admin/search"),
    )


# --- the list ---------------------------------------------------------------------------------------------


async def show_queue(request: Request) -> Response:
    viewer, spaces = viewer_of(request), _readable(request)
    wanted = _wanted(request, spaces)
    after = read_cursor(request.query_params.get("after"))
    rows = await queue.list_work(viewer, wanted, after=after, size=PAGE + 1)
    described = await describe_all(viewer, rows[:PAGE])
    counts = await queue.count_work(viewer)
    names = {space.id: space for space in spaces}
    page = QueuePage(
        links=moderation_links(),
        shown=_shown_links(wanted, counts, names),
        kinds=_kind_links(wanted, counts, names),
        spaces=_space_links(wanted, counts, names),
        items=tuple(
            work_view(row, described[row.id], names.get(row.space_id), viewer)
            for row in rows[:PAGE]
            if row.id in described
        ),
        is_whole=wanted == Wanted(),
        more_url=queue_url(wanted, names, after=str(rows[PAGE - 1].cursor)) if len(rows) > PAGE else "",
    )
    return await show(request, "moderation/queue.html", page, Head(section="moderation"))


def _readable(request: Request) -> tuple[SpaceCard, ...]:
    return tuple(space for space in request.state.spaces if not space.locked)


def _wanted(request: Request, spaces: tuple[SpaceCard, ...]) -> Wanted:
    query = request.query_params
    shown, kind, slug = query.get("show", "all"), query.get("kind", ""), query.get("space", "")
    if shown not in SHOWN or kind not in ("", *IN_QUEUE):
        raise NotFound
    return Wanted(shown, kind, find_space(spaces, slug).id if slug else None)


def queue_url(wanted: Wanted, spaces: dict[int, SpaceCard], *, after: str = "") -> str:
    chosen = {
        "show": "" if wanted.shown == "all" else wanted.shown,
        "kind": wanted.kind,
        "space": "" if wanted.space_id is None else spaces[wanted.space_id].slug,
        "after": after,
    }
    return with_query("/moderation", chosen)


def _link(label: str, to: Wanted, wanted: Wanted, counts: Counts, spaces: dict[int, SpaceCard]) -> FilterLink:
    count = counts.of(to)
    # Where not all was counted, none found does not mean that there is none.
    shown = count.number if count.number or count.is_whole else None
    return FilterLink(
        label, queue_url(to, spaces), current=to == wanted, count=shown, is_least=not count.is_whole
    )


def _shown_links(wanted: Wanted, counts: Counts, spaces: dict[int, SpaceCard]) -> tuple[FilterLink, ...]:
    names = {
        "all": _("All"),
        "mine": _("Mine"),
        "unclaimed": _("Nobody is on it"),
        "late": _("Overdue"),
        "snoozed": _("Put aside"),
    }
    return tuple(_link(names[shown], replace(wanted, shown=shown), wanted, counts, spaces) for shown in SHOWN)


def _kind_links(wanted: Wanted, counts: Counts, spaces: dict[int, SpaceCard]) -> tuple[FilterLink, ...]:
    return (
        _link(_("All kinds"), replace(wanted, kind=""), wanted, counts, spaces),
        *(
            _link(kind.name(), replace(wanted, kind=str(name)), wanted, counts, spaces)
            for name, kind in KINDS.items()
        ),
    )


def _space_links(wanted: Wanted, counts: Counts, spaces: dict[int, SpaceCard]) -> tuple[FilterLink, ...]:
    return (
        _link(_("All spaces"), replace(wanted, space_id=None), wanted, counts, spaces),
        *(
            _link(space.name, replace(wanted, space_id=space.id), wanted, counts, spaces)
            for space in spaces.values()
        ),
    )


def work_view(row: WorkRow, described: Described, space: SpaceCard | None, viewer: Viewer) -> WorkView:
    url, kind = f"/moderation/items/{row.id}", KINDS[row.kind]
    is_mine = row.holder_id == viewer.id
    age, waiting = how_long(row, now())
    return WorkView(
        id=row.id,
        url=url,
        kind=kind.name(),
        icon=kind.icon,
        title=described.title,
        fact=described.fact,
        excerpt=described.excerpt,
        space=Link(space.name, f"/spaces/{space.slug}") if space else None,
        age=age,
        waiting=waiting,
        holder="" if is_mine else row.holder,
        is_mine=is_mine,
        handed=_handed(row, viewer),
        note=row.note,
        snoozed_until=When.of(row.snoozed_until) if row.snoozed_until else None,
        claim_url=f"{url}/claim" if is_mine or row.holder_id is None else "",
        release_url=f"{url}/release" if is_mine else "",
    )


def _handed(row: WorkRow, viewer: Viewer) -> str:
    if row.handed_to is None:
        return ""
    giver = row.handed_by_name or _("Former member")
    if row.handed_to == viewer.id:
        return _("%(name)s has given this to you") % {"name": giver}
    return _("%(name)s has given this to %(colleague)s") % {
        "name": giver,
        "colleague": row.handed_to_name or _("Former member"),
    }


def how_long(row: WorkRow, moment: datetime) -> tuple[Age, str]:
    """How long an item has waited, as a mark and in words."""
    hours = max(0, int((moment - row.since).total_seconds() // 3600))
    if hours < 48:
        time = ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": number(hours)}
    else:
        time = ngettext("%(num)s day", "%(num)s days", hours // 24) % {"num": number(hours // 24)}
    if moment >= row.due_at:
        return "late", _("Overdue: waiting for %(time)s") % {"time": time}
    if moment >= row.soon_at:
        return "soon", _("Soon overdue: waiting for %(time)s") % {"time": time}
    return "", _("Waiting for %(time)s") % {"time": time} if hours else _("Came in just now")

"""Groups: those one may know of, and one with the spaces that its members read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.groups import actions, permissions, queries, requests
from community.groups.invitations import find_own_invitation
from community.groups.models import GroupRole
from community.groups.queries import GroupView, Manager
from community.groups.requests import LONGEST_NOTE
from community.http import tries
from community.segments.attributes import list_own_values
from community.segments.definitions import definitions_by_key
from community.segments.segments import find_segment_of_group
from community.segments.wording import rule_in_words
from community.spaces.queries import list_spaces_of_group
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState, Link
from community.web.people import profile_url
from community.web.spaces import SpaceTiles, tiles_of


@dataclass(frozen=True, slots=True)
class GroupsPage:
    groups: tuple[GroupView, ...]


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Which data a group uses, and what for (MK-5)."""

    words: str
    purpose: str
    own: tuple[tuple[str, str], ...]
    """The viewer's own values of the attributes that it asks for."""
    came_by_rule: bool


@dataclass(frozen=True, slots=True)
class GroupPage:
    group: GroupView
    crumbs: tuple[Crumb, ...]
    spaces: SpaceTiles
    join_url: str
    leave_url: str
    ask_url: str
    ask_form: FormState
    withdraw_url: str
    """Set while a request of the viewer waits."""
    invitation_url: str
    manage_url: str
    is_last_owner: bool
    managers: tuple[Link, ...]
    members: tuple[Link, ...]
    rule: GroupRule | None
    """How a rule fills it, for its members and administrators."""
    listing_url: str
    """Where one says whether one is listed; empty where nobody is, or this member cannot be."""


def role_names() -> dict[str, str]:
    """What somebody is in a group."""
    return {
        GroupRole.OWNER: _("Owner"),
        GroupRole.CURATOR: _("Curator"),
        GroupRole.MEMBER: _("Member"),
    }


async def list_groups(request: Request) -> Response:
    page = GroupsPage(tuple(await queries.list_groups(viewer_of(request))))
    return await show(request, "groups/list.html", page, Head(section="groups"))


async def show_group(request: Request) -> Response:
    return await _show_group(request, await load_group(request), FormState())


async def load_group(request: Request) -> GroupView:
    """The group in the address; not found for closed groups of others."""
    return await queries.get_group(request.path_params["slug"], viewer_of(request))


async def _show_group(
    request: Request, group: GroupView, ask_form: FormState, *, status: int = 200
) -> Response:
    viewer, url = viewer_of(request), f"/groups/{group.slug}"
    of_group = await list_spaces_of_group(group.id)
    managers = await queries.list_managers(group.id) if group.is_member else []
    invitation = await find_own_invitation(group.slug, viewer.id) if viewer.is_member else None
    may_ask = permissions.can_ask_to_join(viewer, group) and invitation is None
    has_asked = may_ask and await requests.has_asked(group.id, viewer.id)
    page = GroupPage(
        group=group,
        crumbs=(Crumb(_("Groups"), "/groups"),),
        spaces=tiles_of(space for space in request.state.spaces if space.id in of_group),
        join_url=f"{url}/join" if permissions.can_join_group(viewer, group) else "",
        leave_url=f"{url}/leave" if permissions.can_leave_group(viewer, group) else "",
        ask_url=f"{url}/request" if may_ask and (not has_asked or ask_form.errors) else "",
        ask_form=ask_form,
        withdraw_url=f"{url}/request/withdraw" if has_asked else "",
        invitation_url=f"{url}/invitation" if invitation else "",
        manage_url=f"{url}/manage" if permissions.can_fill_group(viewer, group) else "",
        is_last_owner=group.role == GroupRole.OWNER and sum(one.role == "owner" for one in managers) == 1,
        managers=tuple(_manager_link(one) for one in managers),
        members=await _listed(group, viewer),
        rule=await _rule_of(group, viewer),
        listing_url=f"{url}/listing" if group.shows_members and group.came_openly else "",
    )
    return await show(request, "groups/show.html", page, Head(section="groups"), status=status)


async def _rule_of(group: GroupView, viewer: Viewer) -> GroupRule | None:
    segment = await find_segment_of_group(group.id)
    if segment is None or not segment.rule.conditions or not (group.is_member or viewer.is_administrator):
        return None
    asked = {condition.key for condition in segment.rule.conditions}
    return GroupRule(
        words=rule_in_words(segment.rule, await definitions_by_key()),
        purpose=segment.purpose,
        own=tuple(
            (own.definition.label, own.definition.shown(own.value))
            for own in await list_own_values(viewer.id)
            if own.definition.key in asked
        ),
        came_by_rule=group.by_rule,
    )


def _manager_link(manager: Manager) -> Link:
    return Link(f"{manager.name} ({role_names()[manager.role]})", profile_url(manager.nickname))


async def _listed(group: GroupView, viewer: Viewer) -> tuple[Link, ...]:
    if not permissions.can_see_members(viewer, group):
        return ()
    return tuple(Link(name, profile_url(name)) for name in await queries.list_listed_members(group.id))


async def join_group(request: Request) -> Response:
    viewer, group = viewer_of(request), await load_group(request)
    authorize(permissions.can_join_group(viewer, group))
    await actions.add_member(group.id, viewer.id)
    return redirect(f"/groups/{group.slug}")


async def ask_to_join(request: Request) -> Response:
    """Ask whoever looks after the group; a note is kept when something is wrong with it."""
    viewer, group = viewer_of(request), await load_group(request)
    authorize(permissions.can_ask_to_join(viewer, group))
    fields = dict(await read_form(request))
    errors = check_length("note", fields.get("note", ""), least=0, most=LONGEST_NOTE)
    if errors:
        return await _show_group(request, group, FormState(fields, tuple(errors)), status=422)
    await tries.JOIN_REQUESTS.take(viewer.id)
    try:
        await requests.ask_to_join(group.id, viewer.id, note=fields.get("note", ""))
    except RuleBroken as error:
        form = FormState(fields, (FieldError("note", str(error)),))
        return await _show_group(request, group, form, status=409)
    return redirect(f"/groups/{group.slug}", notice="join-requested")


async def withdraw_request(request: Request) -> Response:
    group = await load_group(request)
    await requests.withdraw_request(group.id, viewer_of(request).id)
    return redirect(f"/groups/{group.slug}")


async def leave_group(request: Request) -> Response:
    """After leaving a closed group one does not know of it any more, so the way leads to the list."""
    viewer, group = viewer_of(request), await load_group(request)
    authorize(permissions.can_leave_group(viewer, group))
    await actions.remove_member(group.id, viewer.id)
    return redirect("/groups", notice="left-group")


async def choose_listing(request: Request) -> Response:
    """Whether the other members see that one belongs to the group."""
    viewer, group = viewer_of(request), await load_group(request)
    authorize(group.is_member)
    fields = await read_form(request)
    await actions.choose_listing(group.id, viewer.id, listed=fields.get("listed") == "1")
    return redirect(f"/groups/{group.slug}", notice="saved")

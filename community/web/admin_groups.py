"""Administration of groups: make one, say who may know of it, let members in by nickname.

The rest is done where owners and curators do it (`group_managing`); nobody gets a list of who belongs to a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.companies.rules import shown_count
from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.text import slug
from community.groups import actions, queries
from community.groups.actions import LONGEST_DESCRIPTION, LONGEST_NAME
from community.groups.models import GroupAccess
from community.groups.permissions import can_manage_groups
from community.groups.queries import GroupView
from community.members.queries import get_profile
from community.segments.segments import find_segment_of_group, list_segments
from community.spaces.queries import list_spaces_of_group
from community.web.admin import admin_crumbs
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link


@dataclass(frozen=True, slots=True)
class GroupLine:
    name: str
    url: str
    access: str
    members: str


@dataclass(frozen=True, slots=True)
class AdminGroupsPage:
    crumbs: tuple[Crumb, ...]
    groups: tuple[GroupLine, ...]
    new_url: str


@dataclass(frozen=True, slots=True)
class GroupFormPage:
    url: str
    heading: str
    crumbs: tuple[Crumb, ...]
    form: FormState
    access: tuple[Choice, ...]
    button: str
    show_url: str
    """The group as others see it; empty for a new one."""
    add_url: str
    add_form: FormState
    manage_url: str
    spaces: tuple[Link, ...]
    """The exclusive spaces that its members read."""


def group_access_names() -> dict[str, tuple[str, str]]:
    return {
        GroupAccess.OPEN: (_("Open to all members"), _("Anyone may join.")),
        GroupAccess.REQUEST: (
            _("On request"),
            _("Everyone may know about it; whoever looks after it lets members in."),
        ),
        GroupAccess.CLOSED: (
            _("Closed"),
            _("By invitation. Only members and administrators know that it exists."),
        ),
    }


async def list_groups(request: Request) -> Response:
    counts = await queries.count_members_of_groups()
    # A figure that follows attributes would tell how many people of one company there are.
    by_rule = {segment.group_id for segment in await list_segments()}
    names = group_access_names()
    page = AdminGroupsPage(
        crumbs=admin_crumbs(),
        groups=tuple(
            GroupLine(
                name=group.name,
                url=f"/admin/groups/{group.slug}",
                access=names[group.access][0],
                members=_("filled by a rule")
                if group.id in by_rule
                else shown_count(counts.get(group.id, 0)),
            )
            for group in await queries.list_groups(viewer_of(request))
        ),
        new_url="/admin/groups/new",
    )
    return await show(request, "admin/groups.html", page, Head(section="admin"))


async def show_new_form(request: Request) -> Response:
    return await _show_form(request, None, FormState({"access": str(GroupAccess.CLOSED)}))


async def make_group(request: Request) -> Response:
    authorize(can_manage_groups(viewer_of(request)))
    fields = dict(await read_form(request))
    errors = _check(fields)
    if errors:
        return await _show_form(request, None, FormState(fields, tuple(errors)), status=422)
    try:
        await actions.make_group(
            fields["name"],
            description=fields.get("description", ""),
            access=GroupAccess(fields["access"]),
        )
    except RuleBroken as error:
        form = FormState(fields, (FieldError("name", str(error)),))
        return await _show_form(request, None, form, status=409)
    return redirect(f"/admin/groups/{slug(fields['name'])}", notice="saved")


async def show_group_form(request: Request) -> Response:
    group = await _load(request)
    return await _show_form(request, group, _values(group))


async def change_group(request: Request) -> Response:
    group = await _load(request)
    fields = dict(await read_form(request))
    errors = _check(fields)
    if fields.get("access") != GroupAccess.CLOSED and await find_segment_of_group(group.id):
        errors.append(FieldError("access", _("A rule fills this group, so it stays closed.")))
    if errors:
        return await _show_form(request, group, FormState(fields, tuple(errors)), status=422)
    await actions.change_group(
        group.id,
        name=fields["name"],
        description=fields.get("description", ""),
        access=GroupAccess(fields["access"]),
    )
    return redirect(f"/admin/groups/{group.slug}", notice="saved")


async def add_member(request: Request) -> Response:
    """Let a member in by nickname; the rights that come with the group begin at once."""
    group = await _load(request)
    fields = dict(await read_form(request))
    try:
        profile = await get_profile(fields.get("nickname", "").strip())
    except NotFound:
        error = FieldError("nickname", _("There is no member with this nickname."))
        form = FormState(fields, (error,))
        return await _show_form(request, group, _values(group), add_form=form, status=422)
    await actions.add_member(group.id, profile.id)
    return redirect(f"/admin/groups/{group.slug}", notice="saved")


async def _load(request: Request) -> GroupView:
    viewer = viewer_of(request)
    group = await queries.get_group(request.path_params["slug"], viewer)
    authorize(can_manage_groups(viewer))
    return group


def _values(group: GroupView) -> FormState:
    return FormState({"name": group.name, "description": group.description, "access": group.access})


def _check(fields: Mapping[str, str]) -> list[FieldError]:
    errors = check_length("name", fields.get("name", ""), least=2, most=LONGEST_NAME)
    errors += check_length("description", fields.get("description", ""), least=0, most=LONGEST_DESCRIPTION)
    if fields.get("access") not in set(GroupAccess):
        errors.append(FieldError("access", _("Please choose one of these.")))
    return errors


async def _show_form(
    request: Request,
    group: GroupView | None,
    form: FormState,
    *,
    add_form: FormState | None = None,
    status: int = 200,
) -> Response:
    url = f"/admin/groups/{group.slug}" if group else ""
    of_group = await list_spaces_of_group(group.id) if group else frozenset()
    page = GroupFormPage(
        url=url or "/admin/groups/new",
        heading=group.name if group else _("New group"),
        crumbs=admin_crumbs(Crumb(_("Groups"), "/admin/groups")),
        form=form,
        access=tuple(Choice(value, label, hint) for value, (label, hint) in group_access_names().items()),
        button=_("Save") if group else _("Create group"),
        show_url=f"/groups/{group.slug}" if group else "",
        add_url=f"{url}/members" if group else "",
        add_form=add_form or FormState(),
        manage_url=f"/groups/{group.slug}/manage" if group else "",
        spaces=tuple(
            Link(space.name, f"/admin/spaces/{space.slug}")
            for space in request.state.spaces
            if space.id in of_group
        ),
    )
    return await show(request, "admin/group.html", page, Head(section="admin"), status=status)

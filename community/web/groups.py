"""Groups: those one may know of, and one with the spaces that its members read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import authorize
from community.core.i18n import gettext as _
from community.groups import actions, permissions, queries
from community.groups.queries import GroupView
from community.spaces.queries import list_spaces_of_group
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Crumb
from community.web.spaces import SpaceTiles, tiles_of


@dataclass(frozen=True, slots=True)
class GroupsPage:
    groups: tuple[GroupView, ...]


@dataclass(frozen=True, slots=True)
class GroupPage:
    group: GroupView
    crumbs: tuple[Crumb, ...]
    spaces: SpaceTiles
    join_url: str
    leave_url: str


async def list_groups(request: Request) -> Response:
    page = GroupsPage(tuple(await queries.list_groups(viewer_of(request))))
    return await show(request, "groups/list.html", page, Head(section="groups"))


async def show_group(request: Request) -> Response:
    viewer = viewer_of(request)
    group = await queries.get_group(request.path_params["slug"], viewer)
    of_group = await list_spaces_of_group(group.id)
    url = f"/groups/{group.slug}"
    page = GroupPage(
        group=group,
        crumbs=(Crumb(_("Groups"), "/groups"),),
        spaces=tiles_of(space for space in request.state.spaces if space.id in of_group),
        join_url=f"{url}/join" if permissions.can_join_group(viewer, group) else "",
        leave_url=f"{url}/leave" if permissions.can_leave_group(viewer, group) else "",
    )
    return await show(request, "groups/show.html", page, Head(section="groups"))


async def join_group(request: Request) -> Response:
    viewer = viewer_of(request)
    group = await queries.get_group(request.path_params["slug"], viewer)
    authorize(permissions.can_join_group(viewer, group))
    await actions.add_member(group.id, viewer.id)
    return redirect(f"/groups/{group.slug}")


async def leave_group(request: Request) -> Response:
    """After leaving a closed group one does not know of it any more, so the way leads to the list."""
    viewer = viewer_of(request)
    group = await queries.get_group(request.path_params["slug"], viewer)
    authorize(permissions.can_leave_group(viewer, group))
    await actions.remove_member(group.id, viewer.id)
    return redirect("/groups")

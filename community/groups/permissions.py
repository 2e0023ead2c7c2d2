from __future__ import annotations

from community.core.viewer import Viewer
from community.groups.models import MANAGER_ROLES, GroupAccess, GroupRole
from community.groups.queries import GroupView


def can_manage_groups(viewer: Viewer) -> bool:
    """Make groups and say who may know of them."""
    return viewer.is_administrator


def can_fill_group(viewer: Viewer, group: GroupView) -> bool:
    """Invite, decide requests, take out."""
    return viewer.is_administrator or (viewer.is_member and group.role in MANAGER_ROLES)


def can_own_group(viewer: Viewer, group: GroupView) -> bool:
    """Say what the group is for, whether members see each other, and who helps to look after it."""
    return viewer.is_administrator or (viewer.is_member and group.role == GroupRole.OWNER)


def can_join_group(viewer: Viewer, group: GroupView) -> bool:
    """Open groups are joined by whoever wants to; into the others somebody lets them in."""
    return (
        viewer.is_member and not viewer.is_staff and group.access == GroupAccess.OPEN and not group.is_member
    )


def can_ask_to_join(viewer: Viewer, group: GroupView) -> bool:
    return (
        viewer.is_member
        and not viewer.is_staff
        and group.access == GroupAccess.REQUEST
        and not group.is_member
    )


def can_leave_group(viewer: Viewer, group: GroupView) -> bool:
    return viewer.is_member and group.is_member


def can_see_members(viewer: Viewer, group: GroupView) -> bool:
    """Those who want to be seen, by those who belong to the group; see `Membership.came_openly`."""
    return group.shows_members and (group.is_member or viewer.is_administrator)

from __future__ import annotations

from community.core.viewer import Viewer
from community.groups.models import GroupAccess
from community.groups.queries import GroupView


def can_manage_groups(viewer: Viewer) -> bool:
    return viewer.is_administrator


def can_join_group(viewer: Viewer, group: GroupView) -> bool:
    """Open groups are joined by whoever wants to; into the others an administrator lets people in."""
    return (
        viewer.is_member and not viewer.is_staff and group.access == GroupAccess.OPEN and not group.is_member
    )


def can_leave_group(viewer: Viewer, group: GroupView) -> bool:
    return viewer.is_member and group.is_member

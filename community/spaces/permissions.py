"""Who may do what to spaces and groups."""

from __future__ import annotations

from community.core.viewer import Viewer


def can_manage_spaces(viewer: Viewer) -> bool:
    return viewer.is_administrator


def can_start_thread(viewer: Viewer, space_id: int) -> bool:
    return viewer.may_write(space_id)

from __future__ import annotations

from community.core.viewer import Viewer


def can_manage_attributes(viewer: Viewer) -> bool:
    """Say what can be known of companies and people, and bring it in."""
    return viewer.is_administrator


def can_manage_segments(viewer: Viewer) -> bool:
    """Write the rules that fill groups."""
    return viewer.is_administrator

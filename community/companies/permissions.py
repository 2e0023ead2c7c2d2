from __future__ import annotations

from community.core.viewer import Viewer


def can_belong_to_company(viewer: Viewer) -> bool:
    """Staff work for the operating company and see what customers write: they belong to none of these."""
    return viewer.is_member and not viewer.is_staff


def can_manage_companies(viewer: Viewer) -> bool:
    return viewer.is_administrator

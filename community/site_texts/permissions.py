"""Who may write the site's own texts."""

from __future__ import annotations

from community.core.viewer import Viewer


def can_edit_page(viewer: Viewer, page: str) -> bool:
    """What the company answers for in public, administrators write."""
    return viewer.is_administrator

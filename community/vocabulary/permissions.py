from __future__ import annotations

from community.core.viewer import Viewer


def can_edit_vocabulary(viewer: Viewer) -> bool:
    """Whoever writes the FAQ also says which words mean the same."""
    return viewer.is_moderator

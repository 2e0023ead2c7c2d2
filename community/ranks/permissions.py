"""Who may do what about experts. Pure: everything needed stands on the viewer and on the row."""

from __future__ import annotations

from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.threads.models import ThreadStatus
from community.threads.queries import ThreadView


def can_ask_expert(viewer: Viewer, thread: ThreadView) -> bool:
    """Whoever asked the question, and moderators; while it waits for a solution."""
    if viewer.is_guest or not (thread.author_id == viewer.id or viewer.is_moderator):
        return False
    if (
        thread.hidden_at is not None
        or thread.locked_at is not None
        or not viewer.may_take_part(thread.space_id)
    ):
        return False
    return thread.space_kind == SpaceKind.QUESTIONS and thread.status != ThreadStatus.SOLVED

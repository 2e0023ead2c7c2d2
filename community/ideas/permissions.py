"""Who may vote for ideas, and who answers for the company. Pure: all that is needed stands on viewer and row."""

from __future__ import annotations

from typing import Protocol

from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.threads.models import IdeaStatus
from community.threads.permissions import ThreadLike, can_answer, can_mark_same_problem

VOTABLE = frozenset({IdeaStatus.NEW, IdeaStatus.PLANNED})
"""What is built or declined takes no more votes; those that were given stay, and can be taken back."""


class IdeaLike(ThreadLike, Protocol):
    @property
    def space_kind(self) -> str: ...
    @property
    def idea_status(self) -> str: ...


def is_idea(thread: IdeaLike) -> bool:
    return thread.space_kind == SpaceKind.IDEAS


def can_vote(viewer: Viewer, thread: IdeaLike) -> bool:
    """Members, once, for ideas of others: whose idea it is wants it anyway."""
    return (
        is_idea(thread)
        and thread.hidden_at is None
        and thread.locked_at is None
        and thread.idea_status in VOTABLE
        and can_mark_same_problem(viewer, thread)
    )


def can_answer_idea(viewer: Viewer, thread: IdeaLike) -> bool:
    """Staff say what becomes of an idea, marketing included: wherever they may answer."""
    return is_idea(thread) and viewer.is_staff and can_answer(viewer, thread)

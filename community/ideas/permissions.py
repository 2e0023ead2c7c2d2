"""Who may vote for ideas, and who answers for the company. Pure: all that is needed stands on viewer and row."""

from __future__ import annotations

from typing import Protocol

from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.threads.models import IdeaStatus
from community.threads.permissions import StartedLike, ThreadLike, can_answer, can_mark_same_problem

VOTABLE = frozenset({IdeaStatus.NEW, IdeaStatus.PLANNED})
"""What is built or declined takes no more votes; those that were given stay, and can be taken back."""


class KindLike(Protocol):
    @property
    def space_kind(self) -> str: ...


class VotableLike(KindLike, StartedLike, Protocol):
    @property
    def idea_status(self) -> str: ...
    @property
    def is_closed(self) -> bool: ...


class IdeaLike(KindLike, ThreadLike, Protocol): ...


def is_idea(thread: KindLike) -> bool:
    return thread.space_kind == SpaceKind.IDEAS


def takes_votes(thread: VotableLike) -> bool:
    return is_idea(thread) and not thread.is_closed and thread.idea_status in VOTABLE


def can_vote(viewer: Viewer, thread: VotableLike) -> bool:
    """Members, once, for ideas of others: whose idea it is wants it anyway."""
    return takes_votes(thread) and can_mark_same_problem(viewer, thread)


def can_answer_idea(viewer: Viewer, thread: IdeaLike) -> bool:
    """Staff say what becomes of an idea, marketing included: wherever they may answer."""
    return is_idea(thread) and viewer.is_staff and can_answer(viewer, thread)

"""Who may work on the queue. Pure: everything needed stands on the viewer and on the row."""

from __future__ import annotations

from typing import Protocol

from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard


class ItemLike(Protocol):
    @property
    def author_id(self) -> int | None: ...

    @property
    def space_id(self) -> int: ...


def can_see_queue(viewer: Viewer) -> bool:
    return viewer.is_moderator


def can_work_on(viewer: Viewer, item: ItemLike) -> bool:
    """Nobody decides about a post of their own, and nobody learns who has flagged it."""
    return viewer.is_moderator and viewer.may_read(item.space_id) and item.author_id != viewer.id


def can_sanction(viewer: Viewer) -> bool:
    """Whom, the action decides: nobody themselves, and no staff."""
    return viewer.is_moderator


def can_move_thread(viewer: Viewer, source: SpaceCard, target: SpaceCard) -> bool:
    """Into spaces that the mover reads. Articles stay among articles: they are written by staff alone."""
    return (
        viewer.is_moderator
        and viewer.may_read(source.id)
        and viewer.may_read(target.id)
        and source.id != target.id
        and (source.kind == SpaceKind.BLOG) == (target.kind == SpaceKind.BLOG)
    )

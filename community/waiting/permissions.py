"""Who may do what with texts that wait. Pure: everything needed stands on the viewer and on the row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from community.core.viewer import Viewer
from community.waiting.models import TextState, Why


class TextLike(Protocol):
    @property
    def author_id(self) -> int: ...
    @property
    def space_id(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def writers(self) -> Collection[int]: ...
    @property
    def overruled(self) -> Collection[int]: ...


def can_see_waiting(viewer: Viewer, space_id: int) -> bool:
    """Beside the author."""
    return viewer.is_moderator and viewer.may_read(space_id)


def can_release_text(viewer: Viewer, text: TextLike) -> bool:
    """Nobody who has written into it. That the two are really two persons, `decisions.four_eyes` looks up."""
    return (
        can_see_waiting(viewer, text.space_id)
        and text.state == TextState.WAITING
        and viewer.id != text.author_id
        and viewer.id not in text.writers
    )


def can_refuse_text(viewer: Viewer, text: TextLike) -> bool:
    """Also whoever has tried to mend it; its author takes it back instead. Nobody who has refused it already and was
    wrong."""
    return (
        can_see_waiting(viewer, text.space_id)
        and text.state == TextState.WAITING
        and viewer.id != text.author_id
        and viewer.id not in text.overruled
    )


def can_write_along(viewer: Viewer, text: TextLike) -> bool:
    """Staff mend texts of colleagues. What members wrote, staff release or refuse as it is."""
    return can_refuse_text(viewer, text) and text.why == Why.FOUR_EYES


def can_rewrite_text(viewer: Viewer, text: TextLike) -> bool:
    return viewer.is_member and viewer.id == text.author_id and text.state != TextState.RELEASED

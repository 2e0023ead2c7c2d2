"""Who may do what to the FAQ. Pure: everything needed stands on the viewer and on the row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq.models import IS_PUBLIC, EntryState


class EntryLike(Protocol):
    @property
    def stage(self) -> str: ...

    @property
    def edited_by(self) -> int | None: ...

    @property
    def writers(self) -> Collection[int]: ...


def visible_entries(viewer: Viewer) -> str:
    """SQL condition on an entry `e`: released, and for an audience that the viewer belongs to."""
    audience = "" if viewer.is_member else " AND e.published_audience = 'public'"
    return f"{IS_PUBLIC}{audience}"


def known_causes(viewer: Viewer) -> str:
    """SQL condition on a cause `x`: not about a source that the viewer may not read. Ids are integers of ours."""
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"""(x.post_id IS NULL OR EXISTS (SELECT 1 FROM posts p JOIN threads t ON t.id = p.thread_id
    WHERE p.id = x.post_id AND t.space_id IN ({spaces})))"""  # noqa: S608 - integers of ours


def can_edit_faq(viewer: Viewer) -> bool:
    return viewer.is_moderator


def demand_editor(viewer: Viewer) -> None:
    """Not found for everybody who does not edit the FAQ."""
    if not can_edit_faq(viewer):
        raise NotFound


def can_release_entry(viewer: Viewer, entry: EntryLike) -> bool:
    """Anybody who edits the FAQ, except all who wrote in it since it was last released."""
    return (
        can_edit_faq(viewer)
        and entry.stage == EntryState.IN_REVIEW
        and entry.edited_by is not None
        and viewer.id not in {entry.edited_by, *entry.writers}
    )


def can_export_faq(viewer: Viewer) -> bool:
    return viewer.is_administrator


def can_manage_categories(viewer: Viewer) -> bool:
    return viewer.is_administrator

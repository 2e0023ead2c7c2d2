"""Who may do what to threads and posts. Pure: everything needed stands on the viewer and on the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from community.core.clock import now
from community.core.viewer import Viewer
from community.settings import settings

STAFF_ACCEPT_AFTER = timedelta(days=14)
"""How long the asker has been silent since the newest answer by somebody else when staff may accept for them."""


class StartedLike(Protocol):
    @property
    def space_id(self) -> int: ...
    @property
    def author_id(self) -> int | None: ...


class ThreadLike(StartedLike, Protocol):
    @property
    def locked_at(self) -> datetime | None: ...
    @property
    def hidden_at(self) -> datetime | None: ...


class PostLike(Protocol):
    @property
    def author_id(self) -> int | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def hidden_at(self) -> datetime | None: ...


def visible_in_spaces(viewer: Viewer, thread: str = "t") -> str:
    """SQL condition on a thread, called `t` in the statement: in a space that the viewer may read, and not hidden.

    The one place that says what `visible` means in a statement. Ids are integers of ours, so they may stand in the
    text; an empty list matches nothing. It is written so that it is checked row by row: as plain conditions SQLite
    would rather walk an index of spaces, through nearly every thread, than look up the few that were asked for.
    """
    ids = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"CASE WHEN {thread}.hidden_at IS NULL THEN {thread}.space_id END IN ({ids})"


def can_see_thread(viewer: Viewer, thread: ThreadLike) -> bool:
    if not viewer.may_read(thread.space_id):
        return False
    return thread.hidden_at is None or viewer.is_moderator


def can_see_hidden_posts(viewer: Viewer) -> bool:
    return viewer.is_moderator


def can_answer(viewer: Viewer, thread: ThreadLike) -> bool:
    """Staff may still answer in a locked thread, to say how it ended. Members comment on blog articles."""
    if not viewer.may_take_part(thread.space_id) or thread.hidden_at is not None:
        return False
    return thread.locked_at is None or viewer.is_moderator


def must_answer_in_site(viewer: Viewer) -> bool:
    """Staff who log in with a second factor do not write by mail, which has none."""
    return viewer.is_staff and settings.staff_second_factor


def can_give_kudos(viewer: Viewer, thread: ThreadLike, post: PostLike) -> bool:
    return viewer.may_take_part(thread.space_id) and post.author_id != viewer.id and post.hidden_at is None


def edit_window(viewer: Viewer) -> timedelta:
    """How long this member may edit what they have written: longer for whom many have thanked."""
    if viewer.kudos_count >= settings.trusted_kudos:
        return max(settings.edit_window, settings.trusted_edit_window)
    return settings.edit_window


def can_edit_post(viewer: Viewer, thread: ThreadLike, post: PostLike) -> bool:
    if viewer.is_moderator:
        return True
    if not viewer.may_take_part(thread.space_id):
        return False
    if post.author_id != viewer.id or post.hidden_at or thread.locked_at:
        return False
    return viewer.is_staff or now() - post.created_at < edit_window(viewer)


def can_accept_solution(viewer: Viewer, thread: ThreadLike) -> bool:
    """The asker; staff on the asker's behalf have `can_accept_for_asker`. Also while muted: it says nothing in their
    own words, and helps whoever has the same question."""
    return viewer.is_member and thread.author_id == viewer.id and thread.locked_at is None


def can_accept_for_asker(
    viewer: Viewer, thread: ThreadLike, answer: PostLike, newest_answer_at: datetime | None
) -> bool:
    """Moderators, for an asker who has been silent for long; never their own answer."""
    if not viewer.is_moderator or viewer.id in (thread.author_id, answer.author_id):
        return False
    if thread.locked_at is not None or thread.hidden_at is not None or answer.hidden_at is not None:
        return False
    return newest_answer_at is not None and now() - newest_answer_at >= STAFF_ACCEPT_AFTER


def can_withdraw_solution(viewer: Viewer, thread: ThreadLike, *, by_staff: bool) -> bool:
    """The asker; moderators take back only what was accepted on the asker's behalf."""
    return can_accept_solution(viewer, thread) or (
        by_staff and viewer.is_moderator and thread.locked_at is None
    )


def can_give_satisfaction(viewer: Viewer, thread: ThreadLike) -> bool:
    """The asker alone, also while muted: nobody but administrators reads it."""
    return viewer.is_member and thread.author_id == viewer.id and viewer.may_read(thread.space_id)


def can_mark_same_problem(viewer: Viewer, thread: StartedLike) -> bool:
    return viewer.may_take_part(thread.space_id) and thread.author_id != viewer.id


def can_follow(viewer: Viewer, thread: ThreadLike) -> bool:
    return viewer.is_member and viewer.may_read(thread.space_id)


def can_flag_post(viewer: Viewer, post: PostLike) -> bool:
    """Also while muted: what is against the law can be reported by everybody."""
    return viewer.is_member and post.author_id != viewer.id and post.hidden_at is None


def can_keep_order(viewer: Viewer) -> bool:
    """Hide, restore, lock, pin, move."""
    return viewer.is_moderator


def can_unlink_author(viewer: Viewer, post: PostLike) -> bool:
    """From posts of others only: nobody steps away from what they wrote themself by being staff."""
    return viewer.is_moderator and post.author_id not in (None, viewer.id)


def can_erase_post(viewer: Viewer, post: PostLike) -> bool:
    """Nobody decides about a text of their own, least of all for good."""
    return viewer.is_moderator and post.author_id != viewer.id

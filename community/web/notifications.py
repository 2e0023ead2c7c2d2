"""What a member is told in the site."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.core.i18n import long_date
from community.core.pagination import Cursor, read_cursor
from community.notifications import actions, wording
from community.notifications.queries import NotificationRow, get_notification, list_notifications
from community.notifications.rules import MUTED, SANCTIONS
from community.web.pages import path_id, redirect, show, viewer_of
from community.web.parts import Author, When
from community.web.people import profile_url

SIZE = 50
ABOUT_STANDING = frozenset({"expert_granted", "badge_granted"})
"""What leads to the own profile."""


@dataclass(frozen=True, slots=True)
class NotificationLine:
    author: Author | None
    text: str
    title: str
    note: str
    url: str
    """Marks it as read on the way to the post; empty where there is nothing to go to."""
    when: When
    is_new: bool
    mute_url: str
    """Where one asks for quiet from the thread; empty where the line would come all the same."""


@dataclass(frozen=True, slots=True)
class NotificationsPage:
    days: tuple[tuple[str, tuple[NotificationLine, ...]], ...]
    unread: bool
    older_url: str


async def show_notifications(request: Request) -> Response:
    viewer = viewer_of(request)
    cursor = read_cursor(request.query_params.get("before"))
    rows = await list_notifications(viewer, before=cursor.time if cursor else None, size=SIZE)
    days: dict[str, list[NotificationLine]] = {}
    for row in rows:
        days.setdefault(long_date(row.created_at), []).append(notification_line(row))
    more = Cursor(rows[-1].created_at, rows[-1].id) if len(rows) == SIZE else None
    page = NotificationsPage(
        days=tuple((day, tuple(lines)) for day, lines in days.items()),
        unread=any(row.read_at is None for row in rows),
        older_url=f"/notifications?before={more}" if more else "",
    )
    return await show(request, "notifications/list.html", page)


async def follow_notification(request: Request) -> Response:
    """From a mail, whose links hold no number of a thread or post, to what it is about."""
    viewer = viewer_of(request)
    row = await get_notification(path_id(request, "notification_id"), viewer)
    return redirect(_target(row, viewer.handle) or "/notifications")


async def open_notification(request: Request) -> Response:
    """Mark it as read and go to what it is about. A form, because reading a page must not change anything."""
    viewer = viewer_of(request)
    row = await get_notification(path_id(request, "notification_id"), viewer)
    await actions.mark_read(viewer.id, notification_id=row.id)
    return redirect(_target(row, viewer.handle) or "/notifications")


async def mark_all_read(request: Request) -> Response:
    await actions.mark_read(viewer_of(request).id)
    return redirect("/notifications", notice="all-read")


def notification_line(row: NotificationRow) -> NotificationLine:
    """A notification in words."""
    actor = row.actor or _("Former member")
    return NotificationLine(
        author=Author(
            row.actor,
            None,
            seed=row.actor_seed,
            photo=row.actor_photo,
            kind="staff" if row.actor_is_staff else "customer",
        )
        if row.actor
        else None,
        text=wording.say(row.kind, actor, row.others),
        title=row.thread_title or row.group_name or (_("Read more") if row.place else ""),
        note=row.note,
        url=f"/notifications/{row.id}" if _target(row, "") else "",
        when=When.of(row.created_at),
        is_new=row.read_at is None,
        mute_url=f"/threads/{row.thread_id}/mute"
        if row.kind in MUTED and row.thread_id and not row.muted
        else "",
    )


def _target(row: NotificationRow, handle: str) -> str:
    """Where a notification leads; `handle` is the nickname of whoever is told."""
    if row.kind in SANCTIONS:
        return row.place or "/settings/sanctions"
    if row.kind == "identity_revealed":
        return "/settings/privacy"
    if row.kind == "text_refused":
        return row.place or "/waiting"
    if row.kind == "work_handed":
        return "/moderation?show=mine"
    if row.kind == "note_addressed" and row.thread_id:
        on_post = f"/moderation/posts/{row.post_id}/notes"
        return on_post if row.post_id else f"/moderation/threads/{row.thread_id}/notes"
    if row.place:
        return row.place
    if row.kind in ABOUT_STANDING:
        return profile_url(handle)
    if row.group_slug:
        return _group_target(row)
    if row.thread_id is None:
        return ""
    return f"/posts/{row.post_id}" if row.post_id else f"/threads/{row.thread_id}-{row.thread_slug}"


def _group_target(row: NotificationRow) -> str:
    ends = {"group_invited": "/invitation", "group_join_requested": "/manage"}
    return f"/groups/{row.group_slug}{ends.get(row.kind, '')}"

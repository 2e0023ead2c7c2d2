"""What a member is told in the site."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.core.i18n import long_date, ngettext, number
from community.core.pagination import Cursor, read_cursor
from community.notifications import actions
from community.notifications.queries import NotificationRow, get_notification, list_notifications
from community.notifications.rules import MUTED
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
        text=_thanks(actor, row.others) if row.others else _texts(actor).get(row.kind, _("There is news.")),
        title=row.thread_title or row.group_name,
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
    if row.kind == "identity_revealed":
        return "/settings/privacy"
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


def _thanks(actor: str, others: int) -> str:
    text = ngettext(
        "%(name)s and %(num)s other thank you with kudos",
        "%(name)s and %(num)s others thank you with kudos",
        others,
    )
    return text % {"name": actor, "num": number(others)}


def _texts(actor: str) -> dict[str, str]:
    name = {"name": actor}
    return {
        "answered": _("%(name)s has answered") % name,
        "answered_followed": _("%(name)s has answered in a thread you follow") % name,
        "started_followed": _("%(name)s has started a thread in a space or with a tag that you follow")
        % name,
        "commented": _("%(name)s has commented on your post") % name,
        "mentioned": _("%(name)s has mentioned you") % name,
        "accepted": _("%(name)s has marked your answer as the solution") % name,
        "accepted_for_you": _("%(name)s has marked an answer as the solution for you") % name,
        "solved_yet": _("Has one of the answers solved your question?"),
        "thanked": _("%(name)s thanks you with kudos") % name,
        "credited": _("Your answer has become part of the FAQ"),
        "expert_asked": _("%(name)s asks you as an expert") % name,
        "badge_granted": _("You have earned a badge. Thank you for helping"),
        "expert_granted": _("You are an expert of a space now. Thank you for helping"),
        "flag_upheld": _("The moderators agree with your flag. Thank you"),
        "flag_dismissed": _("The moderators have looked at your flag and leave the post as it is"),
        "post_noted": _("The moderators have a remark about your post"),
        "post_corrected": _("The moderators have edited your post"),
        "post_hidden": _("The moderators have hidden your post"),
        "post_restored": _("The moderators have restored your post"),
        "identity_revealed": _("Staff have looked at who is behind your nickname"),
        "group_invited": _("You are invited to a group"),
        "group_join_requested": _("%(name)s would like to join your group") % name,
        "group_request_accepted": _("You have been let into the group you asked to join"),
        "group_request_declined": _("You have not been let into the group you asked to join"),
        "thread_locked": _("The moderators have locked your thread"),
        "thread_unlocked": _("The moderators have unlocked your thread"),
        "thread_moved": _("The moderators have moved your thread"),
    }

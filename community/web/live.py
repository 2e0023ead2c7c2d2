"""News while a page is open: the count at the bell, what it is about, and new answers of the thread that is read."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.pagination import Cursor, read_cursor
from community.core.viewer import Viewer
from community.http import sessions
from community.http.event_stream import LAST, Event, EventStream, Look
from community.http.listeners import Listener, Listeners
from community.notifications.queries import MOST_COUNTED, count_unread, list_new, list_notifications
from community.spaces.models import SpaceKind
from community.spaces.queries import view_of
from community.threads.queries import MOST_NEWER, NewerAnswers, find_newer_answers
from community.web.notifications import notification_line
from community.web.pages import LARGEST_ID, choose_language, viewer_of

MOST_TOLD_AT_ONCE = 5
"""Notifications said one by one; of more, the newest."""
SECONDS_WHEN_FULL = "30"

_BEGINNING = Cursor(datetime(1970, 1, 1, tzinfo=UTC), 0)


async def stream_news(request: Request) -> Response:
    """The stream of a member's news; for whoever does not ask for a stream, what there is at this moment."""
    viewer = viewer_of(request)
    if viewer.is_guest:
        # To a browser this means not to come back.
        return Response(status_code=204)
    listeners: Listeners = request.app.state.listeners
    once = request.method != "GET" or sessions.EVENT_STREAM not in request.headers.get("accept", "")
    if not once and not listeners.has_room:
        return Response(status_code=503, headers={"Retry-After": SECONDS_WHEN_FULL})
    # The stream speaks the language of the page that listens, which may be that of what is read there.
    choose_language(request, request.query_params.get("language", ""))
    news = News(request)
    listener = Listener(viewer.id, sessions.session_hash(request), news.thread_id)
    return EventStream(news.look, listener, listeners, once=once)


class News:
    """What one listener has been told, and what there is to tell beyond it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        query = request.query_params
        given = query.get("thread", "")
        is_id = given.isascii() and given.isdecimal() and len(given) <= len(str(LARGEST_ID))
        since = read_cursor(query.get("after"))
        self.thread_id = min(int(given), LARGEST_ID) if is_id and since else 0
        self._since = since or _BEGINNING
        # The browser sends the header when it comes back by itself, our script the parameter when it begins anew.
        self._told = read_cursor(request.headers.get("last-event-id") or query.get("last"))
        self._unread = -1
        self._answers = NewerAnswers()

    async def look(self) -> Look:
        """The difference to what was told, seen with the rights of this moment."""
        member = await sessions.find_member(self._request)
        if member is None:
            return LAST
        viewer, _spaces = await view_of(member)
        return Look((*await self._notifications(viewer), *await self._new_answers(viewer)))

    async def _notifications(self, viewer: Viewer) -> list[Event]:
        events = []
        if self._told is None:
            newest = await list_notifications(viewer, size=1)
            self._told = Cursor(newest[0].created_at, newest[0].id) if newest else _BEGINNING
        unread = await count_unread(viewer)
        if unread != self._unread:
            events.append(Event("bell", _bell(unread), str(self._told)))
            self._unread = unread
        for row in await list_new(viewer, self._told, size=MOST_TOLD_AT_ONCE) if unread else ():
            line = notification_line(row)
            self._told = Cursor(row.created_at, row.id)
            text = f"{line.text}: {line.title}" if line.title else line.text
            events.append(Event("told", {"text": text}, str(self._told)))
        return events

    async def _new_answers(self, viewer: Viewer) -> list[Event]:
        if not self.thread_id:
            return []
        answers = await find_newer_answers(self.thread_id, viewer, self._since.time)
        if answers == self._answers:
            return []
        self._answers = answers
        return [Event("answers", _invitation(answers))]


def _bell(unread: int) -> dict[str, str]:
    """What the bell says, in the words of the page's header."""
    if not unread:
        return {"label": _("Notifications"), "shown": ""}
    label = ngettext("Notifications, %(count)s unread", "Notifications, %(count)s unread", unread)
    return {
        "label": label % {"count": unread},
        "shown": str(unread) if unread <= MOST_COUNTED else f"{MOST_COUNTED}+",
    }


def _invitation(answers: NewerAnswers) -> dict[str, str]:
    """The link to the new answers; empty where there are none (any more)."""
    if not answers.count:
        return {"text": "", "url": ""}
    if answers.space_kind == SpaceKind.BLOG:
        text = ngettext("%(num)s new comment", "%(num)s new comments", answers.count)
    else:
        text = ngettext("%(num)s new answer", "%(num)s new answers", answers.count)
    shown = number(answers.count) if answers.count < MOST_NEWER else f"{MOST_NEWER}+"
    return {"text": text % {"num": shown}, "url": f"/posts/{answers.first_id}"}

"""What a stream says to whom, and when it ends; asked in this process."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import time_machine
from starlette.types import ASGIApp, Message

from community.accounts.models import Session
from community.core.clock import now
from community.core.pagination import Cursor
from community.groups.models import Membership
from community.http import listeners as listening
from community.http.event_stream import Event, frame
from community.http.sessions import EVENT_STREAM, cookie_name
from community.notifications.actions import mark_read
from community.threads.models import Thread
from community.threads.order import hide_post
from search import SearchEngine
from tests.cast import Cast
from tests.clients import BASE_URL
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import REASON, deliver


def heard(answer: httpx2.Response) -> list[tuple[str, dict[str, Any], str]]:
    """Name, data and id of every event."""
    events = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "event" in fields:
            events.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
    return events


def about(thread: Thread) -> str:
    return f"/live?thread={thread.id}&after={Cursor(thread.last_activity_at, 0)}"


async def test_a_guest_is_told_not_to_come_back(cast: Cast, visit: Visit) -> None:
    answer = await (await visit()).get("/live")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_page_asks_for_what_comes_after_it(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    path = f"/threads/{thread.id}-{thread.slug}"
    page = (await (await visit(cast.colleague)).get(path)).text
    thread = await Thread.get(id=thread.id)
    assert f'data-live="{about(thread).removeprefix("/live?").replace("&", "&amp;")}"' in page
    assert "data-live" not in (await (await visit()).get(path)).text


@pytest.mark.each_database
async def test_it_says_what_is_new_and_nothing_twice(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title='It says:\n\nevent: end "now"')
    client = await visit(cast.asker)
    ((name, data, beginning),) = heard(await client.get(about(thread)))
    assert (name, data) == ("bell", {"label": "Notifications", "shown": ""})
    first = await make_answer(thread, cast.helper)
    await make_answer(thread, cast.asker)
    await deliver(search_engine)
    bell, told, answers = heard(await client.get(f"{about(thread)}&last={beginning}"))
    assert bell[1] == {"label": "Notifications, 1 unread", "shown": "1"}
    assert told[:2] == ("told", {"text": f"Helper has answered: {thread.title}"})
    assert answers[:2] == ("answers", {"text": "1 new answer", "url": f"/posts/{first.id}"})
    german = heard(await client.get(f"{about(thread)}&language=de"))
    assert german[-1][1]["text"] == "1 neue Antwort"
    again = heard(await client.get("/live", headers={"Last-Event-ID": told[2]}))
    assert [name for name, _data, _id in again] == ["bell"]
    await mark_read(cast.asker.id)
    again = heard(await client.get("/live", headers={"Last-Event-ID": beginning}))
    assert [(name, data["shown"]) for name, data, _id in again] == [("bell", "")]


async def test_what_may_not_be_read_is_no_news(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    post = await make_answer(thread, cast.helper)
    await deliver(search_engine)
    asker, outsider = await visit(cast.asker), await visit(cast.outsider)
    nothing = about(thread).replace(str(thread.id), "4711")
    assert len(heard(await asker.get(about(thread)))) == 2
    assert (await outsider.get(about(thread))).text == (await outsider.get(nothing)).text
    await hide_post(post.id, reason=REASON, by=await viewer_for(cast.moderator))
    assert (await asker.get(about(thread))).text == (await asker.get(nothing)).text
    await Membership.filter(member_id=cast.asker.id).delete()
    assert (await asker.get(about(thread))).text == (await asker.get(nothing)).text


async def test_nonsense_in_the_address_is_ignored(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    plain = (await client.get("/live")).text
    for query in ("thread=²&after=x", "thread=99999999999999999999&after=", "last=?"):
        assert (await client.get(f"/live?{query}")).text == plain


async def test_when_all_places_are_taken_one_comes_back_later(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_STREAMS", 0)
    client = await visit(cast.asker)
    answer = await client.get("/live", headers={"Accept": EVENT_STREAM})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert (await client.get("/live")).status_code == 200


class Browser:
    """One open stream, without a connection that a library would read to its end first."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.left = asyncio.Event()
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        host = BASE_URL.removeprefix("http://").encode()
        headers = [(b"host", host), (b"accept", EVENT_STREAM.encode()), (b"cookie", token.encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/live",
            "raw_path": b"/live",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))  # type: ignore[arg-type]

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            await self.chunks.put(message["body"])

    async def hears(self) -> bytes:
        return await asyncio.wait_for(self.chunks.get(), 5)


async def test_whoever_leaves_is_waited_for_no_longer(cast: Cast, visit: Visit, app: ASGIApp) -> None:
    client = await visit(cast.asker)
    open_streams = _listeners(app)
    browser = Browser(app, f"{cookie_name()}={client.cookies[cookie_name()]}")
    assert (await browser.hears()).startswith(b"retry: ")
    assert b"event: bell" in await browser.hears()
    assert len(open_streams) == 1
    browser.left.set()
    await asyncio.wait_for(browser.task, 5)
    assert len(open_streams) == 0


@pytest.mark.parametrize("way", ["time", "log-out"])
async def test_a_stream_keeps_nobody_logged_in_and_ends_with_the_session(
    way: str, cast: Cast, visit: Visit, app: ASGIApp
) -> None:
    client = await visit(cast.moderator)
    long_ago = now() - timedelta(hours=1)
    await Session.filter(member_id=cast.moderator.id).update(
        seen_at=long_ago, expires_at=now() + timedelta(hours=9)
    )
    browser = Browser(app, f"{cookie_name()}={client.cookies[cookie_name()]}")
    await browser.hears()
    await browser.hears()
    assert (await Session.get(member_id=cast.moderator.id)).seen_at == long_ago
    await _listeners(app).look()
    assert await browser.hears() == b":\n\n"
    if way == "time":
        with time_machine.travel(now() + timedelta(hours=2), tick=True):
            for listener in _listeners(app):
                listener.woken.set()
            assert await browser.hears() == frame(Event("end", {}))
    else:
        await client.post("/log-out")
        await _listeners(app).look()
        assert await browser.hears() == frame(Event("end", {}))
    await asyncio.wait_for(browser.task, 5)


def _listeners(app: ASGIApp) -> listening.Listeners:
    """Of the application behind all its layers."""
    layer: Any = app
    while not hasattr(layer, "state"):
        layer = layer.app
    found: listening.Listeners = layer.state.listeners
    return found

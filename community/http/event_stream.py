"""Server-sent events: a response that stays open and says something whenever there is something to say.

It waits without holding anything: no connection to the database, no transaction. Each time it is woken it asks `look`
what is to be said now, so that nothing is sent that was found out earlier than that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from community.http.listeners import Listener, Listeners

logger = logging.getLogger(__name__)

HEARTBEAT = 20.0
"""Seconds after which a listener whom nothing has woken is looked at all the same: whether they still may listen,
whether something has changed by the mere passing of time. Proxies see that the connection is alive."""
BACK_AFTER = (2_000, 8_000)
"""Milliseconds after which a browser comes back when the connection is lost; not all at once."""


class Event(NamedTuple):
    name: str
    data: Mapping[str, Any]
    id: str = ""
    """What a browser names when it comes back (`Last-Event-ID`); without one the last stays."""


def frame(event: Event) -> bytes:
    """The event as it goes over the wire. JSON on one line, so that no text can end the event or begin another."""
    lines = [f"id: {event.id}"] if event.id else []
    lines += [f"event: {event.name}", f"data: {json.dumps(event.data)}"]
    return ("\n".join(lines) + "\n\n").encode()


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say at this moment, and whether the listener may go on listening."""

    events: tuple[Event, ...] = ()
    goes_on: bool = True


LAST = Look((Event("end", {}),), goes_on=False)
"""For whoever is to close and not to come back by itself."""


class EventStream(Response):
    """Says what `look` finds, now and whenever the listener is woken, until one of both has had enough.

    With `once` it says what there is and ends, for whoever asks for it as for any other page.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        look: Callable[[], Awaitable[Look]],
        listener: Listener,
        listeners: Listeners,
        *,
        once: bool = False,
    ) -> None:
        super().__init__(
            headers={
                # A proxy that collects an answer before it passes it on, or compresses it, would keep back all news.
                "Cache-Control": "private, no-store, no-transform",
                "X-Accel-Buffering": "no",
            }
        )
        del self.headers["content-length"]
        self._look = look
        self._listener = listener
        self._listeners = listeners
        self._once = once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if self._once:
            look = await self._look()
            await self._say(send, b"".join(map(frame, look.events)), more=False)
            return
        # This task reads what the browser sends, which is nothing until it leaves; it never asks the database.
        leaving = asyncio.create_task(self._wait_until_gone(receive))
        try:
            with self._listeners.listening(self._listener):
                await self._say(send, f"retry: {random.randint(*BACK_AFTER)}\n\n".encode())  # noqa: S311 - a pause
                await self._tell(send)
                await self._say(send, b"", more=False)
        finally:
            leaving.cancel()

    async def _wait_until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.end()

    async def _tell(self, send: Send) -> None:
        listener = self._listener
        while not listener.ended:
            # Cleared first: what changes while it is looked up wakes the listener once more.
            listener.woken.clear()
            async with self._listeners.turns:
                look = await self._look_again()
            if listener.ended:
                break
            await self._say(send, b"".join(map(frame, look.events)) or b":\n\n")
            if not look.goes_on:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(listener.woken.wait(), HEARTBEAT)
        if listener.displaced:
            await self._say(send, b"".join(map(frame, LAST.events)))

    async def _look_again(self) -> Look:
        try:
            return await self._look()
        except Exception as error:
            # The database may be away for a moment. The browser comes back, and is told then what it missed.
            logger.warning("news not looked up", exc_info=error)
            return Look(goes_on=False)

    async def _say(self, send: Send, body: bytes, *, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": more})

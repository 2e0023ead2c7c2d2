"""Who listens to this process for news, and the one look that finds out for all of them who is to be woken.

However many listen, the database is asked once a second by each process: for a mark of every member, thread and
session that somebody listens about. A mark says only that something is different; what it is, each listener then
looks up for itself, with the rights of that moment. Processes need not know of each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any

from community.http.sessions import list_living
from community.notifications.queries import list_marks
from community.threads.freshness import list_versions

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks."""
MOST_STREAMS = 400
"""In one process; whoever comes later is asked to try again."""
MOST_OF_A_MEMBER = 6
"""Streams of one member in one process: as many as a browser has connections. For another one the oldest ends."""
MOST_IN_A_STATEMENT = 500
MOST_LOOKS_AT_ONCE = 4
"""Listeners who look up their news at the same time: pages are not to wait because a busy thread has many readers."""


class Listener:
    """One open stream: whose it is, of which session, and about which thread it hears (0: none)."""

    def __init__(self, member_id: int, session_hash: str, thread_id: int = 0) -> None:
        self.member_id = member_id
        self.session_hash = session_hash
        self.thread_id = thread_id
        self.woken = asyncio.Event()
        self.ended = False
        self.displaced = False
        """Whether it ended for a newer stream of the same member."""

    def end(self) -> None:
        self.ended = True
        self.woken.set()


class Listeners:
    """All open streams of this process."""

    def __init__(self) -> None:
        self._open: dict[Listener, None] = {}
        self._seen: dict[tuple[str, Any], Any] = {}
        self._closed = False
        self.turns = asyncio.Semaphore(MOST_LOOKS_AT_ONCE)
        _ALL.add(self)

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._open))

    @property
    def has_room(self) -> bool:
        return not self._closed and len(self._open) < MOST_STREAMS

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """While this lasts the listener is woken. What was before, it finds with its first look."""
        own = [each for each in self._open if each.member_id == listener.member_id and not each.ended]
        for oldest in own[: max(0, len(own) + 1 - MOST_OF_A_MEMBER)]:
            oldest.displaced = True
            oldest.end()
        self._open[listener] = None
        if self._closed:
            listener.end()
        try:
            yield
        finally:
            del self._open[listener]

    def close(self) -> None:
        """End all streams, and take none any more: the process stops."""
        self._closed = True
        for listener in self:
            listener.end()

    async def look(self) -> None:
        """Wake everybody for whom something is different from the last look, or who is not to listen any more."""
        listening = list(self)
        marks: dict[tuple[str, Any], Any] = {}
        asked: tuple[tuple[str, Callable[[Any], Awaitable[Any]], Collection[Any]], ...] = (
            ("member", list_marks, {each.member_id for each in listening}),
            ("thread", list_versions, {each.thread_id for each in listening} - {0}),
            ("session", list_living, {each.session_hash for each in listening}),
        )
        for kind, ask, wanted in asked:
            everything = list(wanted)
            for start in range(0, len(everything), MOST_IN_A_STATEMENT):
                part = everything[start : start + MOST_IN_A_STATEMENT]
                found: Mapping[Any, Any] = await ask(part)
                marks |= {(kind, key): found.get(key) for key in part}
        for listener in listening:
            keys = _keys(listener)
            if any(self._seen.get(key, self) != marks[key] for key in keys):
                listener.woken.set()
        self._seen = marks

    async def watch(self, stop: asyncio.Event) -> None:
        """Look again and again until `stop`, while anybody listens."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
            if self._open and not self._closed:
                try:
                    await self.look()
                except Exception as error:
                    # The database may be away for a moment; the next round sees what has changed.
                    logger.warning("news not looked for", exc_info=error)


def _keys(listener: Listener) -> Collection[tuple[str, Any]]:
    keys = [("member", listener.member_id), ("session", listener.session_hash)]
    return [*keys, ("thread", listener.thread_id)] if listener.thread_id else keys


_ALL: weakref.WeakSet[Listeners] = weakref.WeakSet()


def end_all_streams() -> None:
    """End every stream of this process. A server waits for open answers before it tells the application to end."""
    for listeners in list(_ALL):
        listeners.close()

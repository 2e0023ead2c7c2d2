"""Listening to the stream of news over a real connection, as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2

from community.http.sessions import cookie_name

SECONDS = 20


class Heard(NamedTuple):
    name: str
    data: dict[str, Any]
    id: str


@dataclass
class Stream:
    """What came so far is in `heard`; `ended` says that the server has closed the stream in good order."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    ended: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def names(self) -> list[str]:
        return [event.name for event in self.heard]

    def last(self, name: str) -> dict[str, Any]:
        return next((event.data for event in reversed(self.heard) if event.name == name), {})

    @property
    def last_id(self) -> str:
        return next((event.id for event in reversed(self.heard) if event.id), "")

    async def until(self, name: str, **data: Any) -> None:
        """Wait until the newest event of this name says this."""

        def is_there() -> bool:
            found = self.last(name)
            return name in self.names() and all(found.get(key) == value for key, value in data.items())

        await self._wait(is_there, f"no {name} {data} among {self.heard}")

    async def until_ended(self) -> None:
        await self._wait(lambda: self.ended, f"still open after {self.heard}")

    async def _wait(self, condition: Any, complaint: str) -> None:
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(condition), SECONDS)
            except TimeoutError:
                raise AssertionError(complaint) from None


@contextlib.asynccontextmanager
async def listen(
    port: int, token: str = "", *, about: str = "", last: str = "", count: int = 1
) -> AsyncIterator[list[Stream]]:
    """`count` open streams of whoever has this session."""
    headers = {"Accept": "text/event-stream", "Accept-Language": "en", "Cookie": f"{cookie_name()}={token}"}
    if last:
        headers["Last-Event-ID"] = last
    streams = [Stream() for _number in range(count)]
    limits = httpx2.Limits(max_connections=None)
    url = f"http://127.0.0.1:{port}/live{about}"
    async with httpx2.AsyncClient(timeout=60, limits=limits, headers=headers) as client:
        tasks = [asyncio.create_task(_read(client, url, stream)) for stream in streams]
        try:
            yield streams
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def _read(client: httpx2.AsyncClient, url: str, stream: Stream) -> None:
    async with client.stream("GET", url) as answer:
        stream.status, stream.headers = answer.status_code, dict(answer.headers)
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _colon, value = line.partition(": ")
                fields[name] = value
                continue
            if "event" in fields:
                async with stream.changed:
                    stream.heard.append(
                        Heard(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
                    )
                    stream.changed.notify_all()
            fields = {}
    async with stream.changed:
        stream.ended = True
        stream.changed.notify_all()

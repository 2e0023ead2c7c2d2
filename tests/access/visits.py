"""Asking two worlds the same questions, and what counts as the same answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from starlette.types import ASGIApp

from community.app import create_app
from community.core import outbox
from community.core.clock import now
from community.core.db import fetch
from community.faq.changes import MirrorTending
from community.faq.models import EntryChange
from community.indexing import INDEXING_FACTS
from community.ranks import points
from community.ranks.actions import recompute_standings
from community.ranks.models import Standing
from community.reindexing.building import rebuild
from community.relating import relate_thread
from search import open_engine
from tests.access.worlds import START
from tests.clients import browser

# A form gets a fresh key each time it is shown; the number of a request is random. Neither depends on any content.
_FRESH = re.compile(rb'(name="(?:submission|key)" value=")[^"]+')
_UNCOMPARED = {"x-request-id", "set-cookie"}

# The order of similar threads follows the weights of words in the whole index: a written exception of the test.
_SIMILAR = re.compile(rb'(<ul class="links">)(.*?)(</ul>)', re.DOTALL)

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]


def comparable(response: httpx2.Response) -> Answer:
    """Status, headers and body, byte for byte but for what is random by design."""
    headers = tuple(sorted((k, v) for k, v in response.headers.items() if k not in _UNCOMPARED))
    body = _SIMILAR.sub(_in_any_order, _FRESH.sub(rb"\1", response.content))
    if body != response.content:
        # The ETag is a hash of the body, the fresh key and the order included.
        headers = tuple((name, value) for name, value in headers if name != "etag")
    return response.status_code, headers, body


def _in_any_order(found: re.Match[bytes]) -> bytes:
    return found[1] + b"".join(sorted(found[2].split(b"<li>"))) + found[3]


def difference(without: Answer, with_secret: Answer) -> str:
    """Where two answers part, for the reader of a failed test."""
    if without[:2] != with_secret[:2]:
        return f"{without[0]} {dict(set(without[1]) ^ set(with_secret[1]))} {with_secret[0]}"
    place = next((i for i, (a, b) in enumerate(zip(without[2], with_secret[2], strict=False)) if a != b), -60)
    around = slice(max(0, place - 60), place + 80)
    return f"{without[2][around]!r} became {with_secret[2][around]!r}"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[ASGIApp]:
    """The application on the open database, with rankings, index, related threads and the changes of the FAQ as a
    worker leaves them."""
    engine = open_engine("", "", folder)
    await engine.setup()
    try:
        await rebuild(engine)
        await outbox.tick_off(INDEXING_FACTS, before=now())
        for row in await fetch("SELECT id FROM threads ORDER BY id"):
            await relate_thread(engine, row["id"])
        await MirrorTending().look()
        await points.recount()
        await recompute_standings()
        # Not what the worlds differ in: the moments at which each of them was counted and told to mirrors.
        await Standing.all().update(made_at=None)
        await EntryChange.all().update(at=START)
        yield create_app(search=engine, connect_database=False)
    finally:
        await engine.close()


async def ask(
    app: ASGIApp,
    urls: Iterable[str],
    cookies: Mapping[str, str],
    *,
    method: str = "GET",
    form: Mapping[str, str] = {},
) -> dict[str, Answer]:
    """The answer to each address, for whoever holds these cookies."""
    answers: dict[str, Answer] = {}
    async with browser(app) as client:
        # Uncompressed, because the length of a compressed page changes with the fresh key in it.
        client.headers["Accept-Encoding"] = "identity"
        for name, value in cookies.items():
            client.cookies.set(name, value)
        for url in urls:
            response = await client.request(method, url, data=dict(form) if method == "POST" else None)
            answers[url] = comparable(response)
    return answers


async def fingerprint() -> dict[str, str]:
    """A hash of every row of every table but the sessions, whose time of last use may move."""
    from tortoise.context import require_context

    prints = {}
    for model in require_context().apps.get_models_iterable():
        table = model._meta.db_table
        if table == "vault_sessions":
            continue
        rows = await fetch(f'SELECT * FROM "{table}"')
        lines = sorted(repr(sorted(dict(row).items(), key=str)) for row in rows)
        prints[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return prints

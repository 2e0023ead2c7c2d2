"""SIGTERM is a request: what was begun is finished, what is held is given back, and it does not take long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from community.core.db import execute, fetch
from community.core.submissions import new_key
from community.http.sessions import cookie_name
from tests.clients import log_in
from tests.crash.crowd import Crowd
from tests.crash.site import Site
from tests.crash.verdict import findings, wait_until_delivered

REQUESTS = 40


@pytest.fixture
async def site(fresh_database: str, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(fresh_database, tmp_path)
    yield site
    await site.stop_all()
    print(site.read_log())


async def _begin(site: Site, path: str, token: str, form: bytes) -> tuple:
    """Send a request up to the middle of its body; answers the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Cookie: {cookie_name()}={token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n"
    )
    writer.write(head.encode() + form[:10])
    await writer.drain()
    return reader, writer


@pytest.mark.each_database
async def test_requests_that_have_begun_are_answered_after_sigterm(site: Site) -> None:
    crowd = await Crowd.gather(site, size=4)
    async with httpx2.AsyncClient() as client:
        await log_in(client, crowd.members[0])
        token = client.cookies[cookie_name()]
    await site.start("web")
    forms = [
        urlencode({"body": f"This is answer {number}", "submission": new_key(), "confirm": "1"}).encode()
        for number in range(REQUESTS)
    ]
    path = f"/threads/{crowd.threads[0].id}/answers"
    begun = [await _begin(site, path, token, form) for form in forms]
    # Connected is not accepted: the server needs a moment to take them from the queue.
    await asyncio.sleep(1)
    stopping = asyncio.create_task(site.stop("web"))
    await asyncio.sleep(0.5)
    for (_reader, writer), form in zip(begun, forms, strict=True):
        writer.write(form[10:])
    answers = [await asyncio.wait_for(reader.read(), 20) for reader, _writer in begun]
    for _reader, writer in begun:
        writer.close()
    assert await stopping < 20
    assert [answer.split(b" ", 2)[1] for answer in answers] == [b"303"] * REQUESTS
    rows = await fetch("SELECT COUNT(*) AS n FROM posts WHERE kind = 'answer'")
    assert rows[0]["n"] == REQUESTS


@pytest.mark.each_database
async def test_stopping_under_load_loses_nothing_and_gives_leases_back(site: Site, tmp_path: Path) -> None:
    crowd = await Crowd.gather(site)
    try:
        await site.start("worker")
        await site.start("web")
        crowd.start()
        for part in ("web", "worker"):
            await asyncio.sleep(random.uniform(1, 2))
            assert await site.stop(part) < 20
            if part == "worker":
                rows = await fetch("SELECT COUNT(*) AS n FROM outbox_facts WHERE leased_until IS NOT NULL")
                assert rows[0]["n"] == 0, "the worker kept leases"
            await site.start(part)
        await asyncio.wait_for(crowd.stop(), 30)
        await wait_until_delivered()
    finally:
        crowd.abandon()
    assert await findings(crowd, tmp_path / "index") == []
    await _the_verdict_notices_what_is_missing(crowd, tmp_path / "index")


async def _the_verdict_notices_what_is_missing(crowd: Crowd, index: Path) -> None:
    """A harness that finds nothing proves something only if it would find what is there."""
    _thread, post = next(iter(crowd.ledger.answers.values()))
    await execute("DELETE FROM notifications WHERE post_id = :post", {"post": post})
    await execute("UPDATE posts SET kudos_count = kudos_count + 1 WHERE id = :post", {"post": post})
    found = " ".join(await findings(crowd, index))
    assert "not told" in found
    assert "wrong counters" in found
    await execute("DELETE FROM posts WHERE id = :post", {"post": post})
    crowd.ledger.answers["qxnever"] = (1, 1)
    found = " ".join(await findings(crowd, index))
    assert f"answer {post}" in found
    assert "without a post" in found
    assert "qxnever of thread 1 is not in the index" in found

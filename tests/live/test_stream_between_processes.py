"""Real servers: what happens in one process is heard in another, and nobody keeps a server from stopping."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.core.pagination import Cursor
from community.core.submissions import new_key
from community.http.listeners import MOST_OF_A_MEMBER
from community.http.sessions import cookie_name
from community.members.models import Member
from community.threads.models import Thread
from tests.cast import make_cast
from tests.clients import log_in
from tests.crash.site import Site
from tests.factories import make_thread
from tests.live.listening import listen

MANY = 30
"""Streams at once: many more than there are connections to the database."""


@pytest.fixture
async def sites(fresh_database: str, tmp_path: Path) -> AsyncIterator[tuple[Site, Site]]:
    """Two servers on one database; the first has the worker."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    both = Site(fresh_database, tmp_path / "one"), Site(fresh_database, tmp_path / "two")
    yield both
    for site in both:
        await site.stop_all()
        print(site.read_log())


async def session_of(member: Member) -> str:
    async with httpx2.AsyncClient() as client:
        await log_in(client, member)
        return str(client.cookies[cookie_name()])


async def answer(site: Site, thread: Thread, token: str, text: str) -> None:
    async with httpx2.AsyncClient(base_url=site.base_url, cookies={cookie_name(): token}) as client:
        done = await client.post(
            f"/threads/{thread.id}/answers",
            content=urlencode({"body": text, "submission": new_key(), "confirm": "1"}),
            headers={
                "Sec-Fetch-Site": "same-origin",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
    assert done.status_code == 303


@pytest.mark.each_database
async def test_an_answer_is_heard_in_another_process_and_once_only(sites: tuple[Site, Site]) -> None:
    there, here = sites
    cast = await make_cast()
    thread = await make_thread(cast.hidden_space, cast.asker, title="The secret prototype")
    asker, helper = await session_of(cast.asker), await session_of(cast.helper)
    about = f"?thread={thread.id}&after={Cursor(now(), 0)}"
    await there.start("worker")
    await there.start("web")
    await here.start("web")
    async with listen(here.port, asker, about=about) as (stream,):
        await stream.until("bell", shown="")
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        assert "no-transform" in stream.headers["cache-control"]
        assert "content-encoding" not in stream.headers
        await answer(there, thread, helper, "Have you tried this?")
        await stream.until("answers", text="1 new answer")
        await stream.until("told", text="Helper has answered: The secret prototype")
        await stream.until("bell", shown="1", label="Notifications, 1 unread")
        last = stream.last_id
    # The connection is lost; what happens meanwhile is told afterwards, what was told before is not told again.
    await answer(there, thread, helper, "Or perhaps that?")
    async with listen(here.port, asker, about=about, last=last) as (stream,):
        await stream.until("answers", text="2 new answers")
        await stream.until("bell", shown="2")
        await stream.until("told")
        assert stream.names().count("told") == 1
    # Whoever loses the right to read hears nothing of it any more, although the page is still open.
    async with listen(here.port, asker, about=about, last=last) as (stream,):
        await stream.until("answers", text="2 new answers")
        await execute("DELETE FROM memberships WHERE member_id = :id", {"id": cast.asker.id})
        await answer(there, thread, helper, "This is for us alone")
        await stream.until("answers", text="", url="")
        await stream.until("bell", shown="")
        # Logging out ends it, and the browser is told not to come back.
        await execute("DELETE FROM vault_sessions WHERE member_id = :id", {"id": cast.asker.id})
        await stream.until("end")
        await stream.until_ended()


@pytest.mark.each_database
async def test_many_listeners_hold_no_connection_and_do_not_delay_the_stop(
    sites: tuple[Site, Site], database_kind: str
) -> None:
    site = sites[0]
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    about = f"?thread={thread.id}&after={Cursor(now(), 0)}"
    members = (cast.asker, cast.colleague, cast.helper, cast.outsider, cast.moderator, cast.marketing)
    tokens = [await session_of(member) for member in members]
    writer = await session_of(cast.administrator)
    await site.start("web")
    async with contextlib.AsyncExitStack() as stack:
        streams = []
        for token in tokens:
            opened = listen(site.port, token, about=about, count=MANY // len(tokens))
            streams += await stack.enter_async_context(opened)
        for stream in streams:
            await stream.until("bell")
        if database_kind == "postgresql":
            rows = await fetch(
                """SELECT state FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'community' AND pid <> pg_backend_pid()"""
            )
            assert len(rows) < MANY / 2
            assert not [row for row in rows if row["state"].startswith("idle in transaction")]
        await answer(site, thread, writer, "An answer for all")
        for stream in streams:
            await stream.until("answers", text="1 new answer")
        assert await site.stop("web") < 5
        for stream in streams:
            await stream.until_ended()
            assert "end" not in stream.names(), "they come back to the next process"


async def test_a_member_has_so_many_streams_and_the_newest_stay(sites: tuple[Site, Site]) -> None:
    site = sites[0]
    cast = await make_cast()
    token = await session_of(cast.asker)
    await site.start("web")
    async with listen(site.port, token, count=MOST_OF_A_MEMBER) as streams:
        for stream in streams:
            await stream.until("bell")
        async with listen(site.port, token) as (newest,):
            await newest.until("bell")
            await asyncio.sleep(1)
            assert [stream.names()[-1] for stream in streams if stream.ended] == ["end"]
            assert not newest.ended

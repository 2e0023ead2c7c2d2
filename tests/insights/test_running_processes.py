"""Real processes: searches are written down while they run and when they stop, and changed words reach them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from community.core.db import fetch
from community.vocabulary.actions import add_entry
from community.vocabulary.models import EntryKind
from community.vocabulary.rules import EntryDraft
from tests.cast import make_cast
from tests.crash.site import Site
from tests.factories import make_thread, viewer_for

SECONDS = 20


@pytest.fixture
async def site(fresh_database: str, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(fresh_database, tmp_path)
    yield site
    await site.stop_all()
    print(site.read_log())


async def test_a_search_is_counted_at_the_stop_and_a_new_word_finds_without_a_restart(site: Site) -> None:
    cast = await make_cast()
    await make_thread(cast.open_space, cast.asker, title="Zauberstab blinkt rot")
    await site.start("worker")
    await site.start("web")
    address = f"http://127.0.0.1:{site.port}/search"
    async with httpx2.AsyncClient() as client:

        async def finds(words: str) -> bool:
            return "blinkt rot" in (await client.get(address, params={"q": words})).text

        async def becomes_findable(words: str) -> bool:
            for _attempt in range(SECONDS * 4):
                if await finds(words):
                    return True
                await asyncio.sleep(0.25)
            return False

        assert await becomes_findable("zauberstab")
        assert not await finds("wunderrute")
        await add_entry(
            EntryDraft(EntryKind.SAME, ("Wunderrute", "Zauberstab")), by=await viewer_for(cast.moderator)
        )
        assert await becomes_findable("wunderrute")
        await client.get(address, params={"q": "letzte frage"})
    await site.stop("web")
    rows = {row["words"]: row for row in await fetch("SELECT * FROM search_terms")}
    assert (rows["letzte frage"]["search_count"], rows["letzte frage"]["nothing_count"]) == (1, 1)
    assert rows["wunderrute"]["nothing_count"] < rows["wunderrute"]["search_count"]

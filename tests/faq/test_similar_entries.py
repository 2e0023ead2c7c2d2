"""FAQ entries beside threads that ask about the same, whichever of the two came first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.core.models import OutboxFact
from community.faq import actions as faq
from community.faq.queries import MOST_SIMILAR
from community.indexing import bring_in_line
from community.relating import ONE_ENTRY_EVERY, relate_entries_anew, relate_entry, relate_thread
from community.threads.locks import lock_threads
from community.threads.models import Thread
from search import SearchEngine
from search.embedded import EmbeddedEngine
from tests.cast import Cast, make_cast
from tests.databases import until_somebody_waits
from tests.factories import make_space, make_thread, viewer_for
from tests.faq.entries import make_published, publish
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.web.test_thread_page import address

QUESTION = "What does the zitherphone cost per month?"
TITLE = "Which monthly cost does a zitherphone have?"


async def _beside(visit: Visit, thread: Thread, viewer: object = None) -> str:
    page = (await (await visit(viewer)).get(address(thread))).text  # type: ignore[arg-type]
    return page[page.index('<aside class="rail"') :]


@pytest.mark.each_database
async def test_an_entry_stands_beside_older_and_newer_threads_until_it_is_withdrawn(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    older = await make_thread(cast.open_space, cast.asker, title=TITLE)
    other = await make_thread(cast.open_space, cast.asker, title="Where is the key to the server room?")
    await deliver(search_engine)
    assert QUESTION not in await _beside(visit, older)
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    newer = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    for thread in (older, newer):
        assert f'href="/faq/{entry_id}-what-does-the-zitherphone-cost-per-month"' in await _beside(
            visit, thread
        )
    assert QUESTION not in await _beside(visit, other)
    by = await viewer_for(cast.moderator)
    await faq.withdraw_entry(entry_id, by=by, reason="Wrong")
    assert QUESTION not in await _beside(visit, older)
    await deliver(search_engine)
    assert await fetch("SELECT id FROM similar_entries") == []


async def test_an_entry_that_asks_something_else_now_leaves_its_threads(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    await deliver(search_engine)
    assert QUESTION in await _beside(visit, thread)
    by = await viewer_for(cast.moderator)
    [row] = await fetch("SELECT category_id, language FROM faq_entries WHERE id = :id", {"id": entry_id})
    text = faq.EntryText("Who opens the gate at night?", "The porter.", **dict(row))
    await faq.edit_entry(entry_id, text, version=1, by=by)
    await publish(cast, entry_id, version=2)
    await deliver(search_engine)
    assert f"/faq/{entry_id}" not in await _beside(visit, thread)


async def test_entries_for_members_take_no_place_from_those_for_everybody(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    secret = [
        await make_published(cast, question=QUESTION, short_answer="Nothing at all.", audience="members")
        for _each in range(MOST_SIMILAR)
    ]
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    shown = await _beside(visit, thread)
    assert f"/faq/{entry_id}-" in shown
    assert not any(f"/faq/{each}-" in shown for each in secret)
    shown = await _beside(visit, thread, cast.colleague)
    assert shown.count('href="/faq/') == MOST_SIMILAR


async def test_all_entries_are_related_anew_one_after_the_other_by_any_worker(
    cast: Cast, visit: Visit, search_engine: SearchEngine, var_dir: Path
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    await make_published(cast, question="Who opens the gate at night?", short_answer="The porter.")
    await deliver(search_engine)
    await execute("DELETE FROM similar_entries")
    for _once_and_again in range(2):
        await relate_entries_anew()
    first, second = await OutboxFact.filter(done_at=None).order_by("due_at")
    assert second.due_at - first.due_at >= ONE_ENTRY_EVERY
    await OutboxFact.filter(done_at=None).update(due_at=now())
    # This one stands by while the other writes the index.
    beside = EmbeddedEngine(var_dir / "test-index")
    await deliver(beside)
    await beside.close()
    assert QUESTION in await _beside(visit, thread)


async def test_an_entry_asks_the_index_once_for_all_that_the_same_people_read(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(5):
        await make_space()
    entry_id = await make_published(cast, question="Who opens the gate at night?", short_answer="The porter.")
    asked: list[frozenset[int]] = []
    related = search_engine.related

    async def noting(title: str, body: str, audiences: frozenset[int], **more: object) -> object:
        asked.append(audiences)
        return await related(title, body, audiences, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(search_engine, "related", noting)
    await relate_entry(search_engine, entry_id)
    accesses = [row["access"] for row in await fetch("SELECT access FROM spaces")]
    assert len(asked) == len({*accesses} - {"exclusive"}) + accesses.count("exclusive")
    assert sum(len(spaces) for spaces in asked) == len(accesses)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")
async def test_what_is_found_later_is_kept_whoever_writes_it_last(
    fresh_database: str, search_engine: SearchEngine
) -> None:
    cast = await make_cast()
    title = "Which deposit does a marimba rental need?"
    threads = [await make_thread(cast.open_space, cast.asker, title=title) for _each in range(2)]
    question = "Which deposit does a marimba need?"
    entries = [await make_published(cast, question=question, short_answer="A rental: none.")]
    await deliver(search_engine)
    await execute("DELETE FROM similar_entries")
    begins = asyncio.Event()

    async def slowly(relating: Awaitable[None]) -> None:
        await begins.wait()
        await relating

    slow = [
        asyncio.create_task(slowly(relate_thread(search_engine, threads[0].id))),
        asyncio.create_task(slowly(relate_entry(search_engine, entries[0]))),
    ]
    async with in_transaction():
        await lock_threads([thread.id for thread in threads])
        begins.set()
        await until_somebody_waits(2)
        # Meanwhile another entry comes, and whoever saw it keeps it: nothing but the threads is locked.
        entries.append(await make_published(cast, question=question, short_answer="A rental: none."))
        await bring_in_line(search_engine, "faq", entries)
        await execute("DELETE FROM similar_entries")
    await asyncio.gather(*slow)
    for thread in threads:
        rows = await fetch("SELECT entry_id FROM similar_entries WHERE thread_id = :id", {"id": thread.id})
        assert {row["entry_id"] for row in rows} == set(entries)

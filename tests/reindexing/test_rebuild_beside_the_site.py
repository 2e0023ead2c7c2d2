"""A new index is built while people read and write: nobody misses anything, and what changes meanwhile is right."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from community import indexing
from community.core.clock import now
from community.core.db import execute, fetch
from community.indexing import bring_in_line, thread_key
from community.reindexing import state, tending
from community.reindexing.building import build_here, fill_as_claimed, publish_as_claimed
from community.reindexing.state import Claim, Overtaken
from community.threads import order
from community.threads.models import Thread
from community.worker import Worker
from search.embedded import EmbeddedEngine
from search.index import IndexUnreadable, Query
from tests.factories import make_answer, make_member, make_space, make_thread, opening_of, viewer_for

pytestmark = pytest.mark.each_database


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path / "index")
    yield engine
    await engine.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tending, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(tending, "CHECK_EVERY", 0.1)
    monkeypatch.setattr(tending, "REST", timedelta(0))
    monkeypatch.setattr(state, "FIRST_PAUSE", timedelta(seconds=0.1))
    monkeypatch.setattr("community.worker.POLL_EVERY", 0.05)


async def found(engine: EmbeddedEngine, word: str) -> set[str]:
    spaces = frozenset(row["id"] for row in await fetch("SELECT id FROM spaces"))
    return {hit.key for hit in (await engine.search(Query(word, spaces, kinds=("thread",), limit=100))).hits}


async def drain(worker: Worker) -> None:
    while await worker.run_once():
        pass


async def idle(seconds: float = 20) -> state.IndexState:
    """Wait until nothing is to be built."""
    for _ in range(int(seconds * 20)):
        standing = await state.read()
        if standing.is_idle:
            return standing
        await asyncio.sleep(0.05)
    raise AssertionError(standing)


async def begin() -> Claim:
    assert await state.ask()
    claim = await Claim.to_fill()
    assert claim is not None
    return claim


async def test_what_changes_while_the_new_index_is_filled_is_right_in_it(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    """Filled in one process, published in another, as by `community reindex` beside a running worker."""
    space, asker = await make_space(), await make_member()
    moderator = await viewer_for(await make_member(role="moderator"))
    kept, hidden = [await make_thread(space, asker, title=f"Zebra {name}") for name in ("kept", "hidden")]
    worker = Worker(engine)
    await drain(worker)
    assert await build_here(engine)
    other = EmbeddedEngine(tmp_path / "index")
    await fill_as_claimed(other, await begin())
    added = await make_thread(space, asker, title="Zebra added")
    await make_answer(kept, asker, "It met an okapi.")
    await order.hide_post((await opening_of(hidden)).id, by=moderator, reason="Spam")
    await drain(worker)
    expected = {thread_key(kept.id), thread_key(added.id)}
    assert await found(engine, "zebra") == expected
    claim = await Claim.to_publish()
    assert claim is not None
    before = (tmp_path / "index" / "CURRENT").read_text()
    await publish_as_claimed(engine, claim)
    assert (tmp_path / "index" / "CURRENT").read_text() != before
    assert await found(engine, "zebra") == expected
    assert await found(engine, "okapi") == {thread_key(kept.id)}
    assert (await state.read()).is_idle
    await other.close()
    folders = [entry.name for entry in (tmp_path / "index").iterdir() if entry.is_dir()]
    assert folders == [(tmp_path / "index" / "CURRENT").read_text()]


async def test_readers_miss_nothing_while_it_is_built_again_and_again(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    space, asker = await make_space(), await make_member()
    moderator = await viewer_for(await make_member(role="moderator"))
    expected = {thread_key((await make_thread(space, asker, title=f"Zebra {n}")).id) for n in range(30)}
    stop, misses, looks = asyncio.Event(), [], 0
    working = asyncio.create_task(Worker(engine).run_until(stop))
    reader = EmbeddedEngine(tmp_path / "index")
    for _ in range(200):
        await asyncio.sleep(0.05)
        if (await state.read()).is_idle and (await engine.health()).documents >= 30:
            break

    async def read() -> None:
        nonlocal looks
        while not stop.is_set():
            wanted = set(expected)
            missing = wanted - await found(reader, "zebra")
            looks += 1
            if missing:
                misses.append(missing)
            await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    gone = set()
    for number in range(4):
        ended = (await state.read()).ended_at
        await state.ask()
        added = await make_thread(space, asker, title=f"Zebra added {number}")
        spam = await make_thread(space, asker, title=f"Zebra spam {number}")
        await asyncio.sleep(0.02 * number)
        await order.hide_post((await opening_of(spam)).id, by=moderator, reason="Spam")
        gone.add(thread_key(spam.id))
        for _ in range(200):
            await asyncio.sleep(0.05)
            standing = await state.read()
            if (
                standing.is_idle
                and standing.ended_at != ended
                and thread_key(added.id) in await found(engine, "zebra")
            ):
                break
        else:
            raise AssertionError(standing)
        await asyncio.sleep(0.6)  # Other processes look for what is new twice a second.
        expected.add(thread_key(added.id))
    stop.set()
    await asyncio.wait_for(asyncio.gather(working, reading), 20)
    assert misses == []
    assert looks > 20
    assert await found(engine, "zebra") == expected
    assert not gone & await found(reader, "zebra")
    await reader.close()


async def test_a_build_whose_process_has_died_is_begun_anew(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    thread = await make_thread(await make_space(), await make_member(), title="Zebra")
    dead = await begin()
    assert await Claim.to_fill() is None
    assert not await state.ask()
    await execute(
        "UPDATE index_builds SET beat_at = :then WHERE id = 1", {"then": now() - timedelta(minutes=1)}
    )
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    standing = await idle()
    assert standing.documents == 2  # the thread and its author
    assert await found(engine, "zebra") == {thread_key(thread.id)}
    with pytest.raises(Overtaken):
        await dead.beat(1, 2)
    stop.set()
    await asyncio.wait_for(working, 10)


async def test_whoever_was_taken_for_dead_stops_and_publishes_nothing(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.reindexing.building.BEAT_EVERY", 0.02)
    space, asker = await make_space(), await make_member()
    await make_thread(space, asker)
    claim = await begin()

    async def slowly(ids: list[int]) -> list:
        await execute("UPDATE index_builds SET runner = 'another' WHERE id = 1")
        await asyncio.sleep(5)
        return []

    monkeypatch.setitem(indexing.MAKERS, "thread", ("threads", slowly))
    with pytest.raises(Overtaken):
        await asyncio.wait_for(fill_as_claimed(engine, claim), 4)
    assert [entry for entry in (tmp_path / "index").iterdir() if entry.is_dir()] == []


async def test_a_stopped_worker_leaves_the_build_to_the_next(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await make_thread(await make_space(), await make_member(), title="Zebra")

    async def for_ever(ids: list[int]) -> list:
        await asyncio.sleep(60)
        return []

    with monkeypatch.context() as patched:
        patched.setitem(indexing.MAKERS, "person", ("members", for_ever))
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(engine).run_until(stop))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if (await state.read()).state == "filling":
                break
        stop.set()
        await asyncio.wait_for(working, 10)
    standing = await state.read()
    assert (standing.state, standing.runner) == ("wanted", "")
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    await idle()
    stop.set()
    await asyncio.wait_for(working, 10)
    assert await found(engine, "zebra") == {thread_key(thread.id)}


async def test_a_claim_that_is_broken_off_at_any_moment_is_nobodys(fresh_database: str) -> None:
    for moment in range(40):
        await execute("UPDATE index_builds SET state = 'wanted', runner = '', due_at = NULL WHERE id = 1")
        claiming = asyncio.create_task(Claim.to_fill())
        await asyncio.sleep(moment * 0.0002)
        claiming.cancel()
        try:
            claim = await claiming
        except asyncio.CancelledError:
            assert (await state.read()).state == "wanted"
        else:
            assert claim is not None


async def test_a_build_that_is_broken_off_at_any_moment_is_nobodys(
    fresh_database: str, engine: EmbeddedEngine
) -> None:
    await make_thread(await make_space(), await make_member(), title="Zebra")
    await engine.begin_writing()
    for moment in range(40):
        await execute("UPDATE index_builds SET state = 'wanted', runner = '', due_at = NULL WHERE id = 1")
        claim = await Claim.to_fill()
        assert claim is not None
        filling = asyncio.create_task(fill_as_claimed(engine, claim))
        await asyncio.sleep(moment * 0.0005)
        filling.cancel()
        await asyncio.wait((filling,))
        assert (await state.read()).state == ("wanted" if filling.cancelled() else "filled")


@pytest.mark.parametrize("how", ["removed", "emptied", "pointer", "garbage"])
async def test_an_index_that_is_lost_or_damaged_while_the_site_runs_comes_back_by_itself(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path, how: str
) -> None:
    root = tmp_path / "index"
    space, asker = await make_space(), await make_member()
    thread = await make_thread(space, asker, title="Zebra")
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    for _ in range(200):
        await asyncio.sleep(0.05)
        if (root / "CURRENT").exists() and (await state.read()).is_idle:
            break
    reader = EmbeddedEngine(root)
    assert await found(reader, "zebra") == {thread_key(thread.id)}
    live = root / (root / "CURRENT").read_text()
    if how == "removed":
        shutil.rmtree(root)
    elif how == "emptied":
        for file in live.iterdir():
            file.unlink()
    elif how == "pointer":
        (root / "CURRENT").write_text("nonsense")
    else:
        for file in live.iterdir():
            if file.suffix in (".term", ".store", ".idx"):
                # Not written over: what a process has mapped nobody may cut off, and no copy or restore does.
                file.unlink()
                file.write_bytes(b"garbage")
    meanwhile = await make_thread(space, asker, title="Zebra again")
    fresh = EmbeddedEngine(root)
    for _ in range(300):
        await asyncio.sleep(0.05)
        try:
            of_all = [await found(one, "zebra") for one in (fresh, reader)]
            if of_all == [{thread_key(thread.id), thread_key(meanwhile.id)}] * 2:
                break
        except IndexUnreadable:
            pass
    else:
        raise AssertionError(await state.read())
    stop.set()
    await asyncio.wait_for(working, 10)
    await fresh.close()
    await reader.close()


async def test_a_folder_that_cannot_be_written_is_tried_again_until_it_can(
    fresh_database: str, tmp_path: Path
) -> None:
    root = tmp_path / "index"
    root.write_text("a file where the folder should be")
    engine = EmbeddedEngine(root)
    thread = await make_thread(await make_space(), await make_member(), title="Zebra")
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    await asyncio.sleep(1)
    assert not working.done()
    told = await state.read()
    assert told.is_idle or told.last_error == "SearchDown"
    root.unlink()
    for _ in range(200):
        await asyncio.sleep(0.05)
        if root.is_dir() and (await state.read()).is_idle and (await engine.health()).documents:
            break
    assert await found(engine, "zebra") == {thread_key(thread.id)}
    stop.set()
    await asyncio.wait_for(working, 10)
    await engine.close()


async def test_a_second_worker_of_the_embedded_engine_stands_by_and_takes_over(
    fresh_database: str, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    await engine.setup()
    await engine.begin_writing()
    other = EmbeddedEngine(tmp_path / "index")
    thread = await make_thread(await make_space(), await make_member(), title="Zebra")
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(other).run_until(stop))
    await asyncio.sleep(0.5)
    rows = await fetch("SELECT attempts, leased_until FROM outbox_facts WHERE name = 'thread.started'")
    assert [(row["attempts"], row["leased_until"]) for row in rows] == [(0, None)]
    await engine.close()
    for _ in range(100):
        await asyncio.sleep(0.05)
        if await found(other, "zebra"):
            break
    assert await found(other, "zebra") == {thread_key(thread.id)}
    stop.set()
    await asyncio.wait_for(working, 10)
    await other.close()


async def test_two_that_write_the_same_document_leave_what_the_database_says(
    fresh_database: str, engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever read earlier writes later: without another look, what was hidden would be found again."""
    await engine.setup()
    thread = await make_thread(await make_space(), await make_member(), title="Zebra")
    real, first = engine.upsert, True

    async def delayed(documents: list) -> None:
        nonlocal first
        if first:
            first = False
            await Thread.filter(id=thread.id).update(hidden_at=now())
            await bring_in_line(engine, "thread", [thread.id])
        await real(documents)

    monkeypatch.setattr(engine, "upsert", delayed)
    await bring_in_line(engine, "thread", [thread.id])
    assert await found(engine, "zebra") == set()

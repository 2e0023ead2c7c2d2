"""The worker over real databases and a real index: nothing is lost, whatever is away or fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch
from community.core.models import OutboxFact
from community.indexing import thread_key
from community.worker import Worker
from search import open_engine
from search.embedded import EmbeddedEngine
from search.index import Document, Query, SearchDown, SearchEngine, WriteRefused
from tests.factories import make_answer, make_member, make_space, make_thread

pytestmark = pytest.mark.each_database


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path / "index")
    await engine.setup()
    yield engine
    await engine.close()


class PickyEngine(EmbeddedEngine):
    """An engine that does not take documents with a certain title, as a search server may."""

    async def upsert(self, documents: Sequence[Document]) -> None:
        if any("unbearable" in document.title for document in documents):
            raise WriteRefused
        await super().upsert(documents)


class BrokenEngine(EmbeddedEngine):
    """An engine that is away while `is_away`."""

    is_away = True

    async def upsert(self, documents: Sequence[Document]) -> None:
        if self.is_away:
            raise SearchDown
        await super().upsert(documents)

    async def check(self) -> bool:
        if self.is_away:
            raise SearchDown
        return await super().check()


async def found(engine: SearchEngine, word: str) -> list[str]:
    """Keys of the documents in which a word stands, for a reader of every space."""
    spaces = {row["id"] for row in await fetch("SELECT id FROM spaces")}
    hits = (await engine.search(Query(word, frozenset(spaces), kinds=("thread",)))).hits
    return [hit.key for hit in hits]


async def owed() -> int:
    return await OutboxFact.filter(done_at=None).count()


async def make_due() -> None:
    await OutboxFact.filter(done_at=None).update(due_at=now())


async def drain(worker: Worker) -> None:
    while await worker.run_once():
        pass


async def test_an_answer_is_indexed_and_told_to_followers(
    fresh_database: str, engine: EmbeddedEngine
) -> None:
    asker, helper = await make_member(), await make_member()
    thread = await make_thread(await make_space(), asker, title="Where is the zebra?")
    await make_answer(thread, helper, "It walked off with the okapi.")
    await drain(Worker(engine))
    assert await owed() == 0
    assert await found(engine, "okapi") == [thread_key(thread.id)]
    told = await fetch("SELECT member_id FROM notifications WHERE kind = 'answered'")
    assert [row["member_id"] for row in told] == [asker.id]


async def test_delivering_everything_twice_changes_nothing(
    fresh_database: str, engine: EmbeddedEngine
) -> None:
    asker, helper = await make_member(), await make_member()
    thread = await make_thread(await make_space(), asker)
    await make_answer(thread, helper)
    worker = Worker(engine)
    await drain(worker)
    statement = "SELECT id, member_id, kind, post_id FROM notifications ORDER BY id"
    before = [dict(row) for row in await fetch(statement)]
    await execute("UPDATE outbox_facts SET done_at = NULL, delivered = '[]'")
    await drain(worker)
    assert [dict(row) for row in await fetch(statement)] == before
    assert (await engine.health()).documents == 1


async def test_while_search_is_away_facts_are_owed_and_members_are_told_all_the_same(
    fresh_database: str, tmp_path: Path
) -> None:
    engine = BrokenEngine(tmp_path / "index")
    asker, helper = await make_member(), await make_member()
    thread = await make_thread(await make_space(), asker, title="Where is the zebra?")
    await make_answer(thread, helper)
    worker = Worker(engine)
    for _ in range(outbox.ATTEMPTS_BEFORE_PARKING + 2):
        await make_due()
        await worker.run_once()
    assert await owed() == 2
    assert await OutboxFact.exclude(parked_at=None).count() == 0
    assert len(await fetch("SELECT id FROM notifications WHERE kind = 'answered'")) == 1
    engine.is_away = False
    await engine.setup()
    await make_due()
    await drain(worker)
    assert await owed() == 0
    assert await found(engine, "zebra") == [thread_key(thread.id)]
    assert len(await fetch("SELECT id FROM notifications WHERE kind = 'answered'")) == 1
    await engine.close()


async def test_a_search_server_that_nobody_runs_keeps_facts_owed(fresh_database: str, tmp_path: Path) -> None:
    engine = open_engine("http://127.0.0.1:9", "a key of sixteen characters", tmp_path / "index")
    await make_thread(await make_space(), await make_member())
    await Worker(engine).run_once()
    [fact] = await OutboxFact.all()
    assert fact.done_at is None
    assert "note_activity_of_space" in fact.delivered
    assert "index_thread" not in fact.delivered
    await engine.close()


async def test_a_document_that_is_refused_keeps_back_its_own_fact_only(
    fresh_database: str, tmp_path: Path
) -> None:
    engine = PickyEngine(tmp_path / "index")
    await engine.setup()
    space, author = await make_space(), await make_member()
    refused = await make_thread(space, author, title="An unbearable zebra")
    taken = [await make_thread(space, author, title=f"Zebra number {n}") for n in range(3)]
    worker = Worker(engine)
    await worker.run_once()
    [fact] = await OutboxFact.filter(done_at=None)
    assert fact.payload["thread_id"] == refused.id
    assert set(await found(engine, "zebra")) == {thread_key(thread.id) for thread in taken}
    for _ in range(outbox.ATTEMPTS_BEFORE_PARKING):
        await make_due()
        await worker.run_once()
    assert (await OutboxFact.get(id=fact.id)).parked_at is not None
    await engine.close()


async def test_what_cannot_be_begun_before_stopping_is_given_back(
    fresh_database: str, engine: EmbeddedEngine
) -> None:
    space, author = await make_space(), await make_member()
    for _ in range(5):
        await make_thread(space, author)
    stop = asyncio.Event()
    stop.set()
    await Worker(engine).run_once(stop)
    facts = await OutboxFact.all()
    assert [fact.done_at for fact in facts] == [None] * 5
    assert [fact.leased_until for fact in facts] == [None] * 5
    assert [fact.attempts for fact in facts] == [0] * 5


async def test_a_batch_that_takes_longer_than_its_lease_gives_the_rest_back(
    fresh_database: str, engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, author = await make_space(), await make_member()
    for _ in range(3):
        await make_thread(space, author)
    monkeypatch.setattr(outbox, "LEASE", timedelta(0))
    worker = Worker(engine)
    await worker.run_once()
    assert await owed() == 3
    monkeypatch.undo()
    await drain(worker)
    assert await owed() == 0


async def test_two_workers_deliver_everything_once(fresh_database: str, engine: EmbeddedEngine) -> None:
    space, asker, helper = await make_space(), await make_member(), await make_member()
    thread = await make_thread(space, asker)
    for _ in range(60):
        await make_answer(thread, helper)
    await asyncio.gather(drain(Worker(engine)), drain(Worker(engine)))
    assert await owed() == 0
    told = await fetch("SELECT id FROM notifications WHERE kind = 'answered'")
    assert len(told) == 60


async def test_an_empty_index_is_filled_and_an_engine_that_comes_later_too(
    fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.reindexing.tending.CHECK_EVERY", 0.2)
    monkeypatch.setattr("community.worker.POLL_EVERY", 0.1)
    engine = BrokenEngine(tmp_path / "index")
    thread = await make_thread(await make_space(), await make_member(), title="Where is the zebra?")
    await OutboxFact.all().update(done_at=now())
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    await asyncio.sleep(0.3)
    engine.is_away = False
    for _ in range(50):
        await asyncio.sleep(0.1)
        if (await engine.health()).documents:
            break
    stop.set()
    await asyncio.wait_for(working, 5)
    assert await found(engine, "zebra") == [thread_key(thread.id)]
    await engine.close()


async def test_a_stopped_worker_holds_nothing(fresh_database: str, engine: EmbeddedEngine) -> None:
    space, asker = await make_space(), await make_member()
    thread = await make_thread(space, asker)
    for _ in range(200):
        await make_answer(thread, asker)
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(engine).run_until(stop))
    await asyncio.sleep(0.4)
    stop.set()
    await asyncio.wait_for(working, 10)
    assert await OutboxFact.filter(done_at=None, leased_until__isnull=False).count() == 0
    await drain(Worker(engine))
    assert await owed() == 0


async def test_a_slow_mail_server_keeps_nothing_else_waiting(
    fresh_database: str, engine: EmbeddedEngine
) -> None:
    """Mails have a round of their own: what else is due is delivered while they are still owed."""
    await outbox.record("account.password_changed", account_id=0, language="en")
    thread = await make_thread(await make_space(), await make_member(), title="Where is the zebra?")
    worker = Worker(engine)
    await drain(worker)
    assert await found(engine, "zebra") == [thread_key(thread.id)]
    assert [row.name for row in await OutboxFact.filter(done_at=None)] == ["account.password_changed"]
    assert await worker.deliver_mails() == 1
    assert await owed() == 0

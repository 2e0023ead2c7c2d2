"""Vectors follow the documents, made by the worker: nothing waits for them, nothing of them is lost or left over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.indexing import bring_in_line
from community.reindexing.building import rebuild
from community.vector_making import VectorMaker
from community.vectors.keeping import count_owed
from community.vectors.models import DocumentVector
from community.worker import Worker
from search.embedded import EmbeddedEngine
from search.embedders import EmbedderDown
from search.index import Document, Query, SearchDown
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.factories import make_member, make_space, make_thread

__all__ = ["embedding_server"]

pytestmark = pytest.mark.each_database

ASKED = "Wie behalte ich meine alte Durchwahl"


class Site:
    """A community with one worker, whose engine asks the embedder on loopback."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.worker = Worker(engine)
        self.maker = VectorMaker(engine)

    async def deliver(self) -> None:
        while await self.worker.run_once():
            pass

    async def make_vectors(self) -> None:
        assert self.engine.embedder is not None
        while await self.maker.make_batch(self.engine.embedder):
            pass

    async def found(self, text: str = ASKED) -> list[str]:
        spaces = {row["id"] for row in await fetch("SELECT id FROM spaces")}
        found = await self.engine.search(Query(text, frozenset(spaces), kinds=("thread",)))
        return [hit.key for hit in found.hits]


@pytest.fixture
async def site(fresh_database: str, tmp_path: Path, embedding_server: EmbeddingServer) -> AsyncIterator[Site]:
    engine = EmbeddedEngine(tmp_path / "index", embedder=embedding_server.embedder())
    await engine.setup()
    yield Site(engine)
    await engine.close()


async def start(title: str = "Portierung zum neuen Vertrag", body: str = "Wie lange dauert es?") -> int:
    return (await make_thread(await make_space(), await make_member(), title=title, body=body)).id


async def test_a_thread_is_found_by_words_at_once_and_by_meaning_when_its_vector_is_made(site: Site) -> None:
    thread_id = await start()
    await site.deliver()
    assert await site.found("Portierung") == [f"thread-{thread_id}"]
    assert await site.found() == []
    assert await count_owed() == 1
    await site.make_vectors()
    assert await site.found() == [f"thread-{thread_id}"]
    assert await count_owed() == 0


async def test_delivering_waits_for_no_embedder(site: Site, embedding_server: EmbeddingServer) -> None:
    embedding_server.status = 503
    thread_id = await start()
    await site.deliver()
    assert not any("Portierung" in text for text in embedding_server.texts)
    with pytest.raises(EmbedderDown):
        await site.make_vectors()
    assert await site.found("Portierung") == [f"thread-{thread_id}"]
    embedding_server.status = 200
    await site.make_vectors()
    assert await DocumentVector.filter(row_id=thread_id, owed_at=None).exists()


async def test_a_text_that_the_embedder_refuses_keeps_no_other_waiting(
    site: Site, embedding_server: EmbeddingServer
) -> None:
    embedding_server.refused = "Unerträglich"
    refused = await start("Unerträglich lang", "Rufnummer")
    taken = await start()
    await site.deliver()
    await site.make_vectors()
    assert await site.found() == [f"thread-{taken}"]
    assert await site.found("Unerträglich") == [f"thread-{refused}"]
    assert await count_owed() == 0
    asked = len(embedding_server.requests)
    await site.make_vectors()
    assert len(embedding_server.requests) == asked


async def test_a_changed_text_gets_another_vector_and_an_unchanged_one_keeps_its_own(
    site: Site, embedding_server: EmbeddingServer
) -> None:
    thread_id = await start()
    await site.deliver()
    await site.make_vectors()
    made = len(embedding_server.requests)
    await execute("UPDATE threads SET kudos_count = 5 WHERE id = :id", {"id": thread_id})
    await bring_in_line(site.engine, "thread", [thread_id])
    await site.make_vectors()
    assert len(embedding_server.requests) == made
    await execute("UPDATE threads SET title = 'Bier im Kühlschrank' WHERE id = :id", {"id": thread_id})
    await bring_in_line(site.engine, "thread", [thread_id])
    assert await site.found() == []
    await site.make_vectors()
    assert await site.found("Wo gibt es ein gutes Pils") == [f"thread-{thread_id}"]


async def test_of_a_hidden_thread_no_vector_is_kept(site: Site) -> None:
    thread_id = await start()
    await site.deliver()
    await site.make_vectors()
    await execute("UPDATE threads SET hidden_at = :now WHERE id = :id", {"now": now(), "id": thread_id})
    await bring_in_line(site.engine, "thread", [thread_id])
    assert not await DocumentVector.exists()
    assert await site.found() == []


async def test_a_new_index_takes_the_kept_vectors(site: Site, embedding_server: EmbeddingServer) -> None:
    thread_id = await start()
    await site.deliver()
    await site.make_vectors()
    made = len(embedding_server.requests)
    await rebuild(site.engine)
    assert await count_owed() == 0
    assert await site.found() == [f"thread-{thread_id}"]
    # The question itself is the only text that was sent since.
    assert len(embedding_server.requests) <= made + 2


async def test_another_model_makes_all_vectors_anew_beside_the_running_site(
    site: Site, embedding_server: EmbeddingServer, tmp_path: Path
) -> None:
    thread_id = await start()
    await site.deliver()
    await site.make_vectors()
    await site.engine.close()
    other = Site(EmbeddedEngine(tmp_path / "index", embedder=embedding_server.embedder(model="large")))
    assert await other.engine.setup()
    assert await other.found("Portierung") == [f"thread-{thread_id}"]
    await rebuild(other.engine)
    assert await other.found("Portierung") == [f"thread-{thread_id}"]
    assert await other.found() == []
    await other.make_vectors()
    assert await other.found() == [f"thread-{thread_id}"]
    assert await DocumentVector.all().values_list("embedder", flat=True) == [
        other.engine.embedder.fingerprint
    ]  # type: ignore[union-attr]
    await other.engine.close()


class StumblingEngine(EmbeddedEngine):
    """An engine that is away while `is_away`."""

    is_away = False

    async def upsert(self, documents: Sequence[Document]) -> None:
        if self.is_away:
            raise SearchDown
        await super().upsert(documents)


async def test_a_vector_that_did_not_reach_the_index_is_not_made_twice(
    fresh_database: str, tmp_path: Path, embedding_server: EmbeddingServer
) -> None:
    engine = StumblingEngine(tmp_path / "index", embedder=embedding_server.embedder())
    await engine.setup()
    site = Site(engine)
    thread_id = await start()
    await site.deliver()
    engine.is_away = True
    with pytest.raises(SearchDown):
        await site.make_vectors()
    assert await count_owed() == 1
    engine.is_away = False
    # As another worker would, after this one was killed here.
    await Site(engine).make_vectors()
    assert embedding_server.texts.count("Portierung zum neuen Vertrag\nWie lange dauert es?") == 1
    assert await site.found() == [f"thread-{thread_id}"]
    await engine.close()


async def test_a_wish_that_comes_while_a_vector_is_made_is_not_lost(
    site: Site, embedding_server: EmbeddingServer
) -> None:
    thread_id = await start()
    await site.deliver()
    embedding_server.seconds = 0.5
    making = asyncio.create_task(site.make_vectors())
    await asyncio.sleep(0.2)
    await execute("UPDATE threads SET title = 'Bier im Kühlschrank' WHERE id = :id", {"id": thread_id})
    await bring_in_line(site.engine, "thread", [thread_id])
    await making
    embedding_server.seconds = 0.0
    await site.make_vectors()
    assert await site.found("Wo gibt es ein gutes Pils") == [f"thread-{thread_id}"]
    assert await count_owed() == 0


async def test_threads_on_the_same_matter_in_other_words_are_related(site: Site) -> None:
    first = await start()
    second = await start("Meine Durchwahl mitnehmen", "Geht das?")
    await site.deliver()
    await site.make_vectors()
    rows = await fetch("SELECT thread_id, related_id FROM related_threads WHERE kind = 'similar'")
    assert {(row["thread_id"], row["related_id"]) for row in rows} >= {(second, first)}


async def test_the_running_worker_makes_vectors_beside_everything_else(site: Site) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(site.worker.run_until(stop))
    try:
        thread_id = await start()
        async with asyncio.timeout(30):
            while await site.found() != [f"thread-{thread_id}"]:
                await asyncio.sleep(0.1)
    finally:
        stop.set()
        await working

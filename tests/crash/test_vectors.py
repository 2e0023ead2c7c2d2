"""The worker is killed while it makes vectors: none is missing afterwards, and hardly one is made twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from community.core.db import fetch
from community.vectors.models import DocumentVector
from search.embedded import EmbeddedEngine
from search.index import Query
from tests.crash.site import Site
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.factories import make_member, make_space, make_thread

__all__ = ["embedding_server"]

THREADS = 20
KILLS = 4


async def made() -> int:
    return await DocumentVector.filter(owed_at=None).exclude(embedder="").count()


async def until_made(least: int) -> None:
    async with asyncio.timeout(120):
        while await made() < least:
            await asyncio.sleep(0.05)


async def test_no_vector_is_missing_whenever_the_worker_is_killed(
    fresh_database: str, tmp_path: Path, embedding_server: EmbeddingServer
) -> None:
    space, member = await make_space(), await make_member()
    titles = [f"Portierung der Leitung {number}" for number in range(THREADS)]
    for title in titles:
        await make_thread(space, member, title=title, body="Wie lange dauert es?")
    embedding_server.seconds = 0.1
    site = Site(
        fresh_database,
        tmp_path,
        EMBEDDER="openai",
        EMBEDDER_URL=f"{embedding_server.url}/v1",
        EMBEDDER_MODEL="small",
    )
    try:
        for kill in range(KILLS):
            await site.start("worker")
            asked = len(embedding_server.requests)
            async with asyncio.timeout(120):
                while len(embedding_server.requests) < asked + 3:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.07 * kill)
            await site.kill("worker")
        await site.start("worker")
        await until_made(THREADS)
    finally:
        await site.stop_all()
        print(site.read_log())
    made_of = [text.partition("\n")[0] for text in embedding_server.texts]
    assert set(titles) <= set(made_of)
    # Only the one that was being made when the worker was killed.
    assert sum(made_of.count(title) - 1 for title in titles) <= KILLS
    embedding_server.seconds = 0
    engine = EmbeddedEngine(tmp_path / "index", embedder=embedding_server.embedder())
    spaces = {row["id"] for row in await fetch("SELECT id FROM spaces")}
    found = await engine.search(Query("Was wird aus meiner Telefonnummer", frozenset(spaces), limit=50))
    assert found.total >= THREADS
    await engine.close()

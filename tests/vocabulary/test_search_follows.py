"""A change of the vocabulary reaches every engine: in the worker, in other processes, before and after a rebuild."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from pathlib import Path

import pytest

from community.core.db import fetch
from community.indexing import EVERYBODY
from community.reindexing.building import rebuild
from community.vocabulary import actions
from community.vocabulary.following import Follower
from community.vocabulary.models import EntryKind
from community.vocabulary.rules import EntryDraft
from community.worker import Worker
from search import SearchEngine, open_engine
from search.configuration import server_synonyms
from search.index import Document, Query
from tests.cast import Cast, make_cast
from tests.factories import viewer_for

PAIR = EntryDraft(EntryKind.SAME, ("Quantenbox", "Wundergerät"))
ASKED = Query("quantenbox", frozenset({EVERYBODY}))
FOUND = Document(key="thread-1", kind="thread", audience=EVERYBODY, title="Wundergerät startet nicht")


async def engine_at(root: Path) -> SearchEngine:
    engine = open_engine("", "", root)
    await engine.setup()
    return engine


async def test_a_follower_reads_the_words_only_when_they_have_changed(cast: Cast, tmp_path: Path) -> None:
    engine, by = await engine_at(tmp_path / "index"), await viewer_for(cast.moderator)
    await engine.upsert([FOUND])
    told = []
    configure = engine.configure
    engine.configure = lambda configuration: (told.append(configuration), configure(configuration))[1]  # type: ignore[method-assign]
    follower = Follower(engine)
    for _twice in range(2):
        await follower.catch_up()
    assert len(told) == 1
    assert (await engine.search(ASKED)).total == 0
    entry_id = await actions.add_entry(PAIR, by=by)
    for _twice in range(2):
        await follower.catch_up()
    assert len(told) == 2
    assert (await engine.search(ASKED)).total == 1
    await actions.remove_entry(entry_id, by=by)
    await follower.catch_up()
    assert (await engine.search(ASKED)).total == 0
    await engine.close()


async def test_the_worker_hands_words_to_the_engine_and_a_rebuild_keeps_them(
    cast: Cast, tmp_path: Path
) -> None:
    engine, by = await engine_at(tmp_path / "index"), await viewer_for(cast.moderator)
    published = []
    publish = engine.publish_configuration

    async def noting() -> None:
        published.append(server_synonyms(engine._configuration))  # type: ignore[attr-defined]
        await publish()

    engine.publish_configuration = noting  # type: ignore[method-assign]
    await engine.upsert([FOUND])
    await actions.add_entry(PAIR, by=by)
    await Worker(engine).run_once(only=["vocabulary.changed"])
    assert published[0]["quantenbox"] == ["wundergerät"]
    assert (await engine.search(ASKED)).total == 1
    rows = await fetch("SELECT done_at FROM outbox_facts WHERE name = 'vocabulary.changed'")
    assert [row["done_at"] is None for row in rows] == [False]
    # What the server is told while an index is being filled would be lost with the old one, so it is told again.
    fresh = await engine_at(tmp_path / "other")
    published.clear()
    publish, fresh.publish_configuration = fresh.publish_configuration, noting  # type: ignore[method-assign]
    await rebuild(fresh)
    assert published
    assert fresh._configuration.synonyms[-1] == ("quantenbox", "wundergerät")  # type: ignore[attr-defined]
    await engine.close()
    await fresh.close()


@pytest.mark.each_database
async def test_another_process_finds_by_a_new_word_within_seconds(
    fresh_database: str, tmp_path: Path
) -> None:
    cast = await make_cast()
    engine = await engine_at(tmp_path / "index")
    await engine.upsert([FOUND])
    await engine.close()
    script = """
        import asyncio, sys
        from pathlib import Path
        from community.core.db import connect, disconnect
        from community.vocabulary.following import LOOK_EVERY, Follower
        from search import open_engine
        from search.index import Query

        async def main():
            await connect(sys.argv[1])
            engine = open_engine("", "", Path(sys.argv[2]))
            follower = Follower(engine)
            asked = Query("quantenbox", frozenset({0}))
            await follower.catch_up()
            print((await engine.search(asked)).total, flush=True)
            for _ in range(50):
                await asyncio.sleep(0.1)
                await follower.catch_up()
                if (await engine.search(asked)).total:
                    break
            print((await engine.search(asked)).total, flush=True)
            await disconnect()

        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(script),
        fresh_database,
        str(tmp_path / "index"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"0\n"
    await actions.add_entry(PAIR, by=await viewer_for(cast.moderator))
    assert await process.stdout.readline() == b"1\n"
    await process.wait()

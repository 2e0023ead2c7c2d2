"""What only the embedded engine has: a folder, one writer, readers in other processes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from search import open_engine
from search.embedded import EmbeddedEngine
from search.index import Found, IndexLocked, IndexUnreadable, Query, SearchDown
from search.meilisearch import MeilisearchEngine
from tests.search.documents import ALL, EVERYBODY, THREADS, fill, keys, thread

_READER = """
import asyncio, json, sys, time
from pathlib import Path
from typing import Any
from search.embedded import EmbeddedEngine
from search.index import Query

async def main():
    engine = EmbeddedEngine(Path(sys.argv[1]))
    print(json.dumps((await engine.health()).documents), flush=True)
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        found = await engine.search(Query(sys.argv[2], frozenset({0})))
        if found.total:
            print(json.dumps(time.time()), flush=True)
            return
        await asyncio.sleep(0.02)

asyncio.run(main())
"""

_WRITER = """
import asyncio, sys
from pathlib import Path
from typing import Any
from search.embedded import EmbeddedEngine
from search.index import Document

async def main():
    engine = EmbeddedEngine(Path(sys.argv[1]))
    await engine.setup()
    for number in range(100_000):
        await engine.upsert([Document(key=f"thread-{number}", kind="thread", audience=0, title="Dauerlauf")])
        print(number, flush=True)

asyncio.run(main())
"""


def _start(program: str, *arguments: object) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


async def test_another_process_sees_a_commit_within_a_second(
    embedded: EmbeddedEngine, index_root: Path
) -> None:
    await fill(embedded)
    with _start(_READER, index_root, "zeitmessung") as reader:
        assert json.loads(await asyncio.to_thread(_line, reader)) == len(ALL)
        await embedded.upsert([thread(70, "Zeitmessung")])
        written = time.time()
        seen = json.loads(await asyncio.to_thread(_line, reader))
    assert seen - written < 1.0


async def test_only_one_engine_writes_until_it_is_closed(embedded: EmbeddedEngine, index_root: Path) -> None:
    await fill(embedded)
    other = EmbeddedEngine(index_root)
    assert not await other.setup()
    assert (await other.health()).documents == len(ALL)
    with pytest.raises(IndexLocked):
        await other.upsert(THREADS[:1])
    with pytest.raises(IndexLocked):
        async with other.rebuild():
            pass
    await embedded.close()
    await fill(other, [thread(8, "Nun schreibe ich")])
    assert keys(await embedded.search(Query("schreibe", EVERYBODY))) == ["thread-8"]
    await other.close()


async def test_a_reader_follows_a_rebuild(embedded: EmbeddedEngine, index_root: Path) -> None:
    await fill(embedded)
    other = EmbeddedEngine(index_root)
    assert (await other.health()).documents == len(ALL)
    async with embedded.rebuild() as new:
        await new.upsert(THREADS[:2])
    await asyncio.sleep(0.6)
    assert (await other.health()).documents == 2
    await other.close()


async def test_a_rebuild_leaves_one_folder(embedded: EmbeddedEngine, index_root: Path) -> None:
    (index_root / "left-by-a-killed-rebuild").mkdir()
    await fill(embedded)
    for _ in range(2):
        async with embedded.rebuild() as new:
            await new.upsert(THREADS)
    with pytest.raises(RuntimeError):
        async with embedded.rebuild() as new:
            raise RuntimeError
    assert len([entry for entry in index_root.iterdir() if entry.is_dir()]) == 1


async def test_a_killed_writer_loses_nothing_it_acknowledged(index_root: Path) -> None:
    with _start(_WRITER, index_root) as writer:
        try:
            for _ in range(20):
                last = int(await asyncio.to_thread(_line, writer))
        finally:
            writer.kill()
    engine = EmbeddedEngine(index_root)
    await engine.setup()
    assert (await engine.health()).documents >= last + 1
    await fill(engine, [thread(200_000, "Danach")])  # The kernel has freed the lock.
    await engine.close()


@pytest.mark.parametrize("damage", ["truncated", "removed", "another format"])
async def test_an_unreadable_index_says_so_and_can_be_rebuilt(
    embedded: EmbeddedEngine, index_root: Path, damage: str
) -> None:
    await fill(embedded)
    await embedded.close()
    folder = index_root / (index_root / "CURRENT").read_text()
    if damage == "another format":
        old = index_root / "00000000-12345678"
        folder.rename(old)
        (index_root / "CURRENT").write_text(old.name)
    else:
        for file in folder.iterdir():
            if damage == "removed":
                file.unlink()
            else:
                file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        if damage == "removed":
            folder.rmdir()
    engine = EmbeddedEngine(index_root)
    assert await engine.setup()
    with pytest.raises(IndexUnreadable):
        await engine.search(Query("rechnung", EVERYBODY))
    with pytest.raises(SearchDown):
        await engine.upsert(THREADS)
    health = await engine.health()
    assert not health.ok
    assert health.detail
    async with engine.rebuild() as new:
        await new.upsert(THREADS)
    assert (await engine.search(Query("rechnung", EVERYBODY))).total
    assert not await engine.setup()
    await engine.close()


async def test_two_processes_that_start_together_share_one_index(index_root: Path) -> None:
    engines = [EmbeddedEngine(index_root) for _ in range(4)]
    assert await asyncio.gather(*(engine.setup() for engine in engines)) == [True] * 4
    assert len([entry for entry in index_root.iterdir() if entry.is_dir()]) == 1
    for engine in engines:
        await engine.close()


async def test_the_event_loop_goes_on_during_a_search(embedded: EmbeddedEngine) -> None:
    documents = [thread(number, f"Router {number % 7} startet", "Nacht " * 500) for number in range(300)]
    await fill(embedded, documents)
    turns = 0
    searches = asyncio.gather(*(embedded.instant(f"router {number}", EVERYBODY) for number in range(100)))
    while not searches.done():
        await asyncio.sleep(0)
        turns += 1
    await searches
    assert turns > 20


def test_configuration_alone_chooses_the_engine(tmp_path: Path) -> None:
    assert isinstance(open_engine("", "", tmp_path), EmbeddedEngine)
    assert isinstance(open_engine("http://127.0.0.1:7700", "key", tmp_path), MeilisearchEngine)


async def test_words_that_only_others_may_read_displace_no_word_of_a_similar_text(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.setup()
    secret_words = " ".join(f"zugvogel{number}" for number in range(40))
    await engine.upsert([thread(1, "Mauerwerk trocknet langsam", "Das Mauerwerk trocknet seit Wochen.")])
    typed = f"Mauerwerk trocknet {secret_words}"
    without = [hit.key for hit in await engine.related(typed, "", EVERYBODY)]
    await engine.upsert([thread(2, "Geheim", secret_words, audience=7, space_id=7)])
    with_secret = [hit.key for hit in await engine.related(typed, "", EVERYBODY)]
    await engine.close()
    assert without == with_secret == ["thread-1"]


async def test_an_answer_is_given_again_until_something_is_written_words_change_or_others_ask(
    embedded: EmbeddedEngine, index_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[Query] = []
    search_anew = EmbeddedEngine._search_anew

    def counting(engine: EmbeddedEngine, searcher: Any, query: Query, asked: Any) -> Found:
        computed.append(query)
        return search_anew(engine, searcher, query, asked)

    monkeypatch.setattr(EmbeddedEngine, "_search_anew", counting)
    await embedded.upsert([thread(1, title="Dauerlauf am Morgen"), thread(2, audience=7, title="Dauerlauf")])
    reader = EmbeddedEngine(index_root)
    query = Query("dauerlauf", EVERYBODY)
    try:
        first = await reader.search(query)
        assert await reader.search(query) is first
        assert keys(first) == ["thread-1"]
        assert keys(await reader.search(Query("dauerlauf", EVERYBODY | {7}))) == ["thread-2", "thread-1"]
        assert len(computed) == 2

        await embedded.delete(["thread-1"])
        reader._next_refresh = 0.0  # as half a second later
        assert keys(await reader.search(query)) == []
        assert len(computed) == 3

        reader.configure(reader._configuration)
        await reader.search(query)
        assert len(computed) == 4
    finally:
        await reader.close()

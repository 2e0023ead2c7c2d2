"""What both engines promise when several processes read while one writes: nothing is lost or torn."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from search.embedded import EmbeddedEngine
from search.index import SearchEngine
from search.meilisearch import MeilisearchEngine
from tests.search.documents import fill, thread

READERS = 3
DOCUMENTS = 40
_SECONDS = 60

_READER = """
import asyncio, json, sys, time
from pathlib import Path
from search.embedded import EmbeddedEngine
from search.index import Query
from search.meilisearch import MeilisearchEngine

kind, place, key, index, wanted = sys.argv[1:]
everybody = frozenset({0})

async def main():
    engine = EmbeddedEngine(Path(place)) if kind == "embedded" else MeilisearchEngine(place, key, index)
    counted, kept, searches = [0], set(), 0
    print("ready", flush=True)
    give_up = time.monotonic() + 60
    while counted[-1] < int(wanted) and time.monotonic() < give_up:
        found = await engine.search(Query("router", everybody, limit=100))
        counted.append(len({hit.key for hit in found.hits}))
        changed = await engine.search(Query("dauerbrenner", everybody))
        kept.add(tuple(hit.key for hit in changed.hits))
        await engine.instant("rou", everybody)
        await engine.related("Router startet neu", "", everybody)
        searches += 1
    await engine.close()
    print(json.dumps({"counted": counted, "kept": sorted(kept), "searches": searches}), flush=True)

asyncio.run(main())
"""


async def test_readers_in_other_processes_see_every_write_once_and_whole(
    engine: SearchEngine, index_root: Path
) -> None:
    await fill(engine, [thread(900, "Dauerbrenner Fassung 0")])
    if isinstance(engine, EmbeddedEngine):
        place = ["embedded", str(index_root), "-", "-"]
    else:
        assert isinstance(engine, MeilisearchEngine)
        place = ["meilisearch", engine._url, engine._key, engine._uid]
    command = [sys.executable, "-c", _READER, *place, str(DOCUMENTS)]
    root = Path(__file__).parents[2]
    readers = [
        await asyncio.create_subprocess_exec(*command, cwd=root, stdout=asyncio.subprocess.PIPE)
        for _ in range(READERS)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert (await asyncio.wait_for(reader.stdout.readline(), _SECONDS)).strip() == b"ready"
    for number in range(1, DOCUMENTS + 1):
        await engine.upsert(
            [thread(number, f"Router {number}"), thread(900, f"Dauerbrenner Fassung {number}")]
        )
    written = time.monotonic()
    answers = [json.loads((await reader.communicate())[0]) for reader in readers]
    assert time.monotonic() - written < _SECONDS
    assert [reader.returncode for reader in readers] == [0] * READERS
    for answer in answers:
        counted = answer["counted"]
        assert counted == sorted(counted), "what was found once is found ever after"
        assert counted[-1] == DOCUMENTS
        # Replacing a document is one step: nobody sees it missing or twice.
        assert answer["kept"] == [["thread-900"]]
        assert answer["searches"] >= 1

"""What both engines promise: changes and rebuilding. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

import asyncio

import pytest

from search.index import Query, SearchEngine
from tests.search.documents import ALL, EVERYBODY, MEMBERS_OF_7, PORTING, SECRET, THREADS, fill, keys, thread


async def test_an_update_replaces_the_document(engine: SearchEngine) -> None:
    await fill(engine)
    await fill(engine, [thread(2, "Gutschrift fehlt", "anderer Inhalt")])
    assert "thread-2" in keys(await engine.search(Query("gutschrift", EVERYBODY)))
    assert "thread-2" not in keys(await engine.search(Query("straße", EVERYBODY)))
    assert (await engine.health()).documents == len(ALL)


async def test_a_document_moved_out_of_sight_is_no_longer_found(engine: SearchEngine) -> None:
    await fill(engine)
    await fill(engine, [thread(2, "Rechnung herunterladen", audience=7, space_id=7)])
    assert "thread-2" not in keys(await engine.search(Query("rechnung", EVERYBODY)))
    assert "thread-2" in keys(await engine.search(Query("rechnung", MEMBERS_OF_7)))


async def test_a_deleted_document_is_gone_and_unknown_keys_do_no_harm(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.delete(["thread-1", "thread-99"])
    await engine.delete([])
    await engine.upsert([])
    await engine.flush()
    assert (await engine.health()).documents == len(ALL) - 1
    assert "thread-1" not in keys(await engine.search(Query("rufnummernmitnahme", EVERYBODY)))


async def test_of_two_versions_in_one_batch_the_higher_wins(engine: SearchEngine) -> None:
    await fill(engine, [thread(1, "Neuer Titel", version=2), thread(1, "Alter Titel", version=1)])
    assert [hit.title_html for hit in (await engine.search(Query("", EVERYBODY))).hits] == ["Neuer Titel"]


async def test_a_failed_rebuild_keeps_the_old_index(engine: SearchEngine) -> None:
    await fill(engine)
    with pytest.raises(RuntimeError, match="power cut"):
        async with engine.rebuild() as new:
            await new.upsert([PORTING])
            raise RuntimeError("power cut")
    assert (await engine.health()).documents == len(ALL)
    await fill(engine, [thread(77, "Danach geschrieben")])
    assert keys(await engine.search(Query("danach", EVERYBODY))) == ["thread-77"]


async def test_a_rebuild_replaces_the_index_at_its_end(engine: SearchEngine) -> None:
    await fill(engine)
    async with engine.rebuild() as new:
        await new.upsert(THREADS[:2])
        await new.upsert(THREADS[2:3])
        assert (await engine.health()).documents == len(ALL)
        assert "thread-6" in keys(await engine.search(Query("rechnung", EVERYBODY)))
    assert (await engine.health()).documents == 3
    assert "thread-6" not in keys(await engine.search(Query("rechnung", EVERYBODY)))
    await fill(engine, [SECRET])
    assert (await engine.health()).documents == 4


async def test_what_is_written_during_a_rebuild_is_found_before_and_after(engine: SearchEngine) -> None:
    await fill(engine, THREADS)
    async with engine.rebuild() as new:
        await fill(engine, [thread(2, "Neue Fassung"), thread(8, "Während des Umbaus")])
        await engine.delete(["thread-5"])
        assert "thread-8" in keys(await engine.search(Query("umbaus", EVERYBODY)))
        await new.upsert(THREADS)  # Read from the database before those changes.
    assert "thread-8" in keys(await engine.search(Query("umbaus", EVERYBODY)))
    assert keys(await engine.search(Query("fassung", EVERYBODY))) == ["thread-2"]
    assert keys(await engine.search(Query("router", EVERYBODY))) == []
    assert (await engine.health()).documents == len(THREADS)


@pytest.mark.parametrize("seconds", [0, 0.002, 0.01, 0.03, 0.06])
async def test_a_cancelled_rebuild_leaves_one_whole_index(engine: SearchEngine, seconds: float) -> None:
    await fill(engine, THREADS)

    async def rebuild() -> None:
        async with engine.rebuild() as new:
            await new.upsert(ALL)

    task = asyncio.create_task(rebuild())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait([task])
    assert (await engine.health()).documents in {len(THREADS), len(ALL)}
    await fill(engine, [thread(8, "Danach geschrieben")])
    assert keys(await engine.search(Query("danach", EVERYBODY))) == ["thread-8"]


async def test_only_a_new_index_asks_to_be_filled(engine: SearchEngine) -> None:
    assert await engine.setup()
    await fill(engine)
    assert not await engine.setup()


async def test_a_closed_engine_can_be_used_again(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.close()
    assert (await engine.search(Query("rechnung", EVERYBODY))).total
    await fill(engine, [thread(8, "Nach der Pause")])
    assert keys(await engine.search(Query("pause", EVERYBODY))) == ["thread-8"]

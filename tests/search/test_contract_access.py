"""What both engines promise: who may find what. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

from search.index import Query, SearchEngine
from tests.search.documents import EVERYBODY, INVOICE, MEMBERS_OF_7, SECRET, fill, keys, thread


async def test_what_a_reader_may_not_read_is_no_hit(engine: SearchEngine) -> None:
    await fill(engine)
    assert SECRET.key not in keys(await engine.search(Query("Rechnung", EVERYBODY)))
    assert keys(await engine.search(Query("Zugvogel", EVERYBODY))) == []
    assert SECRET.key in keys(await engine.search(Query("Rechnung", MEMBERS_OF_7)))


async def test_what_a_reader_may_not_read_is_not_counted(engine: SearchEngine) -> None:
    await fill(engine)
    query = Query("", EVERYBODY, kinds=("thread",), facets=("space_id", "tags", "kind"))
    found = await engine.search(query)
    assert found.total == 5
    assert found.facets["space_id"] == {"3": 5}
    assert "zugvogel" not in found.facets["tags"]
    assert found.facets["kind"] == {"thread": 5}


async def test_a_filter_on_a_space_gives_no_access_to_it(engine: SearchEngine) -> None:
    await fill(engine)
    assert (await engine.search(Query("", EVERYBODY, space_id=7))).total == 0


async def test_what_a_reader_may_not_read_is_not_related(engine: SearchEngine) -> None:
    await fill(engine)
    title = "Geheimes Projekt Zugvogel zur Rechnung"
    assert SECRET.key not in [hit.key for hit in await engine.related(title, title, EVERYBODY)]
    assert SECRET.key in [hit.key for hit in await engine.related(title, title, MEMBERS_OF_7)]


async def test_what_a_reader_may_not_read_does_not_appear_while_typing(engine: SearchEngine) -> None:
    await fill(engine)
    assert keys(await engine.instant("zugv", EVERYBODY)) == []
    assert keys(await engine.instant("zugv", MEMBERS_OF_7)) == [SECRET.key]
    assert "group-1" not in keys(await engine.instant("netzplan", EVERYBODY))
    assert "group-1" in keys(await engine.instant("netzplan", frozenset({0, 9})))


async def test_no_audience_finds_nothing(engine: SearchEngine) -> None:
    await fill(engine)
    nobody: frozenset[int] = frozenset()
    found = await engine.search(Query("Rechnung", nobody, facets=("space_id",)))
    assert (found.hits, found.total) == ((), 0)
    assert not any(found.facets.values())
    assert (await engine.search(Query("", nobody))).total == 0
    assert await engine.related("Rechnung", "Rechnung", nobody) == ()
    assert (await engine.instant("rech", nobody)).hits == ()


async def test_a_reader_sees_the_audiences_held_and_no_others(engine: SearchEngine) -> None:
    await fill(engine)
    assert keys(await engine.search(Query("", frozenset({7})))) == [SECRET.key]


async def test_keys_left_out_are_neither_found_nor_counted(engine: SearchEngine) -> None:
    await fill(engine)
    everything = await engine.search(Query("rechnung", EVERYBODY, facets=("space_id", "tags")))
    found = await engine.search(
        Query("rechnung", EVERYBODY, facets=("space_id", "tags"), without=(INVOICE.key, "thread-99"))
    )
    assert INVOICE.key in keys(everything)
    assert keys(found) == [key for key in keys(everything) if key != INVOICE.key]
    assert found.total == everything.total - 1
    assert found.facets["space_id"]["3"] == everything.facets["space_id"]["3"] - 1
    assert INVOICE.key not in keys(await engine.instant("rech", EVERYBODY, without=(INVOICE.key,)))


async def test_a_filter_leaves_out_and_never_adds(engine: SearchEngine) -> None:
    """Counts say what choosing them shows: words are not read more generously because a filter leaves little."""
    exact = [thread(number, f"Drucker {number}", "druckt nicht", status="open") for number in range(60, 64)]
    near = thread(64, "Druckerei am Markt", "Wo ist sie?", status="solved")
    one = thread(65, "Drucker im Keller", status="solved")
    await fill(engine, [*exact, near, one])
    everything = await engine.search(Query("drucker", EVERYBODY, facets=("status",)))
    for status, count in everything.facets["status"].items():
        narrowed = await engine.search(Query("drucker", EVERYBODY, status=(status,)))  # type: ignore[arg-type]
        assert narrowed.total == count
        assert set(keys(narrowed)) <= set(keys(everything))
    assert everything.facets["status"]["open"] == 4


async def test_a_hidden_document_does_not_change_what_others_find(engine: SearchEngine) -> None:
    """The misspelt word exists in a hidden space: readers without access still get the correction."""
    await fill(engine, [INVOICE, thread(50, "Rechnnug", audience=7, space_id=7)])
    assert keys(await engine.search(Query("rechnnug", EVERYBODY))) == [INVOICE.key]

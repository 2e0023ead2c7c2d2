"""What both engines promise: order, filters, counts and pages. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

from search.index import Document, Query, SearchEngine
from tests.search.documents import EVERYBODY, THREADS, fill, keys, thread


async def test_results_can_be_sorted(engine: SearchEngine) -> None:
    await fill(engine, THREADS)
    newest = ["thread-5", "thread-3", "thread-2", "thread-1", "thread-6"]
    assert keys(await engine.search(Query("", EVERYBODY, sort="newest"))) == newest
    by_kudos = ["thread-6", "thread-1", "thread-3", "thread-2", "thread-5"]
    assert keys(await engine.search(Query("", EVERYBODY, sort="kudos"))) == by_kudos
    by_activity = ["thread-1", "thread-3", "thread-2", "thread-5", "thread-6"]
    assert keys(await engine.search(Query("", EVERYBODY))) == by_activity


async def test_words_and_sorts_go_together(engine: SearchEngine) -> None:
    await fill(engine, THREADS)
    newest = keys(await engine.search(Query("rechnung", EVERYBODY, sort="newest")))
    assert newest.index("thread-2") < newest.index("thread-6")
    by_kudos = keys(await engine.search(Query("rechnung", EVERYBODY, sort="kudos")))
    assert by_kudos.index("thread-6") < by_kudos.index("thread-2")


async def test_filters_narrow_and_combine(engine: SearchEngine) -> None:
    await fill(engine)

    async def found(text: str = "", **filters: object) -> set[str]:
        return set(keys(await engine.search(Query(text, EVERYBODY, **filters))))  # type: ignore[arg-type]

    assert await found("rechnung", status=("solved",)) == {"thread-6"}
    assert await found(status=("solved", "unanswered")) == {"thread-1", "thread-2", "thread-6"}
    assert await found(tags=("rechnung",)) == {"thread-2", "thread-3"}
    assert await found(tags=("rechnung", "api")) == {"thread-3"}
    assert await found(staff_answered=True) == {"thread-3"}
    assert "thread-3" not in await found(staff_answered=False)
    assert await found(kinds=("faq", "blog")) == {"faq-1", "blog-1"}
    assert await found(space_id=4) == {"blog-1"}
    assert await found(since=30) == {"thread-1", "thread-3"}
    assert await found("rechnung", kinds=("person",)) == set()


async def test_ideas_are_narrowed_by_the_status_that_staff_have_given(engine: SearchEngine) -> None:
    ideas = [
        Document(
            key=f"thread-{number}", kind="idea", audience=audience, title="Rechnung teilen", status=status
        )
        for number, audience, status in ((21, 0, "new"), (22, 0, "planned"), (23, 0, "done"), (24, 7, "done"))
    ]
    await fill(engine, [*THREADS, *ideas])
    found = await engine.search(Query("rechnung", EVERYBODY, kinds=("idea",), facets=("kind", "status")))
    assert set(keys(found)) == {"thread-21", "thread-22", "thread-23"}
    assert {hit.kind for hit in found.hits} == {"idea"}
    assert found.facets == {"kind": {"idea": 3}, "status": {"new": 1, "planned": 1, "done": 1}}
    done = await engine.search(Query("rechnung", EVERYBODY, kinds=("idea",), status=("done",)))
    assert keys(done) == ["thread-23"]
    open_ones = await engine.search(Query("", EVERYBODY, status=("open", "unanswered")))
    assert "thread-21" not in keys(open_ones)
    assert "thread-22" in [hit.key for hit in await engine.related("Rechnung teilen", "", EVERYBODY)]


async def test_counts_belong_to_what_was_found(engine: SearchEngine) -> None:
    await fill(engine, THREADS)
    found = await engine.search(Query("", EVERYBODY, facets=("tags", "status", "staff_answered"), limit=1))
    assert found.facets["tags"] == {"rechnung": 2, "portierung": 1, "api": 1}
    assert found.facets["status"] == {"solved": 2, "open": 2, "unanswered": 1}
    assert found.facets["staff_answered"] == {"false": 4, "true": 1}
    narrowed = await engine.search(Query("", EVERYBODY, facets=("tags",), status=("solved",)))
    assert narrowed.facets["tags"] == {"portierung": 1}


async def test_pages_cover_everything_once(engine: SearchEngine) -> None:
    await fill(engine, [thread(number, f"Router {number}", created=number) for number in range(1, 26)])
    seen: list[str] = []
    for offset in (0, 10, 20, 30):
        page = await engine.search(Query("router", EVERYBODY, limit=10, offset=offset, sort="newest"))
        assert page.total == 25
        seen += keys(page)
    assert seen == [f"thread-{number}" for number in range(25, 0, -1)]


async def test_counts_can_be_asked_without_hits(engine: SearchEngine) -> None:
    await fill(engine, THREADS)
    found = await engine.search(Query("", EVERYBODY, limit=0))
    assert (found.hits, found.total) == ((), 5)
    far = await engine.search(Query("", EVERYBODY, offset=100_000))
    assert far.hits == ()


async def test_solved_comes_first_among_equals(engine: SearchEngine) -> None:
    same = {"question": "gleicher Text", "active": 1_700_000_000}
    await fill(
        engine,
        [
            thread(10, "Backup schlägt fehl", **same),
            thread(11, "Backup schlägt fehl", status="solved", **same),
        ],
    )
    assert keys(await engine.search(Query("backup", EVERYBODY))) == ["thread-11", "thread-10"]


async def test_fresh_comes_first_among_equals(engine: SearchEngine) -> None:
    old, new = 1_500_000_000, 1_700_000_000
    await fill(engine, [thread(10, "Backup fehlt", active=old), thread(11, "Backup fehlt", active=new)])
    assert keys(await engine.search(Query("backup", EVERYBODY))) == ["thread-11", "thread-10"]


async def test_the_title_counts_more_than_the_answers(engine: SearchEngine) -> None:
    await fill(
        engine,
        [
            thread(10, "Etwas ganz anderes hier", "Frage dazu", answers="Am Ende half das Modem."),
            thread(11, "Modem blinkt etwas ganz", "Frage dazu", answers="Am Ende half nichts."),
        ],
    )
    assert keys(await engine.search(Query("modem", EVERYBODY))) == ["thread-11", "thread-10"]

"""FAQ entries stand first where they answer just what somebody is about to ask or types into the search field."""

from __future__ import annotations

from community.indexing import bring_in_line
from community.threads.marks import accept_solution
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_entry, make_thread
from tests.fixtures import Visit

TITLE = "Why does the zitherphone lose its ringtone after the update?"


async def _thread_and_entry(cast: Cast, engine: SearchEngine, question: str) -> tuple[str, str]:
    """The addresses of a solved thread with the very title, and of an entry about it."""
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    answer = await make_answer(thread, cast.helper, "Set the ringtone again in the menu.")
    await accept_solution(answer.id, by=cast.asker.id)
    entry = await make_entry(answer, question=question, answer="Choose the zitherphone ringtone once more.")
    await bring_in_line(engine, "thread", [thread.id])
    await bring_in_line(engine, "faq", [entry.id])
    await engine.flush()
    return f"/threads/{thread.id}-", f"/faq/{entry.id}-"


async def test_an_entry_that_answers_the_title_stands_above_the_nearest_thread(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread, entry = await _thread_and_entry(
        cast, search_engine, "Why has the zitherphone no ringtone after an update?"
    )
    page = (await (await visit(cast.outsider)).post("/ask/similar", data={"title": TITLE})).text
    assert 0 < page.index(f'href="{entry}') < page.index(f'href="{thread}')
    assert "Choose the zitherphone ringtone once more." in page


async def test_an_entry_about_something_near_keeps_its_place(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread, entry = await _thread_and_entry(
        cast, search_engine, "How is the kazootophone registered with a zitherphone base station?"
    )
    page = (await (await visit(cast.outsider)).post("/ask/similar", data={"title": TITLE})).text
    assert f'href="{thread}' in page
    assert entry not in page or page.index(thread) < page.index(entry)


async def test_the_search_field_shows_the_short_answer_first(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread, entry = await _thread_and_entry(
        cast, search_engine, "Why has the zitherphone no ringtone after an update?"
    )
    guest = await visit()
    asked = {"q": "zitherphone no ringtone after update"}
    found = (await guest.get("/search/suggestions", params=asked)).text
    assert found.count(entry) == 1
    assert "Choose the zitherphone ringtone once more." in found
    assert found.index("Answer from the FAQ") < found.index(entry) < found.index(thread)
    loose = (await guest.get("/search/suggestions", params={"q": "zitherphone"})).text
    assert "Answer from the FAQ" not in loose

"""What people search for is counted without who, written later, kept for a time; nothing personal gets in."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.core.errors import NotFound
from community.insights import searches
from community.insights.models import SearchTerm
from community.insights.search_terms import (
    Order,
    Selection,
    TermState,
    count_terms,
    get_term,
    list_terms,
    list_terms_with,
    reopen_term,
    settle_term,
)
from community.insights.searches import NotedSearches, day_before, forget_old_terms, term_of
from tests.cast import Cast
from tests.factories import viewer_for


async def add_term(words: str, *, days_ago: int = 0, searches: int = 1, nothing: int = 0) -> None:
    await SearchTerm.create(
        day=day_before(days_ago), language="de", words=words, search_count=searches, nothing_count=nothing
    )


async def rows() -> list[tuple[str, str, int, int]]:
    found = await fetch("SELECT * FROM search_terms ORDER BY words, language, day")
    return [(row["words"], row["language"], row["search_count"], row["nothing_count"]) for row in found]


@pytest.mark.parametrize(
    "text",
    [
        "max.mustermann@firma.example",
        "@praxis_am_park",
        "Rückruf 0171 2345678",
        "+49 228 1234567",
        "Kundennummer 4711-0815",
        "4711081512",
        "47 11 08 15 12",
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "Router an 93.184.216.34",
        "x" * 101,
        "?!",
        "a",
        "",
    ],
)
def test_what_could_be_about_a_person_is_never_kept(text: str) -> None:
    assert term_of(text) == ""
    noted = NotedSearches()
    noted.note(text, "de", found=False)
    assert noted._counts._counts == {}


@pytest.mark.parametrize(
    "text,words",
    [
        ("  Feste  IP ", "feste ip"),
        ("SIP-Trunk", "sip-trunk"),
        ("Fehler 100024", "fehler 100024"),
        ("Größe", "größe"),
        ("DSL 100", "dsl 100"),
    ],
)
def test_words_are_kept_in_small_letters_and_in_order(text: str, words: str) -> None:
    assert term_of(text) == words


@pytest.mark.each_database
async def test_searches_are_added_up_by_day_language_and_words(cast: Cast) -> None:
    noted = NotedSearches()
    noted.note("Feste IP", "de", found=True)
    noted.note("feste ip", "de", found=False)
    noted.note("feste ip", "en", found=True)
    assert await rows() == []
    for _twice in range(2):
        await noted.write()
    noted.note("FESTE IP", "de", found=False)
    await noted.write()
    assert await rows() == [("feste ip", "de", 3, 2), ("feste ip", "en", 1, 0)]


@pytest.mark.each_database
async def test_several_processes_count_together(fresh_database: str) -> None:
    script = """
        import asyncio, sys
        from community.core.db import connect, disconnect
        from community.insights.searches import NotedSearches

        async def main():
            await connect(sys.argv[1])
            noted = NotedSearches()
            for number in range(30):
                for word in ("glasfaser", "rechnung", f"wort {number}"):
                    noted.note(word, "de", found=number % 3 > 0)
                await noted.write()
            await disconnect()

        asyncio.run(main())
    """
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(script), fresh_database)
        for _ in range(3)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    counted = {words: (count, nothing) for words, _language, count, nothing in await rows()}
    assert counted["glasfaser"] == counted["rechnung"] == (90, 30)
    assert counted["wort 7"] == (3, 0)
    assert len(counted) == 32


async def test_a_robot_fills_neither_the_memory_nor_the_table(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = NotedSearches()
    for number in range(searches.MOST_WAITING + 50):
        noted.note(f"word {number}", "en", found=True)
    assert len(noted._counts._counts) == searches.MOST_WAITING
    noted.note("word 1", "en", found=True)
    assert sum(noted._counts._counts.values()) == searches.MOST_WAITING + 1
    monkeypatch.setattr(searches, "MOST_TERMS_A_DAY", 3)
    await noted.write()
    assert len(await rows()) == 3
    noted.note("word 0", "en", found=True)
    noted.note("another", "en", found=True)
    await noted.write()
    assert ("word 0", "en", 2, 0) in await rows()
    assert len(await rows()) == 3


async def test_counts_that_cannot_be_written_wait_for_the_next_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = NotedSearches()
    noted.note("feste ip", "de", found=True)

    async def away(counts: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(searches, "_add_to_table", away)
        with pytest.raises(OSError):
            await noted.write()
    noted.note("feste ip", "de", found=False)
    await noted.write()
    assert await rows() == [("feste ip", "de", 2, 1)]


async def test_counts_that_come_back_find_no_more_room_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = NotedSearches()

    async def away_while_others_search(counts: object) -> None:
        for number in range(searches.MOST_WAITING):
            noted.note(f"later {number}", "en", found=True)
        raise OSError

    monkeypatch.setattr(searches, "_add_to_table", away_while_others_search)
    for number in range(10):
        noted.note(f"earlier {number}", "en", found=True)
    with pytest.raises(OSError):
        await noted.write()
    assert len(noted._counts._counts) == searches.MOST_WAITING


@pytest.mark.each_database
async def test_old_terms_are_forgotten_and_rare_ones_earlier(cast: Cast) -> None:
    await add_term("frequent", days_ago=150, searches=2)
    await add_term("frequent", days_ago=120, searches=1)
    await add_term("rare", days_ago=120, searches=2)
    await add_term("rare but new", days_ago=10)
    await add_term("very old", days_ago=401, searches=99)
    by = await viewer_for(cast.moderator)
    for words in ("rare", "frequent"):
        await settle_term(words, TermState.IGNORED, by=by)
    await execute(
        "UPDATE search_term_decisions SET decided_at = :long_ago", {"long_ago": now() - timedelta(days=110)}
    )
    await forget_old_terms()
    assert [(words, count) for words, _language, count, _nothing in await rows()] == [
        ("frequent", 2),
        ("frequent", 1),
        ("rare but new", 1),
    ]
    left = await fetch("SELECT words FROM search_term_decisions")
    assert [row["words"] for row in left] == ["frequent"]


# --- the report -------------------------------------------------------------------------------------------


async def words_of(cast: Cast, selection: Selection, *, days: int = 30, order: Order = Order.NOTHING) -> list:
    viewer = await viewer_for(cast.moderator)
    lines = await list_terms(viewer, selection, days=days, order=order)
    assert await count_terms(viewer, selection, days=days) == len(lines)
    return [line.words for line in lines]


@pytest.mark.each_database
async def test_the_report_lists_terms_of_a_period_in_every_order(cast: Cast) -> None:
    await add_term("vvl", days_ago=2, searches=3, nothing=3)
    await add_term("vvl", days_ago=20, searches=2, nothing=1)
    await add_term("rechnung", searches=9)
    await add_term("quitten", days_ago=1, searches=1, nothing=1)
    await add_term("alt", days_ago=60, searches=1, nothing=1)
    assert await words_of(cast, Selection.NOTHING) == ["vvl", "quitten"]
    assert await words_of(cast, Selection.NOTHING, days=90) == ["vvl", "alt", "quitten"]
    assert await words_of(cast, Selection.ALL, order=Order.SEARCHES) == ["rechnung", "vvl", "quitten"]
    assert await words_of(cast, Selection.ALL, order=Order.WORDS) == ["quitten", "rechnung", "vvl"]
    assert await words_of(cast, Selection.ALL, order=Order.LAST) == ["rechnung", "quitten", "vvl"]
    viewer = await viewer_for(cast.moderator)
    (line,) = await get_term(viewer, "vvl", days=7)
    assert (line.searches, line.nothing, line.last_day) == (3, 3, day_before(2))
    second = await list_terms(viewer, Selection.ALL, days=30, order=Order.WORDS, size=1, offset=1)
    assert [line.words for line in second] == ["rechnung"]


@pytest.mark.each_database
async def test_settled_terms_leave_the_list_until_they_find_nothing_again(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    await add_term("vvl", days_ago=1, nothing=1)
    await add_term("unsinn", days_ago=1, nothing=1)
    await settle_term("vvl", TermState.DONE, by=by)
    await settle_term("unsinn", TermState.IGNORED, by=by)
    assert await words_of(cast, Selection.NOTHING) == []
    assert await words_of(cast, Selection.SETTLED, order=Order.WORDS) == ["unsinn", "vvl"]
    (line,) = await get_term(by, "vvl", days=30)
    assert (line.state, line.decided_by) == ("done", "Jana K.")
    await execute("UPDATE search_term_decisions SET decided_on = :day", {"day": day_before(1)})
    for words in ("vvl", "unsinn"):
        await add_term(words, nothing=1)
    assert await words_of(cast, Selection.NOTHING) == ["vvl"]
    await reopen_term("unsinn", by=by)
    assert await words_of(cast, Selection.NOTHING, order=Order.WORDS) == ["unsinn", "vvl"]
    with pytest.raises(NotFound):
        await settle_term("nobody searched for this", TermState.DONE, by=by)


async def test_terms_in_which_a_word_stands_are_found_and_wild_cards_are_no_wild_cards(cast: Cast) -> None:
    for words, count in (("sip-trunk kosten", 5), ("sip-trunk", 9), ("router 100%", 2), ("sip-trunk fax", 7)):
        await add_term(words, searches=count)
    assert await list_terms_with(["SIP-Trunk"]) == ["sip-trunk fax", "sip-trunk kosten"]
    assert await list_terms_with(["%"]) == ["router 100%"]
    assert await list_terms_with(["_"]) == []
    assert await list_terms_with([]) == []


async def test_the_report_is_for_those_who_write_the_faq(cast: Cast) -> None:
    for member in (None, cast.asker, cast.marketing):
        viewer = await viewer_for(member)
        with pytest.raises(NotFound):
            await list_terms(viewer, Selection.ALL, days=30, order=Order.WORDS)
        with pytest.raises(NotFound):
            await settle_term("x", TermState.DONE, by=viewer)

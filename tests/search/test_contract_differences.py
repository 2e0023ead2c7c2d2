"""Where the engines may differ, and how far. docs/search.md lists every difference that is tested here."""

from __future__ import annotations

import pytest

from search.embedded import EmbeddedEngine
from search.index import Query, SearchEngine
from tests.search.documents import EVERYBODY, fill, keys, thread


def is_embedded(engine: SearchEngine) -> bool:
    return isinstance(engine, EmbeddedEngine)


async def test_a_mistake_in_the_first_letter_counts_double_on_the_server(engine: SearchEngine) -> None:
    await fill(engine, [thread(1, "Router startet neu"), thread(2, "Etwas anderes")])
    found = keys(await engine.search(Query("eouter", EVERYBODY)))
    assert found == ["thread-1"] or (found == [] and not is_embedded(engine))


async def test_words_beyond_the_tenth_are_read_by_neither(engine: SearchEngine) -> None:
    """The server reads ten; the embedded engine reads as many, so that one query means one thing."""
    await fill(
        engine, [thread(1, "Zugvogel"), thread(2, "Eins zwei drei vier fünf sechs sieben acht neun zehn")]
    )
    text = "eins zwei drei vier fünf sechs sieben acht neun zehn zugvogel"
    assert keys(await engine.search(Query(text, EVERYBODY))) == ["thread-2"]


async def test_a_form_of_a_word_is_found_by_both_at_another_cost(engine: SearchEngine) -> None:
    """The server does not stem: forms are found by a second request, marked as read generously there alone."""
    await fill(engine, [thread(1, "Die Rechnungen der Filialen"), thread(2, "Etwas anderes")])
    found = await engine.search(Query("Filiale Rechnung", EVERYBODY))
    assert keys(found) == ["thread-1"]
    if is_embedded(engine):
        assert not found.relaxed


@pytest.mark.parametrize("count", [7, 60])
async def test_totals_are_exact_here_and_estimated_there(engine: SearchEngine, count: int) -> None:
    await fill(engine, [thread(number, "Router") for number in range(1, count + 1)])
    total = (await engine.search(Query("router", EVERYBODY, limit=5))).total
    if is_embedded(engine):
        assert total == count
    else:
        assert count / 2 <= total <= count * 2


async def test_scores_of_two_engines_are_not_compared(engine: SearchEngine) -> None:
    """BM25 sums are open upwards, the server's scores lie between 0 and 1: order alone means something."""
    await fill(engine, [thread(1, "Router Modem"), thread(2, "Router")])
    scores = [hit.score for hit in (await engine.search(Query("router modem", EVERYBODY))).hits]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)

"""Words of what a reader may not read weigh nothing: not in the order of results, not in their scores."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from search.embedded import EmbeddedEngine
from search.index import Document, Query
from tests.search.documents import EVERYBODY, thread

# None is a compound, so that each has one root.
WORDS = "router modem leitung vertrag rechnung nummer fax telefon kabel dose konto umzug"
VOCABULARY = WORDS.split()
TITLE_WORDS, TEXT_WORDS = 4, 8


def _texts(number: int) -> tuple[str, str]:
    """A title and a text, each of the same number of words, so that lengths say nothing."""
    words = list(
        itertools.islice(itertools.cycle(VOCABULARY[number % 12 :] + VOCABULARY), TITLE_WORDS + TEXT_WORDS)
    )
    step = 1 + number % 3
    words = [words[(place * step) % len(words)] for place in range(len(words))]
    return " ".join(words[:TITLE_WORDS]), " ".join(words[TITLE_WORDS:])


def _visible() -> list[Document]:
    return [
        thread(number, *_texts(number), solution=_texts(number + 5)[1], tags=("dose",), active=number)
        for number in range(1, 31)
    ]


def _hidden() -> list[Document]:
    """Threads about nothing but modems and invoices, misspelt and begun words among them."""
    title, text = (
        "modem modem rechnung modemm",
        "rechnung modem modem rechnnug modemer rechnung modem modem",
    )
    return [
        thread(number, title, text, solution=text, audience=7, space_id=7, tags=("modem",))
        for number in range(100, 140)
    ]


@pytest.mark.parametrize("typing", [False, True])
async def test_hidden_words_change_neither_order_nor_scores(typing: bool, tmp_path: Path) -> None:
    asked = [
        *(" ".join(pair) for pair in itertools.combinations(VOCABULARY[:7], 2)),
        "modem",
        "modemm",
        "rechnnug router",
        "mod",
        "vertrag rech",
        "router modem leitung vertrag rechnung kaputt",
        "modemleitung",
    ]
    answers = []
    for name, documents in (("with", [*_visible(), *_hidden()]), ("without", _visible())):
        engine = EmbeddedEngine(tmp_path / name)
        await engine.setup()
        await engine.upsert(documents)
        found = {}
        for words in asked:
            query = Query(words, EVERYBODY, typing=typing, limit=50, facets=("tags", "space_id"))
            answer = await engine.search(query)
            scores = tuple(round(hit.score, 3) for hit in answer.hits)
            keys = tuple(sorted((-round(hit.score, 3), hit.key) for hit in answer.hits))
            found[words] = (keys, scores, answer.total, answer.facets, answer.relaxed)
            similar = await engine.related(words, words, EVERYBODY, limit=50)
            found[f"similar to {words}"] = tuple(sorted((-round(hit.score, 3), hit.key) for hit in similar))
        answers.append(found)
        await engine.close()
    differing = [words for words in answers[0] if answers[0][words] != answers[1][words]]
    assert not differing


async def test_deleted_documents_leave_no_weight_behind(tmp_path: Path) -> None:
    """The engine goes on counting what was deleted until it tidies up; readers do not notice that either."""
    scores = []
    for name, hidden in (("with", _hidden()), ("without", [])):
        engine = EmbeddedEngine(tmp_path / name)
        await engine.setup()
        await engine.upsert([*_visible(), *hidden])
        await engine.delete([document.key for document in hidden[:25]])
        found = await engine.search(Query("modem vertrag", EVERYBODY, limit=50))
        scores.append([(round(hit.score, 3)) for hit in found.hits])
        await engine.close()
    assert scores[0] == scores[1]

"""What both engines promise: what is shown of a hit. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

import re

from search.index import Query, SearchEngine
from tests.search.documents import EVERYBODY, PORTING, ROUTER, fill, thread


async def test_nothing_but_marks_is_html(engine: SearchEngine) -> None:
    await fill(engine)
    hit = (await engine.search(Query("router nacht", EVERYBODY))).hits[0]
    assert hit.title_html == "<mark>Router</mark> startet &lt;b&gt;neu&lt;/b&gt; &amp; verliert SIP"
    assert "&lt;script&gt;" in hit.passage_html
    assert "<mark>Nacht</mark>" in hit.passage_html
    for text in (hit.title_html, hit.passage_html):
        assert "<" not in re.sub(r"</?mark>", "", text)


async def test_a_document_cannot_forge_marks(engine: SearchEngine) -> None:
    await fill(engine, [thread(1, "Faxgerät \ue000falsch\ue001 verbunden", "<mark>falsch</mark>")])
    hit = (await engine.search(Query("faxgerät", EVERYBODY))).hits[0]
    assert hit.title_html.count("<mark>") == 1
    assert "<mark>" not in hit.passage_html


async def test_the_passage_is_from_the_solution_where_it_matches(engine: SearchEngine) -> None:
    await fill(engine)
    hit = (await engine.search(Query("Werktag", EVERYBODY))).hits[0]
    assert (hit.key, hit.passage_from) == (PORTING.key, "solution")
    assert "<mark>Werktag</mark>" in hit.passage_html


async def test_the_passage_is_from_where_the_words_are(engine: SearchEngine) -> None:
    await fill(engine)
    hit = (await engine.search(Query("gedauert", EVERYBODY))).hits[0]
    assert (hit.key, hit.passage_from) == (PORTING.key, "answers")
    hit = (await engine.search(Query("Router", EVERYBODY))).hits[0]
    assert (hit.key, hit.passage_from) == (ROUTER.key, "question")


async def test_a_long_text_is_cut_around_the_words(engine: SearchEngine) -> None:
    filling = "Davon handelt dieser lange Absatz nicht. " * 60
    await fill(engine, [thread(1, "Lang", f"{filling} Der Faxserver steht still. {filling}")])
    passage = (await engine.search(Query("Faxserver", EVERYBODY))).hits[0].passage_html
    assert "<mark>Faxserver</mark>" in passage
    assert len(passage) < 500
    assert passage.startswith("…")
    assert passage.endswith("…")

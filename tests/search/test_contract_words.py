"""What both engines promise: how words are found. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

import time

import pytest

from search.index import Query, SearchEngine
from tests.search.documents import EVERYBODY, INVOICE, THREADS, fill, keys, thread


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("rechnung herunterladen", "thread-2"),
        ("rechnungen", "thread-2"),
        ("straßen", "thread-2"),
        ("invoice", "thread-3"),
        ("downloading invoices", "thread-3"),
        ("installed", "thread-3"),
    ],
)
async def test_words_are_found_in_other_inflections(engine: SearchEngine, text: str, key: str) -> None:
    await fill(engine)
    assert key in keys(await engine.search(Query(text, EVERYBODY, language="en")))[:3]


@pytest.mark.parametrize("spelling", ["Müller", "Mueller", "Muller", "MÜLLER", "mu\u0308ller"])
@pytest.mark.parametrize("written", ["Müller", "Mueller", "MUELLER"])
async def test_umlauts_are_found_in_every_spelling(engine: SearchEngine, written: str, spelling: str) -> None:
    await fill(engine, [thread(1, f"Ansprechpartner {written} fehlt"), thread(2, "Etwas anderes")])
    assert keys(await engine.search(Query(spelling, EVERYBODY))) == ["thread-1"]


@pytest.mark.parametrize("spelling", ["Straße", "Strasse", "STRASSE", "STRAẞE", "strasse"])
@pytest.mark.parametrize("written", ["Straße", "Strasse", "STRASSE"])
async def test_sharp_s_is_found_in_every_spelling(engine: SearchEngine, written: str, spelling: str) -> None:
    await fill(engine, [thread(1, f"{written} in der Adresse"), thread(2, "Etwas anderes")])
    assert keys(await engine.search(Query(spelling, EVERYBODY))) == ["thread-1"]


@pytest.mark.parametrize(
    ("text", "key"), [("rotuer", "thread-5"), ("rufnumernmitnahme", "thread-1"), ("kundenpotral", "thread-2")]
)
async def test_a_mistyped_word_is_found(engine: SearchEngine, text: str, key: str) -> None:
    await fill(engine, THREADS)
    assert key in keys(await engine.search(Query(text, EVERYBODY)))[:3]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("nummer mitnahme", "thread-1"),
        ("Rufnummernmitnahme", "thread-1"),
        ("rufnummern", "thread-1"),
        ("mitnahme", "thread-1"),
    ],
)
async def test_parts_of_compounds_are_found(engine: SearchEngine, text: str, key: str) -> None:
    await fill(engine)
    assert key in keys(await engine.search(Query(text, EVERYBODY)))[:3]


async def test_parts_of_compounds_are_found_in_titles_alone(engine: SearchEngine) -> None:
    await fill(engine, [thread(1, "Rufnummernmitnahme zum neuen Vertrag"), thread(2, "Etwas anderes")])
    found = await engine.search(Query("nummer mitnahme", EVERYBODY))
    assert keys(found) == ["thread-1"]
    assert "<mark>Rufnummernmitnahme</mark>" in found.hits[0].title_html


@pytest.mark.parametrize(
    ("text", "key"),
    [("bill", "thread-2"), ("nummer mitnehmen", "thread-1"), ("rufnummernportierung", "thread-1")],
)
async def test_synonyms_are_found(engine: SearchEngine, text: str, key: str) -> None:
    await fill(engine)
    assert key in keys(await engine.search(Query(text, EVERYBODY)))


async def test_the_last_word_may_be_a_beginning_while_typing(engine: SearchEngine) -> None:
    await fill(engine)
    found = await engine.search(Query("rufnu", EVERYBODY, typing=True))
    assert keys(found)[:1] == ["thread-1"]
    assert "<mark>Ruf" in found.hits[0].title_html
    assert keys(await engine.search(Query("rechnung heru", EVERYBODY, typing=True)))[:1] == ["thread-2"]


async def test_search_as_you_type_finds_every_kind(engine: SearchEngine) -> None:
    await fill(engine)
    found = await engine.instant("netz", frozenset({0, 9}))
    assert {hit.kind for hit in found.hits} == {"person", "group", "blog"}
    assert keys(await engine.instant("bankv", EVERYBODY)) == ["faq-1"]
    assert len((await engine.instant("r", EVERYBODY, limit=2)).hits) == 2
    assert (await engine.instant("  ", EVERYBODY)).hits == ()


async def test_too_many_words_still_find_the_nearest_document(engine: SearchEngine) -> None:
    await fill(engine)
    text = "Kann mir jemand sagen, wo ich die Rechnung vom letzten Monat herunterladen kann?"
    found = await engine.search(Query(text, EVERYBODY))
    assert "thread-2" in keys(found)
    assert found.relaxed


async def test_text_without_words_finds_nothing(engine: SearchEngine) -> None:
    await fill(engine)
    assert (await engine.search(Query("?! 🙂", EVERYBODY))).total == 0


# German as it is typed


NUMBERS = [
    thread(1, "Rufnummernmitnahme zum neuen Anbieter", "Wie lange dauert das?"),
    thread(2, "Nummer mitnehmen", "Wir wechseln im Mai."),
    thread(3, "Etwas anderes", "Darum geht es hier nicht."),
]


@pytest.mark.parametrize(
    "text",
    [
        "Nummernmitnahme",
        "nummernmitnahme",
        "nummer mitnehmen",
        "nummern mitnahme",
        "Mitnahme der Nummer",
        "nummermitnahme",
    ],
)
async def test_a_compound_and_its_words_find_each_other(engine: SearchEngine, text: str) -> None:
    await fill(engine, NUMBERS)
    assert set(keys(await engine.search(Query(text, EVERYBODY)))) == {"thread-1", "thread-2"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("adresse ändern", "Änderung der Adresse"),
        ("kündigen", "Kündigung zum Jahresende"),
        ("umziehen", "Umzug nach Kassel"),
        ("wie portiere ich", "Portierung beantragt"),
        ("abgebrochen", "Abbruch beim Hochladen"),
        ("anbieten", "Angebot für Filialen"),
        ("weiterleiten", "Weiterleitung einschalten"),
    ],
)
async def test_verbs_and_their_nouns_find_each_other(engine: SearchEngine, text: str, title: str) -> None:
    await fill(engine, [thread(1, title), thread(2, "Ganz ein anderes Thema")])
    assert keys(await engine.search(Query(text, EVERYBODY)))[:1] == ["thread-1"]


@pytest.mark.parametrize(
    "text",
    [
        "rechnug runterladen",
        "rechnunge herunterladen",
        "rechnung herunter laden",
        "rechnungherunterladen",
        "RECHNUNG HERUNTERLADEN!!!",
        "hallo wie kan ich die rechnung runter laden bitte",
        "wo gibts die rechnung als pdf",
    ],
)
async def test_german_from_a_phone_finds_it(engine: SearchEngine, text: str) -> None:
    await fill(engine, [INVOICE, thread(7, "Telefonanlage klingelt nicht", "Seit gestern bleibt sie stumm.")])
    assert keys(await engine.search(Query(text, EVERYBODY)))[:1] == [INVOICE.key]


@pytest.mark.parametrize("text", ["glas faser", "glasfaser", "Glas-Faser", "glasfasser"])
async def test_words_written_apart_find_one_word(engine: SearchEngine, text: str) -> None:
    await fill(engine, [thread(1, "Glasfaser im Neubau"), thread(2, "Etwas anderes")])
    assert keys(await engine.search(Query(text, EVERYBODY)))[:1] == ["thread-1"]


# Which words count


async def test_all_words_come_before_some_of_them(engine: SearchEngine) -> None:
    await fill(
        engine,
        [
            thread(1, "Router startet neu"),
            thread(2, "Firmware für den Router"),
            thread(3, "Router startet nach Firmware neu"),
        ],
    )
    assert keys(await engine.search(Query("router firmware startet", EVERYBODY)))[0] == "thread-3"


async def test_small_words_change_nothing(engine: SearchEngine) -> None:
    await fill(engine)
    plain = keys(await engine.search(Query("rechnung herunterladen", EVERYBODY)))
    worded = keys(await engine.search(Query("wie kann ich die rechnung herunterladen", EVERYBODY)))
    assert worded[0] == plain[0] == "thread-2"


@pytest.mark.parametrize("text", ["quastenflosser", "quastenflosser xylophonist", "zzzzzz", "4711-0815-XYZ"])
async def test_unknown_words_find_nothing(engine: SearchEngine, text: str) -> None:
    await fill(engine)
    found = await engine.search(Query(text, EVERYBODY, facets=("tags",)))
    assert (found.hits, found.total) == ((), 0)
    assert not any(found.facets.values())


async def test_an_unknown_word_beside_known_ones_hides_nothing(engine: SearchEngine) -> None:
    await fill(engine)
    assert (
        keys(await engine.search(Query("rechnung herunterladen quastenflosser", EVERYBODY)))[0] == "thread-2"
    )


@pytest.mark.parametrize(
    "text", ["rechnung " * 1_111, "rechnung herunterladen " + "x" * 10_000, "r" * 10_000]
)
async def test_ten_thousand_characters_are_answered_quickly(engine: SearchEngine, text: str) -> None:
    await fill(engine)
    began = time.perf_counter()
    found = await engine.search(Query(text, EVERYBODY))
    await engine.related(text, text, EVERYBODY)
    await engine.instant(text, EVERYBODY)
    assert time.perf_counter() - began < 5
    assert "thread-2" in keys(found) or text.startswith("rr")

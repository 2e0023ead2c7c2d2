"""What both engines promise. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

import asyncio
import re

import pytest

from search.index import Document, Query, SearchEngine
from tests.search.documents import (
    ALL,
    CHECKED,
    EVERYBODY,
    INVOICE,
    MEMBERS_OF_7,
    PORTING,
    ROUTER,
    SECRET,
    THREADS,
    fill,
    keys,
    thread,
)

HOSTILE = [
    '"',
    '"rechnung',
    "(",
    ") AND (",
    "title:x",
    "audience:7 rechnung",
    "audience = 7 OR rechnung",
    "rechnung -kundenportal",
    "*",
    "a" * 10_000,
    "wort " * 2_000,
    "🙂",
    "Rechnung 🙂",
    "[a TO z]",
    "-",
    "rech\x00nung",
    "\x1b[31m\x07",
    "\ud800",
    "\ue000rechnung\ue001",
    "' OR 1=1 --",
    "\u202erechnung",
    " " * 50,
    "und der die",
    "the of and",
    "\\",
    "{{7*7}}",
]


# Access


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


# Words


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


# What is shown


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


# Hostile input


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_text_breaks_a_search_or_opens_a_space(engine: SearchEngine, text: str) -> None:
    await fill(engine)
    for typing in (False, True):
        found = await engine.search(Query(text, EVERYBODY, typing=typing))
        assert SECRET.key not in keys(found)
    assert SECRET.key not in keys(await engine.instant(text, EVERYBODY))
    assert SECRET.key not in [hit.key for hit in await engine.related(text, text, EVERYBODY)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_text_breaks_a_document(engine: SearchEngine, text: str) -> None:
    odd = Document(
        key="thread-9",
        kind="thread",
        audience=0,
        lang="xx",
        title=f"{text} Ankerwort",
        question=text,
        solution=text,
        answers=text,
        tags=(text, "tag"),
        kudos=-3,
        created=-1,
        active=-1,
    )
    await fill(engine, [odd])
    shown = await engine.search(Query("", EVERYBODY, tags=("tag",)))
    assert keys(shown) == ["thread-9"]
    assert "<" not in re.sub(r"</?mark>", "", shown.hits[0].title_html + shown.hits[0].passage_html)


async def test_a_tag_with_odd_characters_can_be_filtered(engine: SearchEngine) -> None:
    tag = "a\"b' OR \\ (c)"
    await fill(engine, [thread(1, "Eins", tags=(tag,)), thread(2, "Zwei", tags=("anders",))])
    assert keys(await engine.search(Query("", EVERYBODY, tags=(tag,)))) == ["thread-1"]


# Order, filters, counts, pages


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


# Changes


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


# Related


async def test_related_documents_are_about_the_same(engine: SearchEngine) -> None:
    await fill(engine)
    hits = await engine.related(
        "Wo finde ich meine Rechnung als PDF?", "Ich suche im Kundenportal", EVERYBODY
    )
    assert hits[0].key in {"thread-2", "thread-6"}
    assert {hit.kind for hit in hits} <= {"thread", "faq"}


async def test_a_document_is_not_related_to_itself(engine: SearchEngine) -> None:
    await fill(engine)
    hits = await engine.related(INVOICE.title, INVOICE.question, EVERYBODY, exclude=INVOICE.key)
    assert INVOICE.key not in [hit.key for hit in hits]
    assert CHECKED.key in [hit.key for hit in hits]


async def test_related_documents_are_limited_in_number_and_kind(engine: SearchEngine) -> None:
    await fill(engine)
    assert len(await engine.related("Rechnung", "", EVERYBODY, limit=1)) == 1
    assert await engine.related("Rechnung", "", EVERYBODY, kinds=("blog",)) == ()
    assert await engine.related("", "", EVERYBODY) == ()


# Rebuilding


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

"""Words and meaning together in the embedded engine: found in other words, rights, counts, time, changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from search.embedded import EmbeddedEngine
from search.embedders import Embedder
from search.index import Document, Query, SearchEngine
from search.meaning import MOST_ADDED, fused, with_vectors, words_weight
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.search.documents import EVERYBODY, MEMBERS_OF_7, thread

__all__ = ["embedding_server"]

PORTING = thread(
    1, "Portierung zum neuen Vertrag", "Wie lange dauert es?", tags=("vertrag",), status="solved"
)
INVOICE = thread(2, "Abrechnung herunterladen", "Wo liegt das Dokument?")
SECRET = thread(3, "Durchwahl im Projekt Zugvogel", "Vertraulich", audience=7, space_id=7, tags=("zugvogel",))
PERSON = Document("person-5", "person", 0, title="telefonnummer")
DOCUMENTS = (PORTING, INVOICE, SECRET, PERSON)
ASKED = "Wie behalte ich meine alte Telefonnummer"


@pytest.fixture
def embedder(embedding_server: EmbeddingServer) -> Embedder:
    return embedding_server.embedder()


@pytest.fixture
async def engine(tmp_path: Path, embedder: Embedder) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path / "index", embedder=embedder)
    await engine.setup()
    yield engine
    await engine.close()


async def fill(engine: SearchEngine, documents: Sequence[Document] = DOCUMENTS) -> None:
    assert engine.embedder is not None
    await engine.upsert(await asyncio.to_thread(with_vectors, engine.embedder, documents))


async def keys(
    engine: SearchEngine, text: str, audiences: frozenset[int] = EVERYBODY, **fields: object
) -> list[str]:
    found = await engine.search(Query(text, audiences, kinds=("thread",), **fields))  # type: ignore[arg-type]
    assert found.total == len(found.hits)
    return [hit.key for hit in found.hits]


async def test_a_question_in_other_words_finds_what_is_meant(engine: EmbeddedEngine) -> None:
    await fill(engine)
    assert await keys(engine, ASKED) == ["thread-1"]
    similar = await engine.related(ASKED, "Ohne ein gemeinsames Wort.", EVERYBODY)
    assert [hit.key for hit in similar] == ["thread-1"]


async def test_without_an_embedder_words_alone_count(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "words")
    await engine.setup()
    await engine.upsert(DOCUMENTS)
    assert await keys(engine, ASKED) == []
    assert await keys(engine, "Abrechnung") == ["thread-2"]
    await engine.close()


async def test_what_one_may_not_read_is_neither_found_nor_counted(engine: EmbeddedEngine) -> None:
    await fill(engine)
    guest = await engine.search(Query(ASKED, EVERYBODY, facets=("space_id", "tags", "status")))
    assert {hit.key for hit in guest.hits} == {"thread-1", "person-5"}
    assert "7" not in guest.facets["space_id"]
    assert "zugvogel" not in guest.facets["tags"]
    member = await engine.search(Query(ASKED, MEMBERS_OF_7, kinds=("thread",), facets=("space_id", "tags")))
    assert {hit.key for hit in member.hits} == {"thread-1", "thread-3"}
    assert (member.total, member.facets["space_id"], member.facets["tags"]) == (
        2,
        {"3": 1, "7": 1},
        {"vertrag": 1, "zugvogel": 1},
    )
    assert [hit.key for hit in await engine.related(ASKED, "", EVERYBODY)] == ["thread-1"]
    assert await keys(engine, ASKED, frozenset()) == []


async def test_a_thread_that_moved_is_hidden_although_its_vector_says_otherwise(
    engine: EmbeddedEngine,
) -> None:
    """The index decides: the file of vectors may be behind it for a moment."""
    await fill(engine)
    file = next((engine._generations.root).glob("*/vectors"))
    before = file.read_bytes()
    moved = thread(1, PORTING.title, PORTING.question, audience=7, space_id=7)
    await fill(engine, [moved])
    file.write_bytes(before)
    engine._vectors.refresh(Path())
    engine._searcher(refresh=True)
    assert await keys(engine, ASKED) == []
    assert await engine.related(ASKED, "", EVERYBODY) == ()


async def test_filters_leave_out_and_never_add(engine: EmbeddedEngine) -> None:
    await fill(engine)
    assert await keys(engine, ASKED, MEMBERS_OF_7, space_id=7) == ["thread-3"]
    assert await keys(engine, ASKED, MEMBERS_OF_7, status=("solved",)) == ["thread-1"]
    assert await keys(engine, ASKED, MEMBERS_OF_7, tags=("none",)) == []
    by_date = await engine.search(Query(ASKED, MEMBERS_OF_7, kinds=("thread",), sort="newest"))
    assert by_date.total == 2


async def test_pages_hold_every_hit_once(engine: EmbeddedEngine) -> None:
    many = [thread(100 + n, f"Rechnung vom Drucker {n}", "Drucker " * (n % 7)) for n in range(130)]
    near = [thread(300 + n, f"Beleg {n}") for n in range(MOST_ADDED + 10)]
    await fill(engine, [*many, *near])
    seen: list[str] = []
    totals = set()
    for offset in range(0, 200, 20):
        page = await engine.search(Query("Rechnung", EVERYBODY, offset=offset, limit=20))
        seen += [hit.key for hit in page.hits]
        totals.add(page.total)
    assert totals == {len(seen)}
    assert len(set(seen)) == len(seen) == len(many) + MOST_ADDED
    assert {one.key for one in many} < set(seen)


async def test_names_and_numbers_are_found_by_their_letters(engine: EmbeddedEngine) -> None:
    await fill(
        engine, [*DOCUMENTS, thread(9, "Fehler E4711 am Drucker"), thread(10, "Fehler E4712 am Drucker")]
    )
    assert (await keys(engine, "E4712 drucken"))[0] == "thread-10"
    assert (await keys(engine, "E4711"))[0] == "thread-9"


@pytest.mark.parametrize(
    ("text", "leans_on_words"),
    [("Rechnung", True), ("FritzBox 7590", True), ("wie geht das mit E4711", True), (ASKED, False)],
)
def test_keywords_lean_on_words_and_sentences_on_meaning(text: str, leans_on_words: bool) -> None:
    assert (words_weight(text) > words_weight(ASKED)) is leans_on_words


async def test_typing_waits_for_no_vector(engine: EmbeddedEngine, embedding_server: EmbeddingServer) -> None:
    await fill(engine)
    await engine.instant(ASKED, EVERYBODY)
    await engine.search(Query(ASKED, EVERYBODY, typing=True))
    assert ASKED not in embedding_server.texts


async def test_one_question_is_sent_to_the_embedder_once(
    engine: EmbeddedEngine, embedding_server: EmbeddingServer
) -> None:
    await fill(engine)
    for _ in range(3):
        assert await keys(engine, ASKED) == ["thread-1"]
    assert embedding_server.texts.count(ASKED) == 1


async def test_a_slow_embedder_is_left_out_in_time_and_at_once_afterwards(
    engine: EmbeddedEngine, embedding_server: EmbeddingServer
) -> None:
    await fill(engine)
    assert await keys(engine, ASKED) == ["thread-1"]
    engine.embedder.query_seconds, embedding_server.seconds = 0.1, 1.5  # type: ignore[union-attr]
    began = time.monotonic()
    assert await keys(engine, "Abrechnung und Telefonnummer bitte finden") == ["thread-2"]
    waited = time.monotonic()
    assert waited - began < 1.4
    asked = len(embedding_server.requests)
    assert await keys(engine, "Abrechnung anders gesucht bitte") == ["thread-2"]
    assert len(embedding_server.requests) == asked
    # What is known already needs nobody, and once it has caught up it is asked again.
    assert await keys(engine, ASKED) == ["thread-1"]
    embedding_server.seconds = 0.0
    await asyncio.sleep(2)
    engine.embedder.query_seconds = 20  # type: ignore[union-attr]
    assert await keys(engine, "Wo ist die Durchwahl jetzt hin") == ["thread-1"]


async def test_while_the_embedder_fails_words_find(
    engine: EmbeddedEngine, embedding_server: EmbeddingServer
) -> None:
    await fill(engine)
    embedding_server.status = 500
    assert await keys(engine, "Abrechnung") == ["thread-2"]
    asked = len(embedding_server.requests)
    assert await keys(engine, "Portierung bitte") == ["thread-1"]
    assert len(embedding_server.requests) == asked


async def test_a_deleted_document_leaves_no_vector(engine: EmbeddedEngine) -> None:
    await fill(engine)
    file = next((engine._generations.root).glob("*/vectors"))
    vector = (await asyncio.to_thread(with_vectors, engine.embedder, [PORTING]))[0].vector  # type: ignore[arg-type]
    assert vector[4:] in file.read_bytes()
    await engine.delete(["thread-1"])
    assert vector[4:] not in file.read_bytes()
    assert await keys(engine, ASKED) == []


async def test_a_rebuilt_index_has_the_vectors_it_was_given(engine: EmbeddedEngine) -> None:
    await fill(engine)
    async with engine.rebuild() as new:
        await fill(new)
        await engine.delete(["thread-2"])
    assert await keys(engine, ASKED) == ["thread-1"]
    assert await keys(engine, "Wo ist mein Beleg bitte") == []


async def test_another_embedder_needs_a_new_index_beside_which_words_find(
    tmp_path: Path, embedding_server: EmbeddingServer
) -> None:
    root = tmp_path / "index"
    for name, needs in (
        (None, True),
        ("small", True),
        ("small", False),
        ("large", True),
        (None, True),
        (None, False),
    ):
        embedder = embedding_server.embedder(model=name) if name else None
        engine = EmbeddedEngine(root, embedder=embedder)
        assert await engine.setup() is needs
        if needs and (await engine.health()).documents:
            assert await keys(engine, "Abrechnung") == ["thread-2"]
            # What is written meanwhile brings no vectors of one embedder into the index of another.
            await engine.upsert([INVOICE])
        if needs:
            async with engine.rebuild() as new:
                await (fill(new) if embedder else new.upsert(DOCUMENTS))
        assert await keys(engine, ASKED) == (["thread-1"] if name else [])
        await engine.close()


async def test_another_process_sees_new_vectors(engine: EmbeddedEngine, embedder: Embedder) -> None:
    await fill(engine, [INVOICE])
    reader = EmbeddedEngine(engine._generations.root, embedder=embedder)
    assert await keys(reader, ASKED) == []
    await fill(engine, [PORTING])
    await asyncio.sleep(0.6)
    assert await keys(reader, ASKED) == ["thread-1"]
    await reader.close()


def test_a_document_without_a_vector_is_ranked_by_its_words() -> None:
    from search.meaning import QueryMeaning, Scale

    asked = QueryMeaning(None, Scale(0.0, 1.0))  # type: ignore[arg-type]
    order = fused({"new": 3.0, "far": 1.0}, {"near": 0.9, "far": 0.1}, asked, 0.2)
    assert [key for key, _ in order] == ["near", "new", "far"]

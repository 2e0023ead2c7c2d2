"""Meaning on the search server: what is sent for it and how both answers become one. Against the same server on
loopback as the other requests, with vectors from the one that embeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from search.configuration import format_fingerprint
from search.index import Query
from search.meaning import with_vectors
from search.meilisearch import MeilisearchEngine
from tests.embedding_server import DIMENSIONS, EmbeddingServer, embedding_server
from tests.search.documents import EVERYBODY, PERSON, thread
from tests.search.test_meilisearch_requests import KEY, Peer, peer

__all__ = ["embedding_server", "peer"]

PORTING = thread(1, "Portierung zum neuen Vertrag")
ASKED = "Wie behalte ich meine alte Telefonnummer"


@pytest.fixture
async def engine(peer: Peer, embedding_server: EmbeddingServer) -> AsyncIterator[MeilisearchEngine]:
    engine = MeilisearchEngine(peer.url, KEY, embedder=embedding_server.embedder())
    await engine.setup()
    peer.requests.clear()
    yield engine
    await engine.close()


def hits(*found: tuple[str, float], **fields: Any) -> dict[str, Any]:
    """An answer; the score of the server runs from 0 to 1, where 1 is the very same vector."""
    rows = [
        {
            "key": key,
            "kind": "thread",
            "space_id": "3",
            "_rankingScore": score,
            "title_de": f"Titel {key}",
            **fields,
        }
        for key, score in found
    ]
    return {"hits": rows, "estimatedTotalHits": len(rows)}


def asked_at_once(peer: Peer) -> list[list[dict[str, Any]]]:
    return [body["queries"] for body in peer.sent("POST", "/multi-search")]


def sent_documents(peer: Peer, index: str = "content") -> list[dict[str, Any]]:
    """Of the first batch."""
    return next(
        body
        for method, path, body, _ in peer.requests
        if path.startswith(f"/indexes/{index}/documents?") and method == "POST"
    )


async def test_a_new_index_takes_vectors_of_the_embedders_length(
    peer: Peer, embedding_server: EmbeddingServer
) -> None:
    engine = MeilisearchEngine(peer.url, KEY, embedder=embedding_server.embedder())
    assert await engine.setup()
    settings = peer.sent("PATCH", "/indexes/content/settings")
    assert settings[-1] == {"embedders": {"own": {"source": "userProvided", "dimensions": DIMENSIONS}}}
    await engine.close()


async def test_documents_carry_their_vector_or_say_that_they_have_none(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    assert engine.embedder is not None
    await engine.upsert([*with_vectors(engine.embedder, [PORTING]), thread(2, "Noch keiner"), PERSON])
    rows = sent_documents(peer)
    vectors = {row["key"]: row["_vectors"]["own"] for row in rows}
    assert len(vectors["thread-1"]) == DIMENSIONS
    assert vectors["thread-1"][0] == pytest.approx(1, abs=0.05)
    assert vectors["thread-2"] is None
    assert vectors[PERSON.key] is None
    assert {row["format"] for row in rows} == {f"{format_fingerprint()}-{engine.embedder.fingerprint}"}


async def test_an_index_with_documents_gets_vectors_by_being_built_anew(
    peer: Peer, embedding_server: EmbeddingServer
) -> None:
    words = MeilisearchEngine(peer.url, KEY)
    await words.setup()
    await words.upsert([PORTING])
    peer.requests.clear()
    engine = MeilisearchEngine(peer.url, KEY, embedder=embedding_server.embedder())
    peer.answers = [hits(("thread-1", 1))]
    assert await engine.setup()
    assert peer.sent("PATCH", "/indexes/content/settings") == []
    [other] = peer.sent("POST", "/indexes/content/search")
    assert engine.embedder is not None
    assert other["filter"] == [f'format != "{format_fingerprint()}-{engine.embedder.fingerprint}"']
    # Until then its documents go without vectors, which it would not take.
    await engine.upsert(with_vectors(engine.embedder, [PORTING]))
    assert "_vectors" not in sent_documents(peer)[0]
    async with engine.rebuild() as new:
        await new.upsert(with_vectors(engine.embedder, [PORTING]))
    assert sent_documents(peer, new._uid)[0]["_vectors"]["own"]
    await words.close()
    await engine.close()


async def test_without_an_embedder_an_index_forgets_that_it_had_one(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    words = MeilisearchEngine(peer.url, KEY)
    await words.setup()
    assert len(peer.sent("DELETE", "/indexes/content/settings/embedders")) == 1
    await words.upsert([PORTING])
    assert "_vectors" not in sent_documents(peer)[0]
    await words.close()


async def test_while_the_embedder_is_away_the_index_is_set_up_for_words_and_not_built_again_and_again(
    peer: Peer, embedding_server: EmbeddingServer
) -> None:
    embedding_server.status = 503
    engine = MeilisearchEngine(peer.url, KEY, embedder=embedding_server.embedder())
    assert await engine.setup()
    await engine.upsert([PORTING])
    assert "_vectors" not in sent_documents(peer)[0]
    peer.requests.clear()
    assert not await engine.check()
    [other] = peer.sent("POST", "/indexes/content/search")
    assert len(other["filter"]) == 2
    await engine.close()


async def test_a_search_asks_for_what_is_near_and_puts_both_into_one_order(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    words = [("thread-1", 0.9), ("thread-2", 0.8), ("thread-3", 0.7)]
    found = {**hits(*words), "facetDistribution": {"space_id": {"3": 3}, "tags": {"a": 1}}}
    near = hits(("thread-9", 0.99), ("thread-2", 0.98), ("thread-1", 0.5))
    row = {"key": "thread-9", "space_id": "4", "tags": ["a", "b"]}
    peer.answers = [
        found,
        hits(*words),
        near,
        {"hits": [row, {"key": "thread-2", "space_id": "3", "tags": []}]},
        hits(("thread-2", 0.8)),
        hits(*words),
        hits(("thread-9", 0), *words),
    ]
    query = Query(ASKED, EVERYBODY, status=("solved",), facets=("space_id", "tags"))
    answer = await engine.search(query)
    assert [hit.key for hit in answer.hits][:2] == ["thread-9", "thread-2"] or [
        hit.key for hit in answer.hits
    ][:2] == ["thread-2", "thread-9"]
    assert answer.total == 4
    assert answer.facets == {"space_id": {"3": 3, "4": 1}, "tags": {"a": 2, "b": 1}}
    first, second, third = asked_at_once(peer)
    keys_only, nearest = first
    assert (keys_only["attributesToRetrieve"], keys_only["limit"]) == (["key"], 100)
    assert nearest["hybrid"] == {"embedder": "own", "semanticRatio": 1.0}
    assert len(nearest["vector"]) == DIMENSIONS
    assert nearest["showRankingScore"] is True
    # What is near is decided by access alone; the filters then leave out.
    assert nearest["filter"] == ['audience IN ["0"]']
    for request in (*second, *third):
        assert request["filter"][:2] == ['audience IN ["0"]', 'status IN ["solved"]']
        assert request["filter"][2].startswith("key IN [")


async def test_pages_behind_the_head_go_on_with_the_words(peer: Peer, engine: MeilisearchEngine) -> None:
    words = [(f"thread-{n}", 0.9 - n / 1_000) for n in range(100)]
    found = {**hits(*words[:3]), "estimatedTotalHits": 250}
    peer.answers = [found, hits(*words), hits(("thread-1", 0.5)), hits(("thread-120", 0.4))]
    answer = await engine.search(Query(ASKED, EVERYBODY, offset=120, limit=20))
    assert [hit.key for hit in answer.hits] == ["thread-120"]
    [[*_], [rest]] = asked_at_once(peer)
    assert (rest["offset"], rest["limit"]) == (20, 20)
    assert rest["filter"][1].startswith("NOT key IN [")
    assert answer.total == 250


async def test_related_threads_are_near_or_share_words(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.answers = [
        hits(("thread-5", 0.4)),
        hits(("thread-9", 0.99), ("thread-8", 0.5)),
        hits(("thread-5", 0.4)),
        hits(("thread-9", 0), ("thread-5", 0)),
    ]
    found = await engine.related(ASKED, "", EVERYBODY)
    assert [hit.key for hit in found] == ["thread-9", "thread-5"]
    [[words, nearest], [marked, whole]] = asked_at_once(peer)
    assert words["rankingScoreThreshold"] > 0
    assert "rankingScoreThreshold" not in marked
    for request in (words, nearest, marked, whole):
        assert request["filter"][0] == 'audience IN ["0"]'
    assert nearest["filter"][1] == 'kind IN ["thread", "idea", "faq"]'


async def test_a_thread_of_ours_is_compared_by_its_own_vector(
    peer: Peer, engine: MeilisearchEngine, embedding_server: EmbeddingServer
) -> None:
    await engine.related("Titel", "Text", EVERYBODY, exclude="thread-7")
    asked = [path for method, path, _, _ in peer.requests if method == "GET"]
    assert any("/documents/thread-7" in path and "retrieveVectors=true" in path for path in asked)
    assert "Titel Text" not in embedding_server.texts


async def test_an_index_without_vectors_is_searched_by_words(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.refused_multi = True
    peer.answers = [hits(("thread-1", 0.9), ("thread-2", 0.9), ("thread-3", 0.9))]
    assert (await engine.search(Query(ASKED, EVERYBODY))).total == 3
    asked = len(peer.requests)
    peer.answers = [hits(("thread-1", 0.9), ("thread-2", 0.9), ("thread-3", 0.9))]
    assert (await engine.search(Query(ASKED, EVERYBODY))).total == 3
    assert len(peer.requests) == asked + 1


async def test_typing_and_dates_ask_for_no_vector(
    peer: Peer, engine: MeilisearchEngine, embedding_server: EmbeddingServer
) -> None:
    asked = len(embedding_server.requests)
    await engine.instant(ASKED, EVERYBODY)
    await engine.search(Query(ASKED, EVERYBODY, sort="newest"))
    assert len(embedding_server.requests) == asked

"""What the adapter sends and how it reads answers, against a server on loopback that speaks the documented protocol.

Asynchronous writes answer 202 with a `taskUid`; the task is asked for until it has succeeded or failed.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from search.configuration import Configuration, format_fingerprint, load_configuration, server_settings
from search.index import IndexUnreadable, Query, SearchDown, WriteRefused
from search.meilisearch import MeilisearchEngine
from tests.search.documents import ENGLISH, EVERYBODY, MEMBERS_OF_7, PERSON, PORTING

KEY = "a-key"
A, Z = "\ue000", "\ue001"


@dataclass
class Peer:
    """A server that keeps indexes by name, runs tasks at once and answers searches with what it was given."""

    url: str = ""
    requests: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)
    indexes: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    failing_tasks: dict[str, str] = field(default_factory=dict)  # type of task: message
    status: int = 0  # answer everything with this
    polls_before_done: int = 1
    refused_multi: bool = False  # as an index does that has no embedder of the name asked for
    connections: set[Any] = field(default_factory=set)

    def sent(self, method: str, path: str) -> list[Any]:
        return [body for one, where, body, _ in self.requests if (one, where) == (method, path)]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.status:
            return self.status, {"message": "out of order", "code": "internal", "type": "system", "link": ""}
        path = path.partition("?")[0]
        if path == "/multi-search" and self.refused_multi:
            return 400, {
                "message": "no such embedder",
                "code": "invalid_search_embedder",
                "type": "",
                "link": "",
            }
        if path == "/multi-search":
            return 200, self._multi(body)
        if path == "/swap-indexes":
            first, second = body[0]["indexes"]
            for kept in (self.indexes, self.counts):
                kept[first], kept[second] = kept[second], kept[first]  # type: ignore[index]
            return 202, self._task("indexSwap", None)
        if match := re.fullmatch(r"/tasks/(\d+)", path):
            return 200, self._poll(int(match[1]))
        if path == "/indexes" and method == "GET":
            return 200, {"results": [{"uid": uid} for uid in self.indexes], "total": len(self.indexes)}
        if path == "/indexes":
            self.indexes[body["uid"]], self.counts[body["uid"]] = {}, 0
            return 202, self._task("indexCreation", body["uid"])
        match = re.fullmatch(r"/indexes/(\w+)(?:/(.*))?", path)
        assert match, path
        return self._index(method, match[1], match[2] or "", body)

    def _index(self, method: str, uid: str, rest: str, body: Any) -> tuple[int, Any]:
        if uid not in self.indexes:
            return 404, {
                "message": f"Index `{uid}` not found.",
                "code": "index_not_found",
                "type": "",
                "link": "",
            }
        if (method, rest) == ("DELETE", ""):
            del self.indexes[uid], self.counts[uid]
            return 202, self._task("indexDeletion", uid)
        if rest == "settings" and method == "PATCH":
            self.indexes[uid] |= body
            return 202, self._task("settingsUpdate", uid)
        if rest == "settings/embedders":
            self.indexes[uid].pop("embedders")
            return 202, self._task("settingsUpdate", uid)
        if rest == "settings":
            return 200, {"distinctAttribute": None, **self.indexes[uid]}
        if rest == "documents":
            self.counts[uid] += len(body)
            return 202, self._task("documentAdditionOrUpdate", uid)
        if rest == "documents/delete":
            return 202, self._task("documentDeletion", uid)
        if rest == "stats":
            return 200, {
                "numberOfDocuments": self.counts[uid],
                "isIndexing": False,
                "fieldDistribution": {},
                "rawDocumentDbSize": 0,
                "avgDocumentSize": 0,
                "numberOfEmbeddings": 0,
                "numberOfEmbeddedDocuments": 0,
            }
        if rest == "search":
            return 200, self._next_answer()
        return 200, {"uid": uid, "primaryKey": "key"}

    def _multi(self, body: Any) -> Any:
        if body.get("federation") is not None:
            return self._next_answer()
        return {"results": [self._next_answer() for _ in body["queries"]]}

    def _next_answer(self) -> dict[str, Any]:
        nothing = {"hits": [], "estimatedTotalHits": 0, "facetDistribution": {}}
        return {**nothing, **(self.answers.pop(0) if self.answers else {})}

    def _task(self, kind: str, uid: str | None) -> dict[str, Any]:
        task = {"taskUid": len(self.tasks), "indexUid": uid, "status": "enqueued", "type": kind}
        self.tasks.append({**task, "polls": 0})
        return {**task, "enqueuedAt": "2026-01-01T00:00:00.123456789Z"}

    def _poll(self, number: int) -> dict[str, Any]:
        task = self.tasks[number]
        task["polls"] += 1
        answer = {"uid": number, "indexUid": task["indexUid"], "type": task["type"], "error": None}
        answer |= {"enqueuedAt": "2026-01-01T00:00:00.123456789Z", "startedAt": None, "finishedAt": None}
        if task["polls"] <= self.polls_before_done:
            return {**answer, "status": "processing"}
        if message := self.failing_tasks.get(task["type"]):
            return {**answer, "status": "failed", "error": {"message": message, "code": "invalid"}}
        return {**answer, "status": "succeeded"}


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(text) if text else None
            with lock:
                peer.connections.add(self.client_address)
                peer.requests.append((self.command, self.path, body, dict(self.headers)))
                status, answer = peer.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        peer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield peer
        server.shutdown()
        thread.join()


@pytest.fixture
async def engine(peer: Peer) -> Any:
    engine = MeilisearchEngine(peer.url, KEY)
    await engine.setup()
    peer.requests.clear()
    yield engine
    await engine.close()


def _hit(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "thread", "space_id": "3", "_rankingScore": 0.5, **fields}


async def test_setup_makes_the_index_and_its_settings_once(peer: Peer) -> None:
    engine = MeilisearchEngine(peer.url, KEY)
    assert await engine.setup()
    assert peer.sent("POST", "/indexes") == [{"uid": "content", "primaryKey": "key"}]
    settings = peer.sent("PATCH", "/indexes/content/settings")
    assert settings == [server_settings(load_configuration())]
    assert all(headers["Authorization"] == f"Bearer {KEY}" for *_, headers in peer.requests)
    await engine.upsert([PORTING])
    assert not await engine.setup()
    assert len(peer.sent("PATCH", "/indexes/content/settings")) == 1
    await engine.close()


async def test_setup_sends_settings_that_have_changed(peer: Peer, engine: MeilisearchEngine) -> None:
    changed = MeilisearchEngine(peer.url, KEY, configuration=Configuration(synonyms=(("a", "b"),)))
    await changed.setup()
    (sent,) = peer.sent("PATCH", "/indexes/content/settings")
    assert sent["synonyms"] == {"a": ["b"], "b": ["a"]}
    await changed.close()


async def test_changed_words_are_sent_once_and_waited_for(peer: Peer, engine: MeilisearchEngine) -> None:
    await engine.publish_configuration()
    assert peer.sent("PATCH", "/indexes/content/settings") == []
    engine.configure(Configuration(synonyms=(("a", "b"),), names=("SIP-Trunk",)))
    for _twice in range(2):
        await engine.publish_configuration()
    (sent,) = peer.sent("PATCH", "/indexes/content/settings")
    assert sent["synonyms"] == {
        "a": ["b"],
        "b": ["a"],
        "sip trunk": ["siptrunk"],
        "siptrunk": ["sip trunk"],
    }
    assert sent["dictionary"] == ["siptrunk"]
    peer.failing_tasks["settingsUpdate"] = "no such setting"
    engine.configure(Configuration())
    with pytest.raises(WriteRefused):
        await engine.publish_configuration()


async def test_a_trial_asks_for_each_wording_and_changes_no_setting(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    trial = engine.trying(Configuration(synonyms=(("vvl", "vertragsverlängerung"),)))
    peer.answers += [
        {"hits": [_hit("thread-1", _rankingScore=0.4)], "estimatedTotalHits": 1},
        {
            "hits": [_hit("thread-2", _rankingScore=0.9), _hit("thread-1", _rankingScore=0.3)],
            "estimatedTotalHits": 2,
        },
    ]
    found = await trial.search(Query("VVL ablehnen", EVERYBODY, limit=5))
    assert [(hit.key, hit.score) for hit in found.hits] == [("thread-2", 0.9), ("thread-1", 0.4)]
    (sent,) = peer.sent("POST", "/multi-search")
    assert [query["q"] for query in sent["queries"]] == ["VVL ablehnen", "vertragsverlängerung ablehnen"]
    assert all(query["filter"][0] == 'audience IN ["0"]' for query in sent["queries"])
    assert peer.sent("PATCH", "/indexes/content/settings") == []
    assert not trial.tries_exactly


async def test_setup_asks_for_a_rebuild_when_documents_have_another_format(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    await engine.upsert([PORTING])
    peer.answers.append({"hits": [_hit("thread-1")]})
    assert await engine.setup()
    (request,) = peer.sent("POST", "/indexes/content/search")
    assert request["filter"] == [f'format != "{format_fingerprint()}"']


async def test_settings_name_only_rules_and_attributes_that_exist(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    """The server refuses a whole settings object for one unknown rule, and silently ignores an unknown attribute."""
    settings = server_settings(load_configuration())
    built_in = {"words", "typo", "proximity", "attributeRank", "wordPosition", "sort", "exactness"}
    assert {rule for rule in settings["rankingRules"] if ":" not in rule} == built_in
    await engine.upsert([PORTING, ENGLISH, PERSON])
    (rows,) = peer.sent("POST", "/indexes/content/documents?primaryKey=key")
    attributes = set().union(*(row.keys() for row in rows))
    assert set(settings["searchableAttributes"]) == {
        name for name in attributes if name.startswith(("title", "question", "solution", "answers"))
    } | {"tags", "stems"}
    filterable = {name for rule in settings["filterableAttributes"] for name in rule["attributePatterns"]}
    assert filterable | set(settings["sortableAttributes"]) <= attributes


async def test_documents_are_sent_with_ids_as_text_and_texts_by_language(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    await engine.upsert([PORTING, ENGLISH, PERSON])
    ((german, english, person),) = peer.sent("POST", "/indexes/content/documents?primaryKey=key")
    assert german["key"] == "thread-1"
    assert (german["audience"], german["space_id"]) == ("0", "3")
    assert (german["status"], german["quality"], german["format"]) == ("solved", 2, format_fingerprint())
    assert german["title_de"] == PORTING.title
    assert german["solution_de"] == PORTING.solution
    assert "invoic" in english["stems"].split()
    assert english["question_en"] == ENGLISH.question
    assert english["staff_answered"] is True
    assert person["title"] == "NetzLotse"
    assert "status" not in person


async def test_a_write_returns_when_its_task_has_succeeded(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.polls_before_done = 3
    await engine.upsert([PORTING])
    assert peer.tasks[-1]["polls"] == 4


async def test_a_failed_task_is_told(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.failing_tasks["documentAdditionOrUpdate"] = "the document is too odd"
    with pytest.raises(WriteRefused, match="too odd"):
        await engine.upsert([PORTING])


async def test_a_task_that_takes_too_long_is_an_outage(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.polls_before_done = 1_000_000
    engine._unchecked_tasks = [0]
    with pytest.raises(SearchDown, match="processing"):
        await engine.flush(0.1)


async def test_documents_are_deleted_by_a_quoted_filter(peer: Peer, engine: MeilisearchEngine) -> None:
    await engine.delete(["thread-1", "thread-2"])
    assert peer.sent("POST", "/indexes/content/documents/delete") == [
        {"filter": 'key IN ["thread-1", "thread-2"]'}
    ]


async def test_a_search_carries_every_filter(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.answers.append({"estimatedTotalHits": 10})
    query = Query(
        'die "Rechnung" -portal',
        MEMBERS_OF_7,
        kinds=("thread", "idea", "faq"),
        space_id=7,
        tags=('a"b\\c',),
        status=("solved", "open"),
        staff_answered=True,
        since=1_700_000_000,
        sort="kudos",
        limit=10,
        offset=20,
        facets=("tags", "status"),
        language="en",
    )
    await engine.search(query)
    (sent,) = peer.sent("POST", "/indexes/content/search")
    assert sent["q"] == "die Rechnung portal"
    assert sent["filter"] == [
        'audience IN ["0", "7"]',
        'kind IN ["thread", "idea", "faq"]',
        'space_id = "7"',
        'tags = "a\\"b\\\\c"',
        'status IN ["solved", "open"]',
        "staff_answered = true",
        "active >= 1700000000",
    ]
    assert sent["sort"] == ["kudos:desc", "active:desc"]
    assert (sent["limit"], sent["offset"], sent["facets"]) == (10, 20, ["tags", "status"])
    assert (sent["matchingStrategy"], sent["locales"]) == ("all", ["eng", "deu"])
    assert (sent["highlightPreTag"], sent["highlightPostTag"]) == (A, Z)


async def test_hits_are_read_escaped_with_the_passage_of_the_solution(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    formatted = {
        "title_de": f"{A}Rechnung{Z} & <b>",
        "question_de": f"Die {A}Rechnung{Z}",
        "solution_de": f"…\n  im <i> {A}Portal{Z}",
    }
    facets = {"tags": {"rechnung": 4}}
    hits = [_hit("thread-1", _formatted=formatted)]
    peer.answers.append({"hits": hits, "estimatedTotalHits": 4, "facetDistribution": facets})
    found = await engine.search(Query("rechnung", EVERYBODY))
    (hit,) = found.hits
    assert hit.title_html == "<mark>Rechnung</mark> &amp; &lt;b&gt;"
    assert hit.passage_html == "… im &lt;i&gt; <mark>Portal</mark>"
    assert (hit.passage_from, hit.space_id, hit.score) == ("solution", 3, 0.5)
    assert (found.total, found.facets, found.relaxed) == (4, facets, False)


async def test_too_few_hits_are_followed_by_stems_and_fewer_words(
    peer: Peer, engine: MeilisearchEngine
) -> None:
    whole = _hit("thread-3", title_en="Download invoices", question_en="How can I download?")
    peer.answers += [{}, {}, {"hits": [whole], "estimatedTotalHits": 1}, {}, {}]
    found = await engine.search(Query("downloading invoices", EVERYBODY))
    (sent,) = peer.sent("POST", "/multi-search")
    german, english, fewer_stems, fewer = sent["queries"]
    assert sent["federation"] is None
    assert (german["attributesToSearchOn"], english["attributesToSearchOn"]) == (["stems"], ["stems"])
    assert english["q"] == "download invoic"
    assert (fewer_stems["q"], fewer_stems["attributesToSearchOn"]) == (german["q"], ["stems"])
    strategies = [query["matchingStrategy"] for query in sent["queries"]]
    assert strategies == ["all", "all", "frequency", "frequency"]
    assert "attributesToSearchOn" not in fewer
    assert {query["indexUid"] for query in sent["queries"]} == {"content"}
    assert all(query["filter"] == ['audience IN ["0"]'] for query in sent["queries"])
    assert found.relaxed
    assert found.hits[0].title_html == "<mark>Download</mark> <mark>invoices</mark>"


async def test_search_as_you_type_is_one_federated_request(peer: Peer, engine: MeilisearchEngine) -> None:
    hit = _hit(
        "thread-1", _formatted={"title_de": f"{A}Rech{Z}nung"}, _federation={"weightedRankingScore": 0.4}
    )
    peer.answers.append({"hits": [hit]})
    found = await engine.instant("rech", EVERYBODY, limit=6)
    ((_, path, sent, _),) = peer.requests
    assert path == "/multi-search"
    assert sent["federation"] == {"limit": 6, "offset": 0}
    weights = {tuple(query["filter"]): query["federationOptions"]["weight"] for query in sent["queries"]}
    audience = 'audience IN ["0"]'
    assert weights == {
        (audience, 'kind IN ["thread", "idea", "faq", "blog"]'): 1.0,
        (audience, 'kind IN ["person"]'): 0.7,
        (audience, 'kind IN ["group"]'): 0.8,
    }
    # The server refuses paging and facets inside the queries of a federated request.
    assert not any({"limit", "offset", "facets"} & query.keys() for query in sent["queries"])
    assert found.hits[0].title_html == "<mark>Rech</mark>nung"
    assert found.hits[0].score == 0.4


async def test_related_asks_with_the_telling_words(peer: Peer, engine: MeilisearchEngine) -> None:
    await engine.related(
        "Wie kann ich die Rechnung prüfen?", "Portal " * 50, EVERYBODY, exclude="thread-2", limit=3
    )
    (sent,) = peer.sent("POST", "/indexes/content/search")
    assert sent["q"] == "Rechnung prüfen Portal"
    assert sent["matchingStrategy"] == "frequency"
    assert sent["limit"] == 3
    assert sent["filter"] == ['audience IN ["0"]', 'kind IN ["thread", "idea", "faq"]', 'key != "thread-2"']


async def test_nothing_is_asked_for_a_reader_without_audience(peer: Peer, engine: MeilisearchEngine) -> None:
    nobody: frozenset[int] = frozenset()
    await engine.search(Query("rechnung", nobody))
    await engine.instant("rechnung", nobody)
    await engine.related("rechnung", "", nobody)
    assert peer.requests == []


async def test_a_rebuild_fills_another_index_and_swaps(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.indexes["content_rebuild_1"], peer.counts["content_rebuild_1"] = {}, 0
    async with engine.rebuild() as new:
        await new.upsert([PORTING, ENGLISH])
        assert (await engine.health()).documents == 0
        await engine.upsert([PERSON])
    assert (await engine.health()).documents == 3
    assert list(peer.indexes) == ["content"]
    (swap,) = peer.sent("POST", "/swap-indexes")
    ((name, other),) = [pair["indexes"] for pair in swap]
    assert name == "content"
    assert other.startswith("content_rebuild_")


async def test_a_failed_rebuild_does_not_swap(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.failing_tasks["documentAdditionOrUpdate"] = "no"
    with pytest.raises(WriteRefused):
        async with engine.rebuild() as new:
            await new.upsert([PORTING])
    assert peer.sent("POST", "/swap-indexes") == []
    assert list(peer.indexes) == ["content"]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
async def test_a_server_out_of_order_is_an_outage(peer: Peer, engine: MeilisearchEngine, status: int) -> None:
    peer.status = status
    with pytest.raises(SearchDown):
        await engine.search(Query("rechnung", EVERYBODY))
    with pytest.raises(SearchDown):
        await engine.upsert([PORTING])
    with pytest.raises(SearchDown):
        await engine.setup()
    health = await engine.health()
    assert (health.ok, health.engine) == (False, "meilisearch")
    peer.status = 0
    await engine.upsert([PORTING])
    assert (await engine.health()).ok


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    engine = MeilisearchEngine("http://127.0.0.1:9", KEY)
    with pytest.raises(SearchDown):
        await engine.instant("rechnung", EVERYBODY)
    assert not (await engine.health()).ok
    await engine.close()


async def test_a_missing_index_asks_for_a_rebuild(peer: Peer, engine: MeilisearchEngine) -> None:
    peer.indexes.clear()
    with pytest.raises(IndexUnreadable):
        await engine.search(Query("rechnung", EVERYBODY))


async def test_connections_are_kept(peer: Peer, engine: MeilisearchEngine) -> None:
    for _ in range(40):
        peer.answers.append({"estimatedTotalHits": 9})
        await engine.search(Query("rechnung", EVERYBODY))
    assert len(peer.connections) <= 10
    json_requests = [headers for method, *_, headers in peer.requests if method == "POST"]
    assert all(headers["Content-Type"] == "application/json" for headers in json_requests)

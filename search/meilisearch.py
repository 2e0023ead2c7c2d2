"""The search server of a production site: Meilisearch, through its official client."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import functools
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from meilisearch import Client
from meilisearch._httprequests import HttpRequests
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchTimeoutError
from meilisearch.index import Index

from search import meilisearch_meaning
from search.analysis import fold
from search.configuration import (
    ENOUGH_HITS,
    Configuration,
    load_configuration,
    server_settings,
)
from search.embedders import Embedder, EmbedderDown
from search.highlight import Marker
from search.index import (
    SIMILAR_KINDS,
    Document,
    Found,
    Health,
    Hit,
    IndexUnreadable,
    Kind,
    Query,
    SearchDown,
    WriteRefused,
)
from search.meaning import NEAR, VERY_NEAR, QueryMeaning, QueryMeanings
from search.meilisearch_requests import (
    EMBEDDER,
    differs,
    generous_requests,
    instant_queries,
    one_of,
    own_vector,
    quoted,
    related_request,
    rewordings,
    row_format,
    search_request,
    to_found,
    to_row,
)
from search.synonyms import SynonymTable
from search.threads import run, run_to_end
from search.vectors import length_of
from search.words import latest, query_words, telling_words

if TYPE_CHECKING:
    from search.vectors import Vector

logger = logging.getLogger(__name__)

T = TypeVar("T")

_TIMEOUT_SECONDS = 3
_WRITE_SECONDS = 60  # to wait for a batch to become searchable
_SETTINGS_SECONDS = 900  # new settings may index everything again
_VOCABULARY_SECONDS = 5  # to wait for changed words before the writer goes on with something else
_REBUILD_SECONDS = 3_600
_CONNECTIONS = 8
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.5

# Answers that speak of the state of the server or of the key, not of our request.
_OUTAGES = (401, 403, 408, 429, 500, 502, 503, 504)


class _PooledRequests(HttpRequests):
    """The client opens a connection for each request; this one keeps its own. For one thread only."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.session = requests.Session()

    def send_request(self, http_method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return super().send_request(getattr(self.session, http_method.__name__), *arguments, **named)


def _dimensions(embedders: Mapping[str, Any]) -> int:
    """The length of the vectors that an index takes by its settings."""
    return int((embedders.get(EMBEDDER) or {}).get("dimensions") or 0)


class MeilisearchEngine:
    """One index of a Meilisearch server. `key` may search; for writing it has the rights of an indexer."""

    def __init__(
        self,
        url: str,
        key: str,
        index: str = "content",
        configuration: Configuration | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self._url, self._key, self._uid = url.rstrip("/"), key, index
        self._configuration = configuration or load_configuration()
        self.embedder = embedder
        self._meanings = QueryMeanings(embedder) if embedder else None
        # For vectors of which length the index is set up, 0 for none; unknown before somebody writes.
        self._dimensions: int | None = None
        self._tried: SynonymTable | None = None
        self._threads = ThreadPoolExecutor(_CONNECTIONS, "meilisearch")
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        # An engine that is being filled does not wait for each batch; the tasks are checked together.
        self.prepared = ""
        self._unchecked_tasks: list[int] = []
        self._filling: MeilisearchEngine | None = None
        self._newer_keys: set[str] = set()
        self._swap_lock = asyncio.Lock()

    def configure(self, configuration: Configuration) -> None:
        self._configuration = configuration

    async def publish_configuration(self) -> None:
        await self._ask(self._send_settings, _VOCABULARY_SECONDS)

    tries_exactly = False

    def trying(self, configuration: Configuration) -> MeilisearchEngine:
        """Synonyms are settings of the whole index, so the words of a query are replaced here, one at a time.

        What the server has now counts as well: a preview shows what more would be found, not what would be lost.
        """
        other = copy.copy(self)
        other.configure(configuration)
        other._tried = SynonymTable.of(configuration)
        return other

    # Talking to the server

    def _client(self) -> Client:
        """The client of this thread: the official one keeps headers that threads would overwrite."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = Client(self._url, self._key, timeout=_TIMEOUT_SECONDS)
            client.http = _PooledRequests(client.config)
            self._sessions.append(client.http.session)
            self._local.client = client
        return client

    def _index(self) -> Index:
        client = self._client()
        index = client.index(self._uid)
        index.http = client.http
        return index

    async def _ask(self, function: Callable[..., T], *arguments: Any, to_end: bool = False) -> T:
        """Run a function that talks to the server; outages become `SearchDown`.

        `to_end` is for sending documents: cancelled or not, no later batch overtakes this one.
        """
        try:
            return await (run_to_end if to_end else run)(self._threads, function, *arguments)
        except (MeilisearchCommunicationError, MeilisearchTimeoutError, requests.RequestException) as error:
            raise SearchDown(f"the search server does not answer: {error}") from error
        except MeilisearchApiError as error:
            if error.code == "index_not_found":
                raise IndexUnreadable("the search server has no index yet") from error
            if error.status_code in _OUTAGES:
                raise SearchDown(f"the search server cannot answer: {error}") from error
            raise

    def _wait(self, task_uid: int, seconds: float) -> None:
        """Return when a task has succeeded. The server runs the tasks of one index in order."""
        give_up = time.monotonic() + seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            task = self._client().get_task(task_uid)
            if task.status == "succeeded":
                return
            if task.status in ("failed", "canceled"):
                raise WriteRefused(f"task {task_uid} {task.status}: {(task.error or {}).get('message', '')}")
            if time.monotonic() > give_up:
                raise SearchDown(f"task {task_uid} is still {task.status}")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    # Setting up

    async def setup(self) -> bool:
        await self._ask(self._create_if_missing)
        return await self._ask(self._check)

    async def check(self) -> bool:
        try:
            return await self._ask(self._check)
        except IndexUnreadable:
            return True

    def _check(self) -> bool:
        """Brings the settings of the index up to date on the way."""
        self._send_settings(_SETTINGS_SECONDS)
        is_empty = not self._index().get_stats().number_of_documents
        formats = self._set_embedder_up(is_empty)
        if is_empty:
            return True
        others = [f"format != {quoted(one)}" for one in formats]
        return bool(self._index().search("", {"filter": others, "limit": 1})["hits"])

    def _set_embedder_up(self, is_empty: bool) -> list[str]:
        """Answers the formats that the documents may have.

        Vectors are a setting of an index from its beginning: the documents of one without them have none, and the
        server would refuse that. An index that holds documents gets them by being built anew, beside which it serves.
        """
        present = self._index().get_settings().get("embedders") or {}
        wanted: dict[str, Any] = {}
        formats = [row_format(self.embedder.fingerprint if self.embedder else None)]
        if self.embedder is None and EMBEDDER in present:
            self._wait(self._index().reset_embedders().task_uid, _SETTINGS_SECONDS)
            present = {}
        elif self.embedder is not None and EMBEDDER not in present:
            try:
                dimensions = self.embedder.dimensions()
            except EmbedderDown as error:
                # Words do until it can be asked how long its vectors are.
                logger.warning("search goes on by words alone: %s", error)
                formats.append(row_format(None))
            else:
                wanted = {EMBEDDER: {"source": "userProvided", "dimensions": dimensions}} if is_empty else {}
        if wanted:
            self._wait(self._index().update_settings({"embedders": wanted}).task_uid, _SETTINGS_SECONDS)
        self._dimensions = _dimensions(present | wanted)
        return formats

    def _send_settings(self, seconds: float) -> None:
        """Send the settings if the server has others, and wait until they are in force."""
        wanted = server_settings(self._configuration)
        if differs(wanted, self._index().get_settings()):
            self._wait(self._index().update_settings(wanted).task_uid, seconds)

    async def begin_writing(self) -> None:
        """Any number of processes may write: the server puts them in order."""

    def _create_if_missing(self) -> None:
        try:
            self._client().get_raw_index(self._uid)
        except MeilisearchApiError as error:
            if error.code != "index_not_found":
                raise
            self._wait(self._client().create_index(self._uid, {"primaryKey": "key"}).task_uid, _WRITE_SECONDS)

    # Writing

    async def upsert(self, documents: Sequence[Document]) -> None:
        await self._write(latest(documents), [])

    async def delete(self, keys: Iterable[str]) -> None:
        await self._write([], list(keys))

    async def _write(self, documents: list[Document], keys: list[str]) -> None:
        async with self._swap_lock:
            filling = self._filling
            if filling is not None:
                filling._newer_keys.update(keys, (document.key for document in documents))
            if self.prepared:
                documents = [document for document in documents if document.key not in self._newer_keys]
                keys = [key for key in keys if key not in self._newer_keys]
            await self._ask(self._send, documents, keys, to_end=True)
            if filling is not None:
                await self._ask(filling._send, documents, keys, to_end=True)
        if not self.prepared:
            await self.flush(_WRITE_SECONDS)

    def _send(self, documents: list[Document], keys: list[str]) -> None:
        if keys:
            task = self._index().delete_documents(filter=one_of("key", keys))
            self._unchecked_tasks.append(task.task_uid)
        if documents:
            task = self._index().add_documents([self._row(document) for document in documents], "key")
            self._unchecked_tasks.append(task.task_uid)

    def _row(self, document: Document) -> dict[str, Any]:
        if self.embedder is None:
            return to_row(document)
        if self._dimensions is None:
            self._dimensions = _dimensions(self._index().get_settings().get("embedders") or {})
        if not self._dimensions:
            return to_row(document)
        if document.vector and length_of(document.vector) != self._dimensions:
            # The index is still that of another model; the server would refuse the document.
            document = dataclasses.replace(document, vector=b"")
        return to_row(document, self.embedder.fingerprint)

    async def flush(self, seconds: float = 10) -> None:
        await self._ask(self._check_tasks, seconds)

    def _check_tasks(self, seconds: float) -> None:
        tasks, self._unchecked_tasks = self._unchecked_tasks, []
        give_up = time.monotonic() + seconds
        for task_uid in tasks:
            self._wait(task_uid, give_up - time.monotonic())

    # Searching

    async def search(self, query: Query) -> Found:
        words = telling_words(query.text, self._configuration.stop_words, typing=query.typing)
        if not query.audiences or (query.text.strip() and not words):
            return Found()
        asked = None
        if self._meanings is not None and not query.typing and query.sort == "relevance":
            asked = await self._meanings.of(query.text)
        return await self._ask(self._search, query, words, asked)

    def _search(self, query: Query, words: Sequence[str], asked: QueryMeaning | None) -> Found:
        if self._tried is not None:
            return self._search_reworded(query, rewordings(self._tried.terms(words)))
        found, request = self._search_by_words(query, words)
        if asked is None:
            return found
        marker = Marker(words)
        enough = NEAR if found.relaxed else VERY_NEAR
        by_meaning = functools.partial(
            meilisearch_meaning.search, self._multi, request, found, query, asked, marker, enough
        )
        return self._unless_unmeant(by_meaning, found)

    def _multi(self, asked: list[dict[str, Any]]) -> list[Any]:
        """Several requests at once."""
        found: list[Any] = self._client().multi_search([{"indexUid": self._uid, **one} for one in asked])[
            "results"
        ]
        return found

    def _unless_unmeant(self, function: Callable[[], T], otherwise: T) -> T:
        """What the function answers; `otherwise` while the index has no vectors, or those of another embedder."""
        assert self._meanings is not None  # noqa: S101 - nobody asks by meaning without
        try:
            return function()
        except MeilisearchApiError as error:
            if error.status_code != 400:
                raise
            self._meanings.pause()
            logger.warning("the search index has no vectors", exc_info=error)
            return otherwise

    def _search_by_words(self, query: Query, words: Sequence[str]) -> tuple[Found, dict[str, Any]]:
        """What the words find, and the request that found it."""
        chosen = search_request(query, "all")
        found = to_found(self._one_search(chosen))
        if found.total >= ENOUGH_HITS or not words or self._is_enough_unfiltered(query):
            return found, chosen
        asked = generous_requests(query, words)
        answers = self._multi(asked)
        marker = Marker(words, fold(words[-1]) if query.typing else "")
        for request, answer in zip(asked, answers, strict=True):
            by_stems = "attributesToSearchOn" in request
            more = to_found(answer, marker=marker if by_stems else None, relaxed=True)
            if more.total > found.total:
                found, chosen = more, request
            if found.total >= ENOUGH_HITS:
                break
        return found, chosen

    def _is_enough_unfiltered(self, query: Query) -> bool:
        """Whether it is the filters alone that leave so little: then the words are not read more generously."""
        wide = query.unfiltered()
        if wide == query:
            return False
        answer = self._one_search(search_request(dataclasses.replace(wide, limit=0, facets=()), "all"))
        return to_found(answer).total >= ENOUGH_HITS

    def _search_reworded(self, query: Query, texts: Sequence[str]) -> Found:
        """What the query finds together with other wordings of it, the best of all first."""
        worded = [query, *(dataclasses.replace(query, text=text) for text in texts)]
        asked = [{"indexUid": self._uid, **search_request(one, "all")} for one in worded]
        answers = [to_found(answer) for answer in self._client().multi_search(asked)["results"]]
        best: dict[str, Hit] = {}
        for hit in (hit for answer in answers for hit in answer.hits):
            if hit.key not in best or hit.score > best[hit.key].score:
                best[hit.key] = hit
        hits = sorted(best.values(), key=lambda hit: -hit.score)
        return Found(tuple(hits[: query.limit]), max(len(hits), *(answer.total for answer in answers)))

    def _one_search(self, request: dict[str, Any]) -> dict[str, Any]:
        parameters = {name: value for name, value in request.items() if name != "q"}
        return self._index().search(request["q"], parameters)

    async def instant(
        self, text: str, audiences: frozenset[int], limit: int = 8, *, without: tuple[str, ...] = ()
    ) -> Found:
        if not audiences or not query_words(text, (), typing=True):
            return Found()
        query = Query(text, audiences, typing=True, without=without)
        return await self._ask(self._instant, query, limit)

    def _instant(self, query: Query, limit: int) -> Found:
        queries = instant_queries(query, self._uid)
        answer: Any = self._client().multi_search(queries, {"limit": limit, "offset": 0})
        return to_found(answer)

    async def related(
        self,
        title: str,
        body: str,
        audiences: frozenset[int],
        *,
        exclude: str = "",
        limit: int = 5,
        kinds: tuple[Kind, ...] = SIMILAR_KINDS,
    ) -> tuple[Hit, ...]:
        if not audiences or limit < 1:
            return ()
        query = Query("", audiences, kinds=kinds, limit=limit)
        asked = None
        if self._meanings is not None:
            asked = await (self._own_meaning(exclude) if exclude else self._meanings.of(f"{title} {body}"))
        request = related_request(query, title, body, exclude, self._configuration.stop_words)
        if not request["q"]:
            return ()
        return await self._ask(
            self._related, request, dataclasses.replace(query, text=f"{title} {body}"), exclude, asked
        )

    async def _own_meaning(self, key: str) -> QueryMeaning | None:
        """The meaning of a document of ours, if its vector is made: none is made for it here."""
        assert self._meanings is not None  # noqa: S101 - nobody asks by meaning without
        try:
            vector = await self._ask(self._own_vector, key)
        except MeilisearchApiError:
            return None  # It is not there, or this key may not read documents.
        return await self._meanings.of_vector(vector) if vector is not None else None

    def _own_vector(self, key: str) -> Vector | None:
        row: Any = self._index().get_document(key, {"fields": ["key", "_vectors"], "retrieveVectors": "true"})
        return own_vector(dict(row))

    def _related(
        self, request: dict[str, Any], query: Query, exclude: str, asked: QueryMeaning | None
    ) -> tuple[Hit, ...]:
        if asked is not None:
            marker = Marker(query_words(request["q"], ()))
            by_meaning: Callable[[], tuple[Hit, ...] | None] = functools.partial(
                meilisearch_meaning.related_hits, self._multi, request, query, asked, marker, exclude
            )
            hits = self._unless_unmeant(by_meaning, None)
            if hits is not None:
                return hits
        return to_found(self._one_search(request)).hits

    # Rebuilding, state

    def _being_filled(self, name: str) -> MeilisearchEngine:
        target = MeilisearchEngine(self._url, self._key, name, self._configuration, self.embedder)
        target.prepared = name
        return target

    @contextlib.asynccontextmanager
    async def prepare(self) -> AsyncIterator[MeilisearchEngine]:
        await self._ask(self._delete_leftovers)
        target = self._being_filled(self._rebuild_prefix() + str(time.time_ns()))
        try:
            await target.setup()
            yield target
            await target.flush(_REBUILD_SECONDS)
        except BaseException:
            await target.remove()
            raise
        finally:
            await target.close()

    @contextlib.asynccontextmanager
    async def rebuild(self, prepared: str = "") -> AsyncIterator[MeilisearchEngine]:
        await self._ask(self._create_if_missing)  # The server swaps two indexes only if both exist.
        target = self._being_filled(prepared or self._rebuild_prefix() + str(time.time_ns()))
        try:
            if prepared:
                await target._ask(target._send_settings, _SETTINGS_SECONDS)  # Staff may have changed words.
            else:
                await self._ask(self._delete_leftovers)
                await target.setup()
            self._filling = target
            yield target
            # What was filled is there before anybody waits for the swap.
            await target.flush(_REBUILD_SECONDS)
            async with self._swap_lock:
                await target.flush(_WRITE_SECONDS)
                await self._ask(self._swap, target._uid)
                self._dimensions = None
                self._filling = None
        finally:
            self._filling = None
            # After the swap this name holds the old documents; after an error the unfinished ones.
            await target.remove()
            await target.close()

    def _rebuild_prefix(self) -> str:
        return f"{self._uid}_rebuild_"

    def _delete_leftovers(self) -> None:
        """Remove what killed rebuilds left: only one rebuild of an index may run at a time."""
        answer: Any = self._client().get_raw_indexes({"limit": 1_000})
        for index in answer["results"]:
            if index["uid"].startswith(self._rebuild_prefix()):
                self._client().delete_index(index["uid"])

    def _swap(self, other: str) -> None:
        task = self._client().swap_indexes([{"indexes": [self._uid, other]}])
        self._wait(task.task_uid, _SETTINGS_SECONDS)

    async def remove(self) -> None:
        """Delete the whole index, for measurements and tests: after it there is none."""
        with contextlib.suppress(SearchDown, MeilisearchApiError):
            await self._ask(lambda: self._client().delete_index(self._uid))

    async def health(self) -> Health:
        try:
            stats = await self._ask(lambda: self._index().get_stats())
        except (SearchDown, MeilisearchApiError) as error:
            return Health(False, "meilisearch", detail=str(error))
        lag = max(len(self._unchecked_tasks), int(stats.is_indexing))
        return Health(True, "meilisearch", stats.number_of_documents, lag)

    async def close(self) -> None:
        threads, self._threads = self._threads, ThreadPoolExecutor(_CONNECTIONS, "meilisearch")
        threads.shutdown(wait=False)
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            session.close()
        self._local = threading.local()

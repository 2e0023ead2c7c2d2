"""The embedded engine: tantivy in this process, its index in a folder, nothing to install or run."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import tantivy
from tantivy import Occur
from tantivy import Query as Clause

from search.analysis import analyzers, fold, spellings
from search.configuration import (
    ENOUGH_HITS,
    MAX_HITS,
    MAX_PAGED,
    TEXT_LIMITS,
    Configuration,
    load_configuration,
)
from search.embedded_answers import count_facets, to_hit
from search.embedded_meaning import FolderVectors, Meant
from search.embedded_query import ClauseBuilder, Stage, filter_clauses, stages_of, word_weights
from search.embedded_schema import ANALYSES, AREAS, ROOT, build_schema, stored_texts, to_tantivy
from search.embedders import Embedder
from search.generations import Generations
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
)
from search.meaning import QueryMeaning, QueryMeanings
from search.synonyms import SynonymTable, Term
from search.threads import run, run_to_end
from search.vectors import number_of
from search.words import clean, latest, telling_words

T = TypeVar("T")

_REFRESH_SECONDS = 0.5  # how long a commit of another process may stay unseen
_WRITER_HEAP_BYTES = 32_000_000
_WRITER_THREADS = 1  # two were slower on two cores
_SEARCH_THREADS = 4
MOST_ANSWERS = 300
"""Answers kept until the next commit, about ten kilobytes each. People type the same beginnings, turn pages and come
back, and what readers of the same spaces get is the same."""
_STEP = math.log(1.1)
"""Scores less than a tenth apart count as equal."""
_ORDERS = {"newest": "created", "kudos": "kudos_then_active"}

# What the engine raises when files are missing, damaged or of another kind. It has no classes of its own.
_ENGINE_ERRORS = (ValueError, OSError)


@contextlib.contextmanager
def _reading(*, but_not: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Errors and panics of the engine while it reads mean a damaged index."""
    try:
        yield
    except but_not:
        raise
    except BaseException as error:
        if not _is_of_engine(error):
            raise
        raise IndexUnreadable(f"the search index cannot be read: {error}") from error


def _is_of_engine(error: BaseException) -> bool:
    """Whether the engine failed or panicked. A panic is no `Exception`, and its class cannot be imported."""
    return isinstance(error, _ENGINE_ERRORS) or type(error).__name__ == "PanicException"


def _evened(searcher: tantivy.Searcher, hits: list[Any]) -> list[Any]:
    """Hits that are as good as equal, the one with the newest activity first.

    The engine measures texts by the average length of all, hidden ones too; what that moves is much less than a step.
    """
    active = searcher.fast_field_values("active", [address for _, address in hits]) if hits else []
    ranked = sorted(
        zip(hits, active, strict=True),
        key=lambda one: (-round(math.log(max(one[0][0], 1e-9)) / _STEP), -float(one[1] or 0)),
    )
    return [hit for hit, _ in ranked]


def _order(query: Query) -> dict[str, Any]:
    if query.sort != "relevance":
        return {"order_by_field": _ORDERS[query.sort]}
    return {"weight_by_field": "quality"}


class EmbeddedEngine:
    """Searches in any number of processes, writes in one: the first to write holds a lock until `close()`."""

    def __init__(
        self, root: Path, configuration: Configuration | None = None, embedder: Embedder | None = None
    ) -> None:
        self._generations = Generations(root, embedder.fingerprint if embedder else "")
        self.configure(configuration or load_configuration())
        self.embedder = embedder
        self._meanings = QueryMeanings(embedder) if embedder else None
        self._vectors = FolderVectors()
        self._schema = build_schema()
        self._threads = ThreadPoolExecutor(_SEARCH_THREADS, "search")
        self._read_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._index: tantivy.Index | None = None
        self._opened = ""
        self._read = (0, 0)
        self._next_refresh = 0.0
        self._writer: tantivy.IndexWriter | None = None
        # An engine that is being filled writes into this folder, whatever is live.
        self.prepared = ""
        # While a rebuild runs: the engine being filled, and there the keys that the live engine wrote to it.
        self._filling: EmbeddedEngine | None = None
        self._newer_keys: set[str] = set()
        self._swap_lock = asyncio.Lock()

    def configure(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._synonyms = SynonymTable.of(configuration)
        self._answers: dict[Query, Found] = {}

    async def publish_configuration(self) -> None:
        """Nothing to do: words are read with their synonyms when they are searched, in each process."""

    tries_exactly = True

    def trying(self, configuration: Configuration) -> EmbeddedEngine:
        other = copy.copy(self)
        other.configure(configuration)
        return other

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await run(self._threads, function, *arguments)

    async def _to_end(self, function: Callable[..., T], *arguments: Any) -> T:
        return await run_to_end(self._threads, function, *arguments)

    # Opening

    async def setup(self) -> bool:
        return await self._in_thread(self._setup)

    def _setup(self) -> bool:
        if self._generations.current() is None:
            name = self._generations.create()
            try:
                self._generations.publish_first(name)
            except OSError as error:
                raise SearchDown(f"the search index cannot be created: {error}") from error
        return self._check()

    async def check(self) -> bool:
        return await self._in_thread(self._check)

    def _check(self) -> bool:
        if self._generations.is_damaged():
            return True
        try:
            searcher = self._searcher(refresh=True)
            if not self._can_be_read(searcher):
                raise IndexUnreadable("the search index is damaged")
            return bool(searcher.num_docs == 0) or not self._generations.has_vectors_wanted(self._opened)
        except IndexUnreadable:
            return True

    def _can_be_read(self, searcher: tantivy.Searcher) -> bool:
        """Whether words, values and texts can be read; not that each of them is right."""
        with contextlib.suppress(IndexUnreadable), _reading():
            for name in ("kind", *(f"{area}_{analysis}" for area in AREAS for analysis in (*ANALYSES, ROOT))):
                searcher.search(Clause.term_query(self._schema, name, "thread"), 1, weight_by_field="quality")
            for _score, address in searcher.search(Clause.all_query(), 1).hits:
                stored_texts(searcher.doc(address))
            return True
        return False

    def _noting_damage(self, function: Callable[..., T], *arguments: Any) -> T:
        """Search. Where that fails because the index is damaged, whoever writes it hears of it."""
        try:
            with _reading(but_not=ValueError):
                return function(*arguments)
        except IndexUnreadable:
            self._generations.note_damage()
            raise
        except ValueError as error:
            # The engine says so of damage and of queries that it does not take.
            if self._can_be_read(self._searcher(refresh=True)):
                raise
            self._generations.note_damage()
            raise IndexUnreadable(f"the search index cannot be read: {error}") from error

    async def begin_writing(self) -> None:
        await self._in_thread(self._generations.lock)

    def _name(self) -> str:
        name = self.prepared or self._generations.current()
        if name is None:
            raise IndexUnreadable("there is no search index yet")
        if not self._generations.is_readable_format(name):
            raise IndexUnreadable("the search index has the format of another release; it must be rebuilt")
        return name

    def _open(self, name: str) -> tantivy.Index:
        """Open a folder. The index stores only the names of analyzers, so they are registered each time."""
        index = tantivy.Index(self._schema, str(self._generations.root / name))
        for analysis, analyzer in analyzers().items():
            index.register_tokenizer(analysis, analyzer)
        index.config_reader("manual")
        index.reload()
        return index

    def _searcher(self, *, refresh: bool = False) -> tantivy.Searcher:
        """A searcher on a state at most half a second old; on the newest with `refresh`."""
        return self._state(refresh=refresh)[0]

    def _state(self, *, refresh: bool = False) -> tuple[tantivy.Searcher, dict[Query, Found]]:
        """The same with the answers that were given on this state."""
        with self._read_lock:
            if self._index is None or refresh or time.monotonic() >= self._next_refresh:
                self._refresh()
            assert self._index is not None  # noqa: S101 - _refresh has set it
            return self._index.searcher(), self._answers

    def _refresh(self) -> None:
        name = self._name()
        try:
            with _reading():
                self._open_or_reload(name)
        except IndexUnreadable:
            # Another process may have swapped generations between our look at CURRENT and our opening.
            self._index = None
            newer = self._name()
            if newer == name:
                raise
            with _reading():
                self._open_or_reload(newer)
        self._next_refresh = time.monotonic() + _REFRESH_SECONDS

    def _open_or_reload(self, name: str) -> None:
        # Looked at before reading: what is written in between is read again, never missed.
        written = self._written(name)
        if self._index is None or name != self._opened:
            self._index, self._opened, self._answers = self._open(name), name, {}
        else:
            self._index.reload()
        if written != self._read:
            self._read, self._answers = written, {}
        if self._meanings is not None and self._has_vectors():
            self._vectors.refresh(self._generations.root / name)
            self._meanings.warm_up()

    def _written(self, name: str) -> tuple[int, int]:
        """Differs after every commit: each writes this file anew and puts it in the place of the old one."""
        try:
            status = (self._generations.root / name / "meta.json").stat()
        except FileNotFoundError:
            return (
                0,
                0,
            )  # A new folder, which gets it when it is opened; or none at all, which opening finds out.
        return status.st_ino, status.st_mtime_ns

    def _has_vectors(self) -> bool:
        """Whether the folder that is open was filled for our embedder."""
        return self._meanings is not None and self._generations.has_vectors_wanted(self._opened)

    # Writing

    async def upsert(self, documents: Sequence[Document]) -> None:
        await self._write(latest(documents), [])

    async def delete(self, keys: Iterable[str]) -> None:
        await self._write([], list(keys))

    async def _write(self, documents: list[Document], keys: list[str]) -> None:
        if not documents and not keys:
            return
        async with self._swap_lock:
            filling = self._filling
            if filling is not None:
                filling._newer_keys.update(keys, (document.key for document in documents))
            await self._to_end(self._apply, documents, keys, False)
            if filling is not None:
                await self._to_end(filling._apply, documents, keys, True)

    def _apply(self, documents: list[Document], keys: list[str], from_live_engine: bool) -> None:
        """Write, and commit unless this engine is being filled: one commit at the end is much faster."""
        being_filled = bool(self.prepared)
        with self._write_lock:
            if being_filled and not from_live_engine:
                documents = [document for document in documents if document.key not in self._newer_keys]
                keys = [key for key in keys if key not in self._newer_keys]
            replaced = [*keys, *(document.key for document in documents)]
            if not replaced:
                return
            if not being_filled:
                self._generations.lock()
            try:
                writer = self._open_writer()
                writer.delete_documents_by_query(Clause.term_set_query(self._schema, "key", replaced))
                for document in documents:
                    writer.add_document(to_tantivy(document))
                if not being_filled:
                    writer.commit()
                if self._has_vectors():
                    self._vectors.write(self._generations.root / self._opened, documents, replaced)
            except BaseException as error:
                if not _is_of_engine(error):
                    raise
                # The next write begins with a new writer, which drops what was not committed.
                self._writer = None
                raise SearchDown(f"the search index cannot be written: {error}") from error
        if not being_filled:
            self._searcher(refresh=True)

    def _commit(self) -> None:
        """Make what was written so far searchable; only an engine that is being filled has anything to do."""
        with self._write_lock:
            if self._writer is None:
                return
            try:
                self._writer.commit()
            except BaseException as error:
                if not _is_of_engine(error):
                    raise
                self._writer = None
                raise SearchDown(f"the search index cannot be written: {error}") from error
        self._searcher(refresh=True)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._searcher(refresh=True)
            assert self._index is not None  # noqa: S101 - _searcher has set it
            self._writer = self._index.writer(_WRITER_HEAP_BYTES, _WRITER_THREADS)
        return self._writer

    async def flush(self, seconds: float = 10) -> None:
        await self._to_end(self._commit)

    # Searching

    async def search(self, query: Query) -> Found:
        if not query.audiences:
            return Found()
        # While somebody types, words must do: the vector of half a word says nothing, and comes too late.
        asked = await self._meaning_of(query.text) if not query.typing else None
        return await self._in_thread(self._noting_damage, self._search, query, asked)

    async def _meaning_of(self, text: str) -> QueryMeaning | None:
        return await self._meanings.of(text) if self._meanings is not None else None

    async def instant(
        self, text: str, audiences: frozenset[int], limit: int = 8, *, without: tuple[str, ...] = ()
    ) -> Found:
        if not text.strip():
            return Found()
        return await self.search(Query(text, audiences, limit=limit, typing=True, without=without))

    def _search(self, query: Query, asked: QueryMeaning | None) -> Found:
        # Words and their synonyms are read after this: whoever changes them begins with no answers.
        searcher, answers = self._state()
        if asked is not None:
            # What is meant follows from the vectors too, which change without a commit.
            return self._search_anew(searcher, query, asked)
        found = answers.get(query)
        if found is None:
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            found = answers[query] = self._search_anew(searcher, query, None)
        return found

    def _search_anew(self, searcher: tantivy.Searcher, query: Query, asked: QueryMeaning | None) -> Found:
        words = telling_words(query.text, self._configuration.stop_words, typing=query.typing)
        if query.text.strip() and not words:
            return Found()
        builder = self._builder(searcher, query.unfiltered())
        terms = self._synonyms.terms(words, typing=query.typing)
        stages = stages_of(builder, terms) if terms else [Stage(Clause.all_query, False)]
        clause, answer, relaxed = self._first_enough(searcher, builder, stages, query, by_activity=not terms)
        total, hits = answer.count, answer.hits
        if terms and query.sort == "relevance":
            hits = _evened(searcher, hits)
        if asked is not None and self._vectors.file is not None:
            meant = Meant(searcher, builder, self._vectors.file, asked)
            filters = filter_clauses(self._schema, query)
            clause, total, hits = meant.search(clause, query, filters, _order(query), relaxed=relaxed)
        marker = self._marker(terms, builder, relaxed=relaxed)
        shown = hits if query.limit > 0 and query.offset < MAX_PAGED else []
        return Found(
            tuple(
                to_hit(searcher, score, address, marker, title_only=query.typing) for score, address in shown
            ),
            total,
            count_facets(searcher, clause, query),
            relaxed,
        )

    def _builder(self, searcher: tantivy.Searcher, query: Query) -> ClauseBuilder:
        return ClauseBuilder(self._schema, searcher, filter_clauses(self._schema, query), query.audiences)

    def _first_enough(
        self,
        searcher: tantivy.Searcher,
        builder: ClauseBuilder,
        stages: Sequence[Stage],
        query: Query,
        *,
        by_activity: bool,
    ) -> tuple[Clause, Any, bool]:
        """The strictest stage that finds enough, else the one that finds most; the same on every page and under
        every filter."""
        order = {"order_by_field": "active"} if by_activity and query.sort == "relevance" else _order(query)
        limit = min(max(query.limit, 1), MAX_HITS)
        offset = min(max(query.offset, 0), MAX_PAGED)
        best: tuple[Clause, Any, bool] | None = None
        for stage in stages:
            clause = builder.filtered(stage.build(), language=query.language)
            answer: Any = searcher.search(clause, limit, count=True, offset=offset, **order)
            if best is None or answer.count > best[1].count:
                best = (clause, answer, stage.relaxed)
            if answer.count >= ENOUGH_HITS:
                break
        assert best is not None  # noqa: S101 - there is always one stage
        if query != query.unfiltered():
            filters = [(Occur.Must, one) for one in filter_clauses(self._schema, query)]
            clause = Clause.boolean_query([(Occur.Must, best[0]), *filters])
            best = (clause, searcher.search(clause, limit, count=True, offset=offset, **order), best[2])
        return best

    def _marker(self, terms: Sequence[Term], builder: ClauseBuilder, *, relaxed: bool) -> Marker:
        words = [word for term in terms for word in term.words]
        others = [word for term in terms for alternative in term.alternatives for word in alternative]
        prefix = fold(words[-1]) if terms and terms[-1].growing else ""
        guessed: set[str] = set()
        if relaxed:
            corrected = [word for term in terms if not term.is_name for word in term.words]
            guessed.update(*(spellings(word) for word in corrected if not builder.is_known(word)))
        return Marker([*words, *others], prefix, frozenset(guessed), parts=relaxed)

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
        query = Query(f"{title} {body}", audiences, kinds=kinds, limit=min(limit, MAX_HITS))
        asked = await (self._own_meaning(exclude) if exclude else self._meaning_of(query.text))
        return await self._in_thread(self._noting_damage, self._related, title, body, query, exclude, asked)

    async def _own_meaning(self, key: str) -> QueryMeaning | None:
        """The meaning of a document of ours, if its vector is made: none is made for it here."""
        if self._meanings is None:
            return None
        await self._in_thread(self._searcher)
        vector = self._vectors.file.vector_of(number_of(key)) if self._vectors.file is not None else None
        return await self._meanings.of_vector(vector) if vector is not None else None

    def _related(
        self, title: str, body: str, query: Query, exclude: str, asked: QueryMeaning | None
    ) -> tuple[Hit, ...]:
        searcher = self._searcher()
        builder = self._builder(searcher, query)
        title, body = clean(title, TEXT_LIMITS["title"]), clean(body, TEXT_LIMITS["question"])
        stops = self._configuration.stop_words
        title_words = telling_words(title, stops)
        terms = builder.joined(self._synonyms.terms(title_words))
        weights = word_weights("", body, [*stops, *title_words])
        words = builder.telling_words(weights)
        clause = builder.filtered(builder.related(terms, words, needed=1), without_key=exclude)
        if asked is not None and self._vectors.file is not None:
            hits = Meant(searcher, builder, self._vectors.file, asked).related(clause, query, exclude)
        elif not terms and not words:
            return ()
        else:
            hits = searcher.search(clause, query.limit, count=False).hits
        marker = Marker([*title_words, *words])
        return tuple(to_hit(searcher, score, address, marker) for score, address in hits)

    # Rebuilding, state

    def _being_filled(self, name: str) -> EmbeddedEngine:
        target = EmbeddedEngine(self._generations.root, self._configuration, self.embedder)
        target._generations = self._generations  # What this process holds, it holds for both.
        target._meanings = self._meanings
        target.prepared = name
        return target

    @contextlib.asynccontextmanager
    async def prepare(self) -> AsyncIterator[EmbeddedEngine]:
        await self._in_thread(self._sweep)
        target = self._being_filled(await self._to_end(self._generations.create))
        try:
            yield target
            await target._to_end(target._finish)
        except BaseException:
            await self._to_end(self._drop, target)
            raise
        finally:
            target._threads.shutdown(wait=False)

    def _sweep(self) -> None:
        self._generations.let_all_go()
        with contextlib.suppress(OSError):
            self._generations.sweep()

    def _finish(self) -> None:
        self._commit()
        self._close_index()

    @contextlib.asynccontextmanager
    async def rebuild(self, prepared: str = "") -> AsyncIterator[EmbeddedEngine]:
        await self._in_thread(self._generations.lock)
        if prepared and not self._generations.exists(prepared):
            raise IndexUnreadable("the index that was prepared is not there any more")
        target = self._being_filled(prepared or await self._in_thread(self._generations.create))
        self._filling = target
        try:
            yield target
            # What was filled is committed before anybody waits for the swap.
            await target._to_end(target._commit)
            async with self._swap_lock:
                await self._to_end(self._swap, target)
        except BaseException:
            async with self._swap_lock:
                self._filling = None
                await self._to_end(self._drop, target)
            raise
        finally:
            target._threads.shutdown(wait=False)

    def _drop(self, target: EmbeddedEngine) -> None:
        target._close_index()
        # The caller may have been cancelled when the swap was already done.
        if self._generations.current() != target.prepared:
            self._generations.remove(target.prepared)

    def _swap(self, target: EmbeddedEngine) -> None:
        target._finish()
        replaced = self._generations.current()
        self._generations.publish(target.prepared)
        self._filling = None
        with self._write_lock:
            self._close_writer()
        self._searcher(refresh=True)
        if replaced:
            self._generations.remove(replaced)

    async def health(self) -> Health:
        name = f"tantivy {version('tantivy')}"
        try:
            searcher = await self._in_thread(self._searcher)
        except SearchDown as error:
            return Health(False, name, detail=str(error))
        return Health(True, name, searcher.num_docs)

    async def close(self) -> None:
        await self._to_end(self._close_index)
        if self._meanings is not None:
            self._meanings.close()
        self._generations.unlock()
        self._threads.shutdown(wait=False)
        self._threads = ThreadPoolExecutor(_SEARCH_THREADS, "search")

    def _close_index(self) -> None:
        with self._write_lock:
            self._close_writer()
        with self._read_lock:
            self._index = None

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        self._vectors.close_writer()
        if writer is not None:
            writer.wait_merging_threads()

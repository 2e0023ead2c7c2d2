"""Every set-up of search with a fresh index of its own, every question put to it, every place of the answer kept."""

from __future__ import annotations

import asyncio
import functools
import random
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from community.indexing import EVERYBODY
from community.relevance.collections import Collection, Question
from community.settings import Settings
from community.web.search_asked import LONGEST_QUERY
from community.web.similar import similar_hits
from search import SearchEngine
from search.embedded import EmbeddedEngine
from search.embedders import Embedder, build_embedder
from search.index import Document, Hit, Query
from search.meaning import with_vectors
from search.meilisearch import MeilisearchEngine

DEEPEST = 10
"""Places that count for the mean reciprocal rank."""
RECALL_AT = (1, 3, 5)
LOOKED_AT = 60
"""Hits asked for where younger documents must be taken out before counting."""
BATCH = 200
DRAWINGS = 1_000
PATIENCE_SECONDS = 60.0
"""For the meaning of a question: what is measured is how well things are found, not how busy the machine is."""

GUEST = frozenset({EVERYBODY})

Surface = Callable[[SearchEngine, Question, str, int], Awaitable[Sequence[Hit]]]


async def _search(engine: SearchEngine, question: Question, language: str, limit: int) -> Sequence[Hit]:
    """As the page of results asks."""
    text = " ".join(question.text.split())[:LONGEST_QUERY]
    return (await engine.search(Query(text, GUEST, limit=limit, language=language or "de"))).hits


async def _similar(engine: SearchEngine, question: Question, language: str, limit: int) -> Sequence[Hit]:
    """As the form for a new question asks: of a question of the set the engine is not told which document it is,
    because it would compare that document's own vector, made of its answers too."""
    return await similar_hits(engine, question.text, question.body, GUEST, limit=limit + 1)


SURFACES: dict[str, Surface] = {"search": _search, "similar": _similar}


@dataclass(frozen=True, slots=True)
class SetUp:
    """One engine with one embedder, opened on an index that nobody else uses and that is gone afterwards."""

    engine: str
    embedder: str
    open: Callable[[], AbstractAsyncContextManager[SearchEngine]]
    with_vectors: Callable[[Sequence[Document]], Sequence[Document]] = tuple


def set_ups(chosen: Settings, beside_words: Sequence[Embedder] = ()) -> list[SetUp]:
    """What this installation can be measured with: words alone and each of these embedders; Meilisearch only where
    `SEARCH_URL` names a server."""

    found = []
    for embedder in (None, *beside_words):
        label = embedder.label if embedder else "words"
        vectors = functools.partial(with_vectors, embedder) if embedder else tuple
        found.append(SetUp("embedded", label, functools.partial(_embedded, embedder), vectors))
        if chosen.search_url:
            found.append(SetUp("meilisearch", label, functools.partial(_server, chosen, embedder), vectors))
    return found


def embedders(chosen: Settings) -> list[Embedder]:
    """The configured embedder. It is waited for here."""
    embedder = build_embedder(chosen.embedder_choice)
    if embedder is None:
        return []
    embedder.query_seconds = PATIENCE_SECONDS
    return [embedder]


@asynccontextmanager
async def _embedded(embedder: Embedder | None) -> AsyncIterator[SearchEngine]:
    with tempfile.TemporaryDirectory(prefix="relevance-") as folder:
        engine = EmbeddedEngine(Path(folder), embedder=embedder)
        try:
            yield engine
        finally:
            await engine.close()


@asynccontextmanager
async def _server(chosen: Settings, embedder: Embedder | None) -> AsyncIterator[SearchEngine]:
    # Within the names that the key of the site may use.
    index = f"content_relevance_{uuid.uuid4().hex[:12]}"
    engine = MeilisearchEngine(chosen.search_url, chosen.search_key, index, embedder=embedder)
    try:
        yield engine
    finally:
        await engine.remove()
        await engine.close()


@dataclass(frozen=True, slots=True)
class Answered:
    """Where the right document stood for one question: 1 is the top, 0 is not among the first ten."""

    question: Question
    place: int
    hits: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one set-up reached on one surface with one group of questions."""

    engine: str
    embedder: str
    surface: str
    group: str
    questions: int
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    """95 of 100 drawings of as many subjects lie between these."""
    found_nothing: float
    milliseconds: dict[str, float]


async def measure(
    collection: Collection, with_: Sequence[SetUp], progress: Callable[[str, int], object]
) -> list[Figures]:
    """All figures, set-up by set-up. `progress` hears what is being done and how far it came."""
    figures: list[Figures] = []
    for set_up in with_:
        label = f"{set_up.engine}, {set_up.embedder}"
        async with set_up.open() as engine:
            await engine.setup()
            for start in range(0, len(collection.documents), BATCH):
                batch = collection.documents[start : start + BATCH]
                await engine.upsert(await asyncio.to_thread(set_up.with_vectors, batch))
                progress(label, 0)
            await engine.flush()
            for surface in SURFACES:
                answered = [one async for one in _ask_all(engine, surface, collection)]
                progress(f"{label}, {surface}", len(answered))
                figures += [_figures(set_up, surface, group, of) for group, of in _by_group(answered)]
    return figures


async def _ask_all(engine: SearchEngine, surface: str, collection: Collection) -> AsyncIterator[Answered]:
    created = {document.key: document.created for document in collection.documents}
    for question in collection.questions:
        if question.body and surface != "similar":
            continue
        limit = LOOKED_AT if question.asked_at is not None else DEEPEST
        began = time.perf_counter()
        hits = await SURFACES[surface](engine, question, collection.language, limit)
        milliseconds = (time.perf_counter() - began) * 1_000
        keys = [hit.key for hit in hits if hit.key != question.asked_by]
        if question.asked_at is not None:
            keys = [key for key in keys if created[key] < question.asked_at]
        place = next((at for at, key in enumerate(keys[:DEEPEST], 1) if key in question.answered_by), 0)
        yield Answered(question, place, len(keys), milliseconds)


def _by_group(answered: Sequence[Answered]) -> list[tuple[str, list[Answered]]]:
    groups: dict[str, list[Answered]] = {}
    for one in answered:
        for group in one.question.groups:
            groups.setdefault(group, []).append(one)
    # Everything together comes last.
    return sorted(groups.items(), key=lambda item: item[0] == "all")


def _figures(set_up: SetUp, surface: str, group: str, answered: Sequence[Answered]) -> Figures:
    times = sorted(one.milliseconds for one in answered)
    return Figures(
        set_up.engine,
        set_up.embedder,
        surface,
        group,
        len(answered),
        values=_mean(_sums(answered)),
        intervals=intervals(answered),
        found_nothing=sum(not one.hits for one in answered) / len(answered),
        milliseconds={
            "p50": times[len(times) // 2],
            "p95": times[min(len(times) - 1, int(len(times) * 0.95))],
        },
    )


MEASURES = (*(f"recall@{depth}" for depth in RECALL_AT), f"mrr@{DEEPEST}")

_Sums = tuple[float, ...]


def _sums(answered: Sequence[Answered]) -> _Sums:
    """Number of questions, then the sum of each measure."""
    places = [one.place for one in answered]
    recalls = (float(sum(0 < place <= depth for place in places)) for depth in RECALL_AT)
    return (len(places), *recalls, sum(1 / place for place in places if place))


def _mean(sums: _Sums) -> dict[str, float]:
    return {name: value / sums[0] for name, value in zip(MEASURES, sums[1:], strict=True)}


def intervals(answered: Sequence[Answered]) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap over subjects; the same every time."""
    subjects: dict[str, list[Answered]] = {}
    for one in answered:
        subjects.setdefault(one.question.subject, []).append(one)
    sums = [_sums(of) for of in subjects.values()]
    chance = random.Random(1)  # noqa: S311 - nothing to guess here
    drawn: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(DRAWINGS):
        sample = chance.choices(sums, k=len(sums))
        for name, value in _mean(tuple(map(sum, zip(*sample, strict=True)))).items():
            drawn[name].append(value)
    low, high = int(DRAWINGS * 0.025), int(DRAWINGS * 0.975) - 1
    return {name: (sorted(values)[low], sorted(values)[high]) for name, values in drawn.items()}

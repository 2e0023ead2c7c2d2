"""Meaning beside words: the vector of what somebody asks, in time or not at all, and one ranking of both.

Similarities of different models are not comparable. So each model is first asked about a few pairs of sentences that
mean the same in other words: 1.0 is how near those are to each other, 0.0 how near sentences are that have nothing
to do with each other. All limits below are on this scale.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from search.configuration import (
    QUERY_VECTOR_CHARACTERS,
    VECTOR_PART_CHARACTERS,
    VECTOR_TEXT_CHARACTERS,
)
from search.embedders import Embedder, EmbedderDown
from search.index import Document, Kind
from search.vectors import pack
from search.words import WORD, clean

if TYPE_CHECKING:
    from search.embedders import Vector

K = TypeVar("K", bound=int | str)

logger = logging.getLogger(__name__)

KINDS_WITH_MEANING: tuple[Kind, ...] = ("thread", "idea", "blog", "faq")
"""Nicknames and names of groups mean nothing."""

CANDIDATES = 100
"""Documents of each ranking, by words and by meaning, that are put into one order."""

NEAR = 0.65
"""From here on a document is worth showing where similar ones are asked for."""
VERY_NEAR = 0.9
"""From here on it is found by a search although it lacks the words that others have."""
MOST_ADDED = 20
"""Documents without the words that a search finds at most."""

WORDS_WEIGHT_OF_SENTENCES = 0.15
WORDS_WEIGHT_OF_KEYWORDS = 0.6
_SENTENCE_WORDS = 4
_UNKNOWN_DISTANCE = 0.4
"""How much less near than the nearest a document is taken to be whose vector is not yet made."""

_REMEMBERED = 256
_PAUSE_SECONDS = 30.0
"""How long an embedder that failed is left alone."""

_SAME_IN_OTHER_WORDS = (
    (
        "Wie kann ich meine Rufnummer zu einem neuen Anbieter mitnehmen?",
        "Ist es möglich, beim Wechsel die alte Telefonnummer zu behalten?",
    ),
    ("Wo finde ich die Rechnung vom letzten Monat?", "Ich suche die letzte Abrechnung als PDF."),
    ("Der Drucker zieht kein Papier ein.", "Beim Drucken bleibt die Papierzufuhr stehen."),
    (
        "How do I add a second user to our contract?",
        "We need another colleague to have access to the account.",
    ),
    (
        "Which delivery times apply to spare parts?",
        "How long does it take until replacement parts arrive?",
    ),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What the similarities of a model mean."""

    unrelated: float
    same: float

    def of(self, similarity: float) -> float:
        return (similarity - self.unrelated) / max(self.same - self.unrelated, 0.01)


@dataclass(frozen=True, slots=True)
class QueryMeaning:
    """The vector of a question and how to read similarities to it."""

    vector: Vector
    scale: Scale


def calibrated(embedder: Embedder) -> Scale:
    """Ask the model about the sentences above."""
    asked = [embedder.embed_query(question) for question, _ in _SAME_IN_OTHER_WORDS]
    found = embedder.embed_documents([document for _, document in _SAME_IN_OTHER_WORDS])
    same: list[float] = []
    other: list[float] = []
    for row, vector in enumerate(asked):
        for column, document in enumerate(found):
            (same if row == column else other).append(float(vector @ document))
    return Scale(sum(other) / len(other), sum(same) / len(same))


def vector_text(document: Document) -> str:
    """What of a document is turned into its vector: its title and the beginnings of question and answer."""
    answer = document.solution or document.answers
    parts = (document.title, document.question[:VECTOR_PART_CHARACTERS], answer)
    text = "\n".join(part.strip() for part in parts if part.strip())
    return clean(text, VECTOR_TEXT_CHARACTERS)


def with_vectors(embedder: Embedder, documents: Sequence[Document]) -> list[Document]:
    """The documents with the vectors of their texts; those that have no meaning without."""
    meant = [document for document in documents if document.kind in KINDS_WITH_MEANING]
    vectors = embedder.embed_documents([vector_text(document) for document in meant])
    packed = {one.key: pack(vector) for one, vector in zip(meant, vectors, strict=True)}
    return [dataclasses.replace(one, vector=packed.get(one.key, b"")) for one in documents]


class QueryMeanings:
    """Vectors of questions, made in a thread of their own while the caller waits for a stated time at most.

    While one that took too long is still being made, nobody waits for another.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._thread = ThreadPoolExecutor(1, "meaning")
        self._guard = threading.Lock()
        self._remembered: OrderedDict[str, QueryMeaning] = OrderedDict()
        self._scale: Scale | None = None
        self._is_warming = False
        self._overdue = 0
        self._paused_until = 0.0

    async def of(self, text: str) -> QueryMeaning | None:
        """The meaning of a question; None if it cannot be had in time, and then words must do."""
        text = " ".join(clean(text, QUERY_VECTOR_CHARACTERS * 2).split())
        if len(text) > QUERY_VECTOR_CHARACTERS:
            text = text[:QUERY_VECTOR_CHARACTERS].rpartition(" ")[0] or text[:QUERY_VECTOR_CHARACTERS]
        if not WORD.search(text):
            return None
        if time.monotonic() < self._paused_until:
            return None
        with self._guard:
            known = self._remembered.get(text)
            if known is not None:
                self._remembered.move_to_end(text)
                return known
        if self._overdue:
            return None
        making = self._thread.submit(self._make, text)
        done, _ = await asyncio.wait((asyncio.wrap_future(making),), timeout=self._embedder.query_seconds)
        if done:
            return making.result()
        # Who waits behind another is forgotten; what has begun cannot be stopped.
        if not making.cancel():
            with self._guard:
                self._overdue += 1
            making.add_done_callback(self._caught_up)
        return None

    def warm_up(self) -> None:
        """Load the model and its scale before anybody asks."""
        if self._scale is None and not self._is_warming:
            self._is_warming = True
            self._thread.submit(self._calibrate_if_possible)

    def _calibrate_if_possible(self) -> None:
        with contextlib.suppress(EmbedderDown):
            self._calibrate()

    async def of_vector(self, vector: Vector) -> QueryMeaning | None:
        """The meaning of a document whose vector is known. For the worker: the first time takes longer."""
        try:
            return QueryMeaning(vector, await asyncio.wrap_future(self._thread.submit(self._calibrate)))
        except EmbedderDown:
            return None

    def _caught_up(self, _making: object) -> None:
        with self._guard:
            self._overdue -= 1

    def _calibrate(self) -> Scale:
        if self._scale is None:
            self._scale = calibrated(self._embedder)
        return self._scale

    def _make(self, text: str) -> QueryMeaning | None:
        try:
            scale = self._calibrate()
            made = QueryMeaning(self._embedder.embed_query(text), scale)
        except Exception as error:
            # Whatever is wrong with the embedder, searching goes on by words.
            self.pause()
            logger.warning("no meaning of a query", exc_info=error)
            return None
        with self._guard:
            self._remembered[text] = made
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return made

    def pause(self) -> None:
        """Leave meaning out for a while: whoever needs the vectors cannot use them yet."""
        self._paused_until = time.monotonic() + _PAUSE_SECONDS

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._thread = ThreadPoolExecutor(1, "meaning")


def words_weight(text: str) -> float:
    """How much words count beside meaning: little in a sentence, much where somebody types names and numbers."""
    words = WORD.findall(text)
    if len(words) >= _SENTENCE_WORDS and not any(_is_code(word) for word in words):
        return WORDS_WEIGHT_OF_SENTENCES
    return WORDS_WEIGHT_OF_KEYWORDS


def _is_code(word: str) -> bool:
    """An article number, an error code, an abbreviation with a number: nothing that a model has read."""
    if word.isdigit():
        return len(word) > 4
    return len(word) > 2 and any(sign.isdigit() for sign in word)


def fused(
    by_words: Mapping[K, float], similarities: Mapping[K, float], asked: QueryMeaning, weight: float
) -> list[tuple[K, float]]:
    """Documents (their keys or numbers) with their scores, the best first.

    A score is the nearness in meaning and, as a share of the best, what the words say. A document whose vector is not
    made yet is taken to be somewhat near.
    """
    near = {key: asked.scale.of(similarity) for key, similarity in similarities.items()}
    unknown = max(near.values(), default=1.0) - _UNKNOWN_DISTANCE
    best = max(by_words.values(), default=0.0)
    scores = {
        key: near.get(key, unknown) + (weight * by_words.get(key, 0.0) / best if best > 0 else 0.0)
        for key in (*by_words, *similarities)
    }
    return sorted(scores.items(), key=lambda one: (-one[1], str(one[0])))

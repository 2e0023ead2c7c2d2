"""Which threads are about one subject: by their words, by their vectors, or because people said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from community.core.db import fetch
from community.faq.words import alikeness, telling
from community.proposing.rules import MOST_THREADS
from community.spaces.models import SpaceAccess
from search.vectors import unpack

ALIKE_BY_WEIGHT = 0.44
"""Share of the weight of their telling words that two titles have in common at least. Measured: docs/relevance.md."""
ALIKE_BY_WORDS = {2: 0.55, 3: 0.34}
"""The same in numbers of words, when they share so many (3: or more), where nothing is known of their weight."""
FEWEST_SHARED = 2
"""With fewer they name the same thing, not the same question."""
ALIKE_BY_MEANING = 0.85
"""Similarity of two vectors."""
FEWEST_TITLES = 60
"""Fewer titles say nothing about how rare a word is."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A thread as far as it matters whether it deserves an entry."""

    id: int
    title: str
    language: str
    space_id: int
    access: str
    post_id: int | None
    """Its solution; None where it has none that readers see."""
    kudos_count: int
    same_problem_count: int
    read_count: int
    """Within a month."""
    is_recent: bool

    @property
    def circle(self) -> int:
        """Threads of one circle may be put together: an exclusive space is one for itself, everything that all
        members may read is another. So whoever may read a proposal's threads may read its figures."""
        return self.space_id if self.access == SpaceAccess.EXCLUSIVE else 0

    @property
    def words(self) -> frozenset[str]:
        return telling(self.title, self.language)


def alike_by_words(
    one: frozenset[str], other: frozenset[str], weights: Mapping[str, float] | None = None
) -> bool:
    """Whether two questions ask the same. With the `weights` of words, a rare one that both have says more."""
    shared = one & other
    if len(shared) < FEWEST_SHARED:
        return False
    if not weights:
        return alikeness(one, other) >= ALIKE_BY_WORDS[min(3, len(shared))]
    return _weight(shared, weights) >= ALIKE_BY_WEIGHT * _weight(one | other, weights)


def _weight(words: frozenset[str], weights: Mapping[str, float]) -> float:
    return sum(weights.get(word, 0.0) for word in words)


def weigh_words(titles: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each word of these titles tells one from another: what half of them have says what the community is
    about. Empty where there are too few titles to know."""
    if len(titles) < FEWEST_TITLES:
        return {}
    counts = Counter(word for words in titles for word in words)
    return {word: log((len(titles) + 1) / count) for word, count in counts.items()}


def alike_by_meaning(one: bytes, other: bytes) -> bool:
    """Whether two packed vectors of one embedder stand for the same."""
    return len(one) == len(other) > 0 and float(unpack(one) @ unpack(other)) >= ALIKE_BY_MEANING


async def list_neighbours(thread_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Threads that the index or people put beside these, in both directions, with the kind of the relation."""
    found: dict[int, dict[int, str]] = {thread_id: {} for thread_id in thread_ids}
    rows = await fetch(
        """SELECT thread_id, related_id, kind FROM related_threads WHERE thread_id IN (:ids)
        UNION SELECT related_id, thread_id, kind FROM related_threads WHERE related_id IN (:ids)""",
        {"ids": list(thread_ids)},
    )
    for row in rows:
        beside = found[row["thread_id"]]
        if beside.get(row["related_id"]) != "duplicate":
            beside[row["related_id"]] = row["kind"]
    return found


async def load_vectors(thread_ids: Sequence[int]) -> dict[int, tuple[str, bytes]]:
    """The kept vectors of these threads, each with the name of what made it."""
    rows = await fetch(
        "SELECT row_id, embedder, vector FROM document_vectors WHERE kind = 'thread' AND row_id IN (:ids)",
        {"ids": list(thread_ids)},
    )
    return {row["row_id"]: (row["embedder"], bytes(row["vector"])) for row in rows if row["vector"]}


def subject_of(
    one: Facts,
    beside: Mapping[int, str],
    facts: Mapping[int, Facts],
    vectors: Mapping[int, tuple[str, bytes]],
    weights: Mapping[str, float],
) -> tuple[Facts, ...]:
    """The thread itself, then those beside it that ask the same, duplicates first."""
    others = [facts[each] for each in beside if each in facts and each != one.id]
    same = [other for other in others if _asks_the_same(one, other, beside[other.id], vectors, weights)]
    same.sort(key=lambda other: beside[other.id] != "duplicate")
    return (one, *same[: MOST_THREADS - 1])


def _asks_the_same(
    one: Facts,
    other: Facts,
    kind: str,
    vectors: Mapping[int, tuple[str, bytes]],
    weights: Mapping[str, float],
) -> bool:
    if one.circle != other.circle or one.language != other.language:
        return False
    if kind == "duplicate" or alike_by_words(one.words, other.words, weights):
        return True
    mine, theirs = vectors.get(one.id), vectors.get(other.id)
    return bool(mine and theirs and mine[0] == theirs[0] and alike_by_meaning(mine[1], theirs[1]))

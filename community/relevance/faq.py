"""How good the helpers of the FAQ are: drafts against what editors wrote, subjects against paraphrases."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from community.faq.asked import Asked, best_question
from community.faq.drafting import SHORT_ANSWER_AIM, draft_answer
from community.faq.reading import beginning_of
from community.faq.words import telling
from community.proposing.subjects import ALIKE_BY_MEANING, alike_by_words, weigh_words
from community.relevance.collections import Collection, Edited
from search.embedders import Embedder
from search.words import WORD, guess_language

BATCH = 64
LONGEST_GRAM = 6
RECALL_WEIGHT = 2
"""Of chrF: what is missing in a draft costs more than what is too much."""

DraftMaker = Callable[[Edited, str], str]


def _draft(edited: Edited, language: str) -> str:
    question = best_question([Asked(edited.question, "", language)])
    made = draft_answer(question, edited.raw_answer, language)
    return "\n".join(part for part in (made.short_answer, made.steps) if part)


MAKERS: dict[str, DraftMaker] = {
    "draft": _draft,
    "first sentences": lambda edited, _language: beginning_of(edited.raw_answer, SHORT_ANSWER_AIM),
    "whole answer": lambda edited, _language: edited.raw_answer,
}


@dataclass(frozen=True, slots=True)
class DraftFigures:
    """How near the texts of one way of drafting come to what editors wrote; means over all pairs."""

    way: str
    pairs: int
    rouge_1: float
    rouge_2: float
    rouge_l: float
    chrf: float
    length: float
    """Characters, as a multiple of those of the editor's text."""
    invented: float
    """Share of words that do not stand in the unedited answer."""
    empty: int
    """Answers of which nothing was taken."""


@dataclass(frozen=True, slots=True)
class ClusterFigures:
    """How well pairs of titles that ask the same are told from other pairs."""

    way: str
    titles: int
    subjects: int
    precision: float
    recall: float
    f1: float


def measure_drafts(collection: Collection) -> list[DraftFigures]:
    """Every way of drafting, with every answer of which both texts are known."""
    return [_drafts_of(way, make, collection) for way, make in MAKERS.items()] if collection.edited else []


def _drafts_of(way: str, make: DraftMaker, collection: Collection) -> DraftFigures:
    made = [(make(one, _language(one.raw_answer, collection)), one) for one in collection.edited]
    words = [(words_of(text), words_of(one.answer), words_of(one.raw_answer)) for text, one in made]
    return DraftFigures(
        way=way,
        pairs=len(made),
        rouge_1=mean(overlap_f1(grams(text, 1), grams(edited, 1)) for text, edited, _raw in words),
        rouge_2=mean(overlap_f1(grams(text, 2), grams(edited, 2)) for text, edited, _raw in words),
        rouge_l=mean(longest_common_f1(text, edited) for text, edited, _raw in words),
        chrf=mean(chrf(text, one.answer) for text, one in made),
        length=mean(len(text) / len(one.answer) for text, one in made),
        invented=mean(_share_outside(text, raw) for text, _edited, raw in words),
        empty=sum(not text for text, _one in made),
    )


async def measure_clusters(collection: Collection, embedders: Iterable[Embedder]) -> list[ClusterFigures]:
    """At the thresholds that the finder of proposals uses, by words and by the meaning of each embedder."""
    asked = [one for one in collection.questions if "paraphrases" in one.groups]
    titles, subjects = [one.text for one in asked], [one.subject for one in asked]
    if len(set(subjects)) < 2:
        return []
    words = [telling(title, _language(title, collection)) for title in titles]
    weights = weigh_words(words)
    found = {
        (one, other)
        for one, other in itertools.combinations(range(len(words)), 2)
        if alike_by_words(words[one], words[other], weights)
    }
    figures = [_pairs("words", found, subjects)]
    for embedder in embedders:
        near = await asyncio.to_thread(_near, embedder, titles)
        figures.append(_pairs(embedder.label, near, subjects))
        figures.append(_pairs(f"words or {embedder.label}", near | found, subjects))
    return figures


def _near(embedder: Embedder, titles: Sequence[str]) -> set[tuple[int, int]]:
    import numpy as np

    batches = [titles[start : start + BATCH] for start in range(0, len(titles), BATCH)]
    vectors = np.stack([vector for batch in batches for vector in embedder.embed_documents(batch)])
    rows, columns = np.nonzero(np.triu(vectors @ vectors.T >= ALIKE_BY_MEANING, k=1))
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


def _pairs(way: str, found: set[tuple[int, int]], subjects: Sequence[str]) -> ClusterFigures:
    sizes = Counter(subjects).values()
    wanted = sum(size * (size - 1) // 2 for size in sizes)
    right = sum(subjects[one] == subjects[other] for one, other in found)
    precision = right / len(found) if found else 0.0
    recall = right / wanted if wanted else 0.0
    return ClusterFigures(way, len(subjects), len(sizes), precision, recall, _f1(precision, recall))


# --- how near two texts are -------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def grams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def overlap_f1(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    """ROUGE-N: words (or pairs of them) in common; 1 where both have none."""
    if not one and not other:
        return 1.0
    common = (one & other).total()
    return _f1(common / one.total() if one else 0.0, common / other.total() if other else 0.0)


def longest_common_f1(one: Sequence[str], other: Sequence[str]) -> float:
    """ROUGE-L: the longest row of words that stands in both, in one order."""
    if not one or not other:
        return float(not one and not other)
    before = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for at, theirs in enumerate(other, 1):
            row.append(before[at - 1] + 1 if word == theirs else max(before[at], row[at - 1]))
        before = row
    return _f1(before[-1] / len(one), before[-1] / len(other))


def chrf(one: str, other: str) -> float:
    """Pieces of one to six characters in common, as chrF counts them: spaces do not count."""
    mine, theirs = "".join(one.split()), "".join(other.split())
    precisions, recalls = [], []
    for size in range(1, LONGEST_GRAM + 1):
        ours = Counter(mine[at : at + size] for at in range(len(mine) - size + 1))
        wanted = Counter(theirs[at : at + size] for at in range(len(theirs) - size + 1))
        if ours or wanted:
            common = (ours & wanted).total()
            precisions.append(common / ours.total() if ours else 0.0)
            recalls.append(common / wanted.total() if wanted else 0.0)
    precision, recall = (mean(each) if each else 0.0 for each in (precisions, recalls))
    weight = RECALL_WEIGHT**2
    whole = weight * precision + recall
    return (1 + weight) * precision * recall / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share_outside(words: Sequence[str], source: Sequence[str]) -> float:
    known = set(source)
    return sum(word not in known for word in words) / len(words) if words else 0.0


def _language(text: str, collection: Collection) -> str:
    return guess_language(text) or collection.language or "de"

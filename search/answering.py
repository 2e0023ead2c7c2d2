"""Whether one of the best hits answers the words typed, so that it may be quoted above all the others.

An answer at the top is right or absent, so the rule is strict: it rather says nothing. It compares words of texts
alone, beside the order of scores, and is the same for every engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from search.analysis import fold, spellings
from search.configuration import LIGHT_WORDS
from search.highlight import Marker
from search.words import WORD, query_words

CONSIDERED = 3
"""The best hits among which an answer is looked for."""

_ANSWER_CHARACTERS = 4_000
_LEAST_WORDS = 2  # one word is a subject, not a question
_LEAST_IN_A_ROW = 4
_LEAST_SCORE = 0.95  # of the best hit, of an entry right behind a thread that asks in other words
_PART = 0.5  # what a word counts that is found only inside a longer one, or the other way round
_LIGHT = 0.25

_NEGATING = "ohne nicht kein keine keinen keiner without not no never"
_LIGHT_WORDS = frozenset(map(fold, LIGHT_WORDS))
_NEGATIONS = frozenset(fold(word) for word in _NEGATING.split())
_WITHOUT = frozenset({"ohne", "without"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the best hits."""

    title: str
    answer: str
    """Empty where it holds none: such a hit may stand above an answer, but never be one."""
    score: float
    is_entry: bool = False
    """An FAQ entry. One that was made from a thread stands beside it and does not compete with it."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How much must agree: shares of words between 0 and 1, and the lead over the next hit."""

    asked_in_title: float
    asked_in_all: float
    title_in_asked: float
    lead: float


# Nearly the same question; or a shorter one whose best hit is far ahead of all others.
_RULES = (_Rule(0.6, 0.8, 0.7, 1.05), _Rule(0.6, 0.9, 0.5, 1.5))
# To be offered first: one word may be another one, and others as near do not matter.
_OFFERED = (_Rule(0.6, 0.65, 0.6, 0.0),)


def choose_answer(text: str, candidates: Sequence[Candidate], stop_words: Iterable[str]) -> int | None:
    """The position of the candidate that answers `text`, of candidates in the order of their scores, or None."""
    stops = frozenset(stop_words)
    asked, typed = list(dict.fromkeys(query_words(text, stops))), WORD.findall(text)
    telling = sum(_weight(word) == 1 for word in asked)
    passing = [
        position
        for position, candidate in enumerate(candidates[:CONSIDERED])
        if (telling and candidate.answer and _stands_in(typed, WORD.findall(candidate.title)))
        or (telling >= _LEAST_WORDS and _passes(asked, typed, candidate, _lead(candidates, position), stops))
    ]
    if not passing:
        return None
    first = passing[0]
    if first == 0:
        # What an editor made of a thread says it shorter.
        made = len(passing) > 1 and candidates[passing[1]].is_entry and not candidates[0].is_entry
        return passing[1] if made else 0
    near = candidates[first].score >= _LEAST_SCORE * candidates[0].score
    return first if candidates[first].is_entry and not candidates[0].is_entry and near else None


def answers_title(title: str, candidate: Candidate, stop_words: Iterable[str]) -> bool:
    """Whether a candidate answers the question that somebody is about to ask, so that it may stand above nearer hits.

    Less strict than `choose_answer`, because it is offered to read, not quoted as the answer: others as good as this
    one do not matter.
    """
    stops = frozenset(stop_words)
    asked, typed = list(dict.fromkeys(query_words(title, stops))), WORD.findall(title)
    telling = sum(_weight(word) == 1 for word in asked)
    if not candidate.answer or not telling:
        return False
    if _stands_in(typed, WORD.findall(candidate.title)):
        return True
    return telling >= _LEAST_WORDS and _passes(asked, typed, candidate, 0.0, stops, _OFFERED)


def _stands_in(typed: Sequence[str], title: Sequence[str]) -> bool:
    """Whether the words typed are words of the title in a row: then they ask just that, even if few are telling."""
    size = len(typed)
    asked, words = [fold(word) for word in typed], [fold(word) for word in title]
    return size >= _LEAST_IN_A_ROW and any(
        words[start : start + size] == asked for start in range(len(words) - size + 1)
    )


def _passes(
    asked: Sequence[str],
    typed: Sequence[str],
    candidate: Candidate,
    lead: float,
    stops: Collection[str],
    rules: Sequence[_Rule] = _RULES,
) -> bool:
    title = list(dict.fromkeys(WORD.findall(candidate.title)))
    answer = list(dict.fromkeys(WORD.findall(candidate.answer[:_ANSWER_CHARACTERS])))
    if not answer or _denies_otherwise(typed, title, answer):
        return False
    in_title, in_all = _share(asked, title), _share(asked, [*title, *answer])
    title_in_asked = _share([word for word in title if word.lower() not in stops], asked)
    return any(
        in_title >= rule.asked_in_title
        and in_all >= rule.asked_in_all
        and title_in_asked >= rule.title_in_asked
        and lead >= rule.lead
        for rule in rules
    )


def _lead(candidates: Sequence[Candidate], position: int) -> float:
    """How many times the score of the next hit this one has; of those that compete with it."""
    own = candidates[position]
    others = [
        other.score
        for number, other in enumerate(candidates)
        if number != position and other.is_entry == own.is_entry
    ]
    best = max(others, default=0.0)
    return own.score / best if best > 0 else float("inf")


def _denies_otherwise(typed: Iterable[str], title: Iterable[str], answer: Iterable[str]) -> bool:
    """Whether one says "without" and the other does not: then all words may agree and mean the opposite."""
    asked = {fold(word) for word in typed} & _NEGATIONS
    in_title = {fold(word) for word in title} & _NEGATIONS
    in_answer = {fold(word) for word in answer} & _NEGATIONS
    return bool(asked) > bool(in_title | in_answer) or bool(asked & _WITHOUT) != bool(in_title & _WITHOUT)


def _share(words: Sequence[str], among: Sequence[str]) -> float:
    """How much of `words`, each by its weight, is found among the others in any form."""
    whole = sum(_weight(word) for word in words)
    return sum(_weight(word) * _found(word, among) for word in words) / whole if whole else 0.0


def _weight(word: str) -> float:
    return _LIGHT if fold(word) in _LIGHT_WORDS else 1.0


def _found(word: str, among: Sequence[str]) -> float:
    marker = Marker([word], guessed=frozenset(spellings(word)), derived=False)
    if any(marker.matches(other) for other in among):
        return 1.0
    folded = fold(word)
    inside = any(
        (len(folded) >= 4 and folded in other) or (len(other) >= 5 and other in folded)
        for other in map(fold, among)
    )
    return _PART if inside else 0.0

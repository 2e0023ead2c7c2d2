"""A question as its readers would ask it, chosen among what customers wrote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from community.faq import asking_cues, cues
from community.faq.reading import is_personal, may_be_taken, paragraphs, sentences
from community.faq.rules import LONGEST_QUESTION
from community.faq.words import alikeness, overlap, telling

SHORTEST, LONGEST = 15, 120
"""Characters of a question that is easy to read."""
LEAST_TELLING = 3
"""Telling words of a sentence that asks more than "Any ideas?"."""
SAYS_ENOUGH = 5
"""Telling words of a title that is understood although it neither asks nor says what is wrong."""
ASKS_THE_SAME = 0.6
"""Share of a clear title's telling words in a sentence that asks it."""
SAME_SUBJECT = 0.5
"""Which share of a title's telling words a sentence of the text must hold to ask the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one customer wrote: title and text of a thread."""

    title: str
    body: str
    language: str


def best_question(asked: Sequence[Asked], names: Collection[str] = ()) -> str:
    """The clearest of the titles; where it does not ask, the sentence of a text that does.

    Titles with a name or a personal detail are passed over. Empty where nothing else asks the question."""
    best = _best_title([one for one in asked if not is_personal(one.title, names)])
    if asks(best):
        return with_mark(best)[:LONGEST_QUESTION]
    found = [sentence for one in asked if (sentence := _sentence_that_asks(one, names))]
    language = asked[0].language if asked else ""
    if says_what_is_asked(best, language):
        # Readers know it by its title; a sentence is better only where it asks the same in full.
        wanted = telling(best, language)
        found = [each for each in found if overlap(telling(each, language), wanted) >= ASKS_THE_SAME]
    return next(iter(found), best)[:LONGEST_QUESTION]


def _best_title(asked: Sequence[Asked]) -> str:
    """The clearest title, rather one that resembles the others."""
    titles = [tidied(one.title) for one in asked]
    words = [telling(title, one.language) for title, one in zip(titles, asked, strict=True)]

    def weight(place: int) -> float:
        others = [alikeness(words[place], other) for at, other in enumerate(words) if at != place]
        middle = sum(others) / len(others) if others else 0.0
        return _clearness(titles[place]) + middle - 0.1 * place

    return titles[max(range(len(titles)), key=weight)] if titles else ""


def tidied(title: str) -> str:
    """A title without what stands before the question ("[solved]", "Re:")."""
    return asking_cues.QUESTION_NOISE.sub("", " ".join(title.split())).strip() or title


def asks(text: str) -> bool:
    """Whether a title is a question rather than the name of a subject."""
    return text.endswith("?") or bool(
        asking_cues.ASKING.match(text) or asking_cues.YES_NO_QUESTION.match(text)
    )


def says_what_is_asked(question: str, language: str) -> bool:
    """Whether readers know what an entry under this heading answers: it asks, or says what is wrong or to be done. A
    mere subject ("Two sites") does not."""
    said = len(telling(question, language))
    return (
        asks(question)
        or bool(asking_cues.COMPARING.search(question))
        or (
            said >= LEAST_TELLING
            and bool(asking_cues.PROBLEM.search(question) or asking_cues.TASK.search(question))
        )
        or said >= SAYS_ENOUGH
    )


def with_mark(text: str) -> str:
    """A question ends with its mark."""
    return text if text.endswith(("?", "!", "…")) else f"{text.rstrip(' .:,')}?"


def is_for_everybody(question: str) -> bool:
    """Whether there is one right answer to it, rather than opinions, and more than one person may ask it."""
    return not asking_cues.OPINION.search(question)


def _clearness(title: str) -> float:
    weight = 2.0 * asks(title) + 0.5 * title.endswith("?")
    weight += 1.0 if SHORTEST <= len(title) <= LONGEST else 0.0
    weight -= len(title) / 300
    weight -= 0.5 * bool(cues.PERSONAL.search(title)) + 0.5 * ("!" in title) + 0.5 * title.isupper()
    return weight


def _sentence_that_asks(asked: Asked, names: Collection[str]) -> str:
    """The question of the text that has most of what the title names, short and understood without the rest."""
    wanted = telling(tidied(asked.title), asked.language)
    found = [
        part
        for paragraph in paragraphs(asked.body)
        for sentence in sentences(paragraph)
        for part in (sentence, _behind_colon(sentence))
        if _may_ask(part, names)
    ]
    fit = [
        (overlap(words, wanted), -place, sentence)
        for place, sentence in enumerate(found)
        if _is_about(words := telling(sentence, asked.language), wanted)
    ]
    return max(fit)[2] if fit else ""


def _behind_colon(sentence: str) -> str:
    """ "My question is: How …?" asks behind the colon."""
    return sentence.partition(": ")[2]


def _may_ask(sentence: str, names: Collection[str]) -> bool:
    return (
        sentence.endswith("?")
        and SHORTEST <= len(sentence) <= LONGEST
        and asks_alone(sentence)
        and may_be_taken(f"{sentence[:-1]}.", names)
    )


def _is_about(words: frozenset[str], title: frozenset[str]) -> bool:
    """Whether a sentence asks what the title names: most of it, or something of it and enough besides. A title that
    names nothing ("Help please") leaves it to the sentence."""
    if len(title) < 2:
        return len(words) >= LEAST_TELLING
    return overlap(words, title) >= SAME_SUBJECT or (len(words) >= LEAST_TELLING and bool(words & title))


def asks_alone(sentence: str) -> bool:
    """Whether a question says by itself what it asks."""
    asks_something = asking_cues.ASKING.match(sentence) or asking_cues.YES_NO_QUESTION.match(sentence)
    return bool(asks_something) and not (
        cues.LEANING.match(sentence) or asking_cues.NOT_ALONE.search(sentence)
    )

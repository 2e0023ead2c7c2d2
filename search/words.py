"""Texts and queries before any engine sees them: cleaned, cut, split into words."""

from __future__ import annotations

import dataclasses
import re
import string
import unicodedata
from collections.abc import Iterable
from typing import Any

from search.configuration import (
    LIGHT_WORDS,
    MAX_TAGS,
    QUERY_CHARACTERS,
    QUERY_WORDS,
    STOP_WORDS_BY_LANGUAGE,
    TEXT_LIMITS,
)
from search.index import Document

WORD = re.compile(r"[^\W_]+")

_GUESSED_FROM = 2_000  # characters
_GERMAN_LETTERS = frozenset("äöüß")

# Control characters other than tab and line ends, halves of surrogate pairs, and the private-use
# characters that the search server puts around marked words.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000\ue001]")


def clean(text: str, limit: int) -> str:
    """Text that every engine and every encoder takes: composed Unicode, no control characters, cut."""
    return unicodedata.normalize("NFC", _UNWANTED.sub(" ", text[:limit]))


def cleaned(document: Document) -> Document:
    """The document with all texts cleaned and cut to their limits."""
    texts: dict[str, Any] = {
        name: clean(getattr(document, name), limit) for name, limit in TEXT_LIMITS.items()
    }
    tags = tuple(clean(tag, 100) for tag in document.tags[:MAX_TAGS])
    return dataclasses.replace(document, **texts, tags=tags)


def latest(documents: Iterable[Document]) -> list[Document]:
    """One document per key: of several the one with the highest version, among those the last."""
    by_key: dict[str, Document] = {}
    for document in documents:
        other = by_key.get(document.key)
        if other is None or document.version >= other.version:
            by_key[document.key] = cleaned(document)
    return list(by_key.values())


def query_words(
    text: str, stop_words: Iterable[str], *, typing: bool = False, limit: int = QUERY_WORDS
) -> list[str]:
    """The words worth searching, in order, few enough for every engine.

    Stop words are dropped unless there is nothing else, or the last word may still grow into another.
    """
    words = [word[:64] for word in WORD.findall(clean(text, QUERY_CHARACTERS))]
    stops = set(stop_words)
    last = len(words) - 1
    telling = [
        word
        for position, word in enumerate(words)
        if word.lower() not in stops or (typing and position == last)
    ]
    return (telling or words)[:limit]


def telling_words(text: str, stop_words: Iterable[str], *, typing: bool = False) -> list[str]:
    """The same without the words of any question, unless there is nothing else.

    One letter behind other words says nothing yet while it is typed: half of all documents have a word like that.
    """
    words = query_words(text, stop_words, typing=typing, limit=QUERY_CHARACTERS)
    if typing and len(words) > 1 and len(words[-1]) == 1:
        words.pop()
    last = len(words) - 1
    telling = [
        word
        for position, word in enumerate(words)
        if word.lower() not in LIGHT_WORDS or (typing and position == last)
    ]
    return (telling or words)[:QUERY_WORDS]


def guess_language(text: str) -> str:
    """The language whose small words and letters stand in a text; empty where none is ahead."""
    words = WORD.findall(text[:_GUESSED_FROM].lower())
    counts = {
        language: sum(word in stops for word in words) for language, stops in STOP_WORDS_BY_LANGUAGE.items()
    }
    counts["de"] += sum(not _GERMAN_LETTERS.isdisjoint(word) for word in words)
    (best, most), (_, second) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    return best if most > second else ""


def one_mistake_away(word: str) -> list[str]:
    """Every string that becomes the word by one letter more, less, other or swapped; sorted."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {before + after[1:] for before, after in cuts if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    for letter in string.ascii_lowercase:
        found |= {before + letter + after for before, after in cuts}
        found |= {before + letter + after[1:] for before, after in cuts if after}
    return sorted(found - {word})

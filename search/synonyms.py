"""Groups of words with the same meaning, looked up by the words of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search.analysis import fold, stems
from search.configuration import Configuration
from search.names import spellings
from search.words import WORD

Words = tuple[str, ...]

LONGEST_ENTRY = 3  # words


@dataclass(frozen=True, slots=True)
class Term:
    """Words of a query that belong together, what may stand in their place, and whether the last may grow."""

    words: Words
    alternatives: tuple[Words, ...] = ()
    growing: bool = False
    is_name: bool = False  # Never read as a typing mistake or as a part of other words.


class SynonymTable:
    """Finds entries in any inflection: words are compared by their stems."""

    def __init__(
        self,
        groups: Iterable[Sequence[str]],
        one_way: Iterable[Sequence[str]] = (),
        names: Iterable[str] = (),
    ) -> None:
        self._others: dict[Words, dict[Words, None]] = {}
        for group in groups:
            entries = [_words(entry) for entry in group]
            for entry in entries:
                self._add(entry, entries)
        for first, *found in one_way:
            self._add(_words(first), [_words(entry) for entry in found])
        self._names = {_compared(_words(way)) for name in names for way in spellings(name)}

    @classmethod
    def of(cls, configuration: Configuration) -> SynonymTable:
        """The table of all that a configuration says about words."""
        return cls(configuration.groups, configuration.one_way_groups, configuration.names)

    def _add(self, entry: Words, found: Sequence[Words]) -> None:
        others = {other: None for other in found if other and other != entry}
        self._others.setdefault(_compared(entry), {}).update(others)

    def terms(self, words: Sequence[str], *, typing: bool = False) -> list[Term]:
        """The words of a query as terms; the longest entry wins where several begin at one word."""
        terms: list[Term] = []
        position = 0
        while position < len(words):
            size = self._entry_size(words, position)
            found = tuple(words[position : position + size])
            position += size
            growing = typing and position == len(words)
            compared = _compared(found)
            alternatives = tuple(self._others.get(compared, ()))
            terms.append(Term(found, alternatives, growing, compared in self._names))
        return terms

    def _entry_size(self, words: Sequence[str], position: int) -> int:
        for size in range(min(LONGEST_ENTRY, len(words) - position), 1, -1):
            compared = _compared(words[position : position + size])
            if compared in self._others or compared in self._names:
                return size
        return 1


def entry_key(entry: str) -> Words:
    """What an entry is recognised by: entries with the same key are one to the search."""
    return _compared(_words(entry))


def _words(entry: str) -> Words:
    return tuple(WORD.findall(entry))


def _compared(words: Sequence[str]) -> Words:
    return tuple(stems(word).get("de") or fold(word) for word in words)

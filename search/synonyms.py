"""Groups of words with the same meaning, looked up by the words of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search.analysis import fold, stems
from search.words import WORD

Words = tuple[str, ...]

_LONGEST_ENTRY = 3  # words


@dataclass(frozen=True, slots=True)
class Term:
    """Words of a query that belong together, what may stand in their place, and whether the last may grow."""

    words: Words
    alternatives: tuple[Words, ...] = ()
    growing: bool = False


class SynonymTable:
    """Finds entries in any inflection: words are compared by their stems."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._others: dict[Words, dict[Words, None]] = {}
        for group in groups:
            entries = [tuple(WORD.findall(entry)) for entry in group]
            for entry in entries:
                others = {other: None for other in entries if other and other != entry}
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
            terms.append(Term(found, tuple(self._others.get(_compared(found), ())), growing))
        return terms

    def _entry_size(self, words: Sequence[str], position: int) -> int:
        for size in range(min(_LONGEST_ENTRY, len(words) - position), 1, -1):
            if _compared(words[position : position + size]) in self._others:
                return size
        return 1


def _compared(words: Sequence[str]) -> Words:
    return tuple(stems(word).get("de") or fold(word) for word in words)

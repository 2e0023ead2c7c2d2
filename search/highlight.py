"""Marking the words of a query in the texts of a hit, and choosing the passage to show."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from search.analysis import fold, forms, stems
from search.configuration import PASSAGE_CHARACTERS, PASSAGE_SEARCHED
from search.german import SHORTEST_COMPOUND, all_roots, leaves, plainly
from search.german import root as root_of
from search.index import Passage
from search.words import WORD

PASSAGE_ORDER: tuple[Passage, ...] = ("solution", "question", "answers")

_SPACE = re.compile(r"\s+")
_SPELT_OUT = frozenset({"ae", "oe", "ue"})  # of umlauts
_LEAD = 40  # characters shown before the first mark of a passage


@dataclass
class Marker:
    """Decides which words of a text are marked, in the same generous way in which they were found."""

    words: Sequence[str]
    prefix: str = ""  # folded; words that begin with it
    guessed: frozenset[str] = frozenset()  # folded words that may be mistyped
    parts: bool = False  # words that contain a word of the query, as compounds do
    derived: bool = True  # words of the same root, and compounds with one
    _folded: set[str] = field(init=False)
    _stems: set[str] = field(init=False)
    _roots: set[str] = field(init=False)
    _root_beginnings: tuple[str, ...] = field(init=False)
    _long: tuple[str, ...] = field(init=False)
    _begun: frozenset[str] = field(init=False)
    """The first two letters that a word to mark may have, and the one letter of a prefix that has no more."""
    _mistyped: tuple[tuple[str, int], ...] = field(init=False)
    _known: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._folded = {folded for word in self.words if (folded := fold(word))}
        self._long = tuple(folded for folded in self._folded if len(folded) >= 4)
        self._stems = {stem for word in self.words for stem in stems(word).values()}
        derived = self.words if self.derived else ()
        self._roots = {root for word in derived for root in (root_of(word), *leaves(word))}
        within = (*self._roots, *(self._long if self.parts else ()))
        self._root_beginnings = tuple({one[:4] for one in within if len(one) >= 3})
        self._begun = frozenset(form[:2] for form in (*self._folded, *self._stems, self.prefix) if form)
        self._mistyped = tuple((word, typos_allowed(word)) for word in self.guessed if typos_allowed(word))

    def matches(self, word: str) -> bool:
        """Whether this word of a text is one that was asked for."""
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._compare(word)
        return known

    def _compare(self, word: str) -> bool:
        folded, word_stems = forms(word)
        if folded in self._folded or not self._stems.isdisjoint(word_stems):
            return True
        if self.prefix and folded.startswith(self.prefix):
            return True
        if self._may_have_root(word) and not self._roots.isdisjoint(all_roots(word)):
            return True
        if self.parts and any(asked in folded for asked in self._long):
            return True
        return any(near(asked, folded) for asked in self.guessed)

    def _may_have_root(self, word: str) -> bool:
        """Quick and generous: looking at all roots of a word costs a hundred times as much."""
        plain = plainly(word)
        return any(beginning in plain for beginning in self._root_beginnings)

    def _may_match(self, word: str) -> bool:
        """The same for all ways to match. Thousands of words pass here for every page of results; few pass on."""
        plain = plainly(word)
        begun = plain[:2]
        if begun in self._begun or plain[0] in self._begun or begun in _SPELT_OUT or not begun.isascii():
            return True
        if len(word) >= SHORTEST_COMPOUND and any(one in plain for one in self._root_beginnings):
            return True
        return any(
            abs(len(asked) - len(plain)) <= allowed
            and OSA.distance(asked, plain, score_cutoff=allowed) <= allowed
            for asked, allowed in self._mistyped
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of the words to mark, in order, in the searched beginning of the text."""
        beginning = text[:PASSAGE_SEARCHED]
        words = [word for word in set(WORD.findall(beginning)) if self._may_match(word)]
        return _places(beginning, [word for word in words if self.matches(word)])

    def title(self, text: str) -> str:
        """The whole text as HTML."""
        return marked(text, self.spans(text), 0, len(text))

    def passage(self, texts: Mapping[str, str]) -> tuple[str, Passage]:
        """HTML of the passage and the name of its text: the first that matches, the solution before all."""
        for name in PASSAGE_ORDER:
            text = texts.get(name) or ""
            spans = self.spans(text)
            if spans:
                start, end = window(text, spans)
                return marked(text, spans, start, end), name
        name = first_filled(texts)
        text = texts.get(name) or ""
        return marked(text, [], *window(text, [])), name


def _places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where these whole words stand in the text, in order."""
    found = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not (WORD.match(text, start - 1) if start else None) and not WORD.match(text, end):
                found.append((start, end))
            start = text.find(word, end)
    return sorted(found)


def near(asked: str, word: str) -> bool:
    """Whether a word is at most one typing mistake away, or two from nine letters on."""
    allowed = typos_allowed(asked)
    if not allowed or abs(len(asked) - len(word)) > allowed:
        return False
    return bool(OSA.distance(asked, word, score_cutoff=allowed) <= allowed)


def typos_allowed(word: str) -> int:
    """0 below five letters and for anything with a digit (error codes, versions), then 1, from nine on 2."""
    if len(word) < 5 or not word.isalpha():
        return 0
    return 1 if len(word) < 9 else 2


def first_filled(texts: Mapping[str, str]) -> Passage:
    """The text to show of a document whose texts do not match: its question where it has one."""
    order: tuple[Passage, ...] = ("question", "solution", "answers")
    return next((name for name in order if texts.get(name)), "question")


def window(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Start and end of the stretch with most distinct marked words, at word boundaries."""
    if len(text) <= PASSAGE_CHARACTERS:
        return 0, len(text)
    start = max(0, _densest(text, spans) - _LEAD)
    end = min(len(text), start + PASSAGE_CHARACTERS)
    if start:
        start = _next_word(text, start)
    if end < len(text):
        last_space = text.rfind(" ", start, end)
        end = last_space if last_space > start else end
    return start, end


def _densest(text: str, spans: Sequence[tuple[int, int]]) -> int:
    best, best_start = 0, 0
    for first, (start, _) in enumerate(spans):
        inside = [span for span in spans[first : first + 12] if span[1] <= start + PASSAGE_CHARACTERS - _LEAD]
        distinct = len({text[begin:end].lower() for begin, end in inside})
        if distinct * 100 + len(inside) > best:
            best, best_start = distinct * 100 + len(inside), start
    return best_start


def _next_word(text: str, start: int) -> int:
    space = text.rfind(" ", 0, start + 1)
    # A space far away means a very long word: then rather cut it than begin far too early.
    return space + 1 if space >= start - _LEAD else start


def marked(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """The stretch as HTML: everything escaped, white space collapsed, dots where text is left out."""
    pieces = ["… "] if start else []
    position = start
    for begin, stop in spans:
        if begin < position or stop > end:
            continue
        pieces += [_escaped(text[position:begin]), "<mark>", _escaped(text[begin:stop]), "</mark>"]
        position = stop
    pieces.append(_escaped(text[position:end]))
    if end < len(text):
        pieces.append(" …")
    return "".join(pieces)


def _escaped(text: str) -> str:
    return html.escape(_SPACE.sub(" ", text))

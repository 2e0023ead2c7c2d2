"""A stretch of a rendered text that can be quoted: whole paragraphs, lists and tables, never half of one."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

from community.core.markdown import excerpt, plain_text

_HEADING = re.compile(r"<h([1-6])[^>]*>.*?</h\1>", re.DOTALL)
_PICTURE = re.compile(r'<img(?:[^">]|"[^"]*")*>')
_LISTS = ("<ul", "<ol", "<div")
"""A table stands in an element that scrolls."""
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_SENTENCE_END = re.compile(r"""(?:(?<=\w\w[.!?…])|(?<=\w\w[.!?…]["“”’')\]]))\s+(?=["„“(\[]?[A-ZÄÖÜ])""")
_ABBREVIATED = re.compile(
    r"\b(?:Nr|Dr|ca|bzw|ggf|inkl|zzgl|max|min|usw|Std|Tel|Abs|Art|vgl|evtl|approx|incl|vs|No)\.$"
)

GREETING = re.compile(
    r"^(?:hallo|hi|hey|moin|servus|hello|dear|guten (?:tag|morgen|abend)|good (?:morning|day|evening)"
    r"|liebe[rs]?"
    r"|welcome|willkommen|grüß (?:dich|gott)|sehr geehrte[rs]?)\b[^.!?:,\n]{0,40}(?:[,!.]+\s*|$)",
    re.IGNORECASE,
)
"""At the beginning of a text: with what it is said to whom."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """HTML as safe as the text it was taken from, and whether something was left out before and after it."""

    html: str
    begins_later: bool = False
    ends_earlier: bool = False


class _BlockReader(HTMLParser):
    """Splits HTML where no element is open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.blocks: list[str] = []
        self._text, self._open, self._start = text, 0, 0
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(text)
        self.close()
        self._cut(len(text))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _cut(self, end: int) -> None:
        block = self._text[self._start : end].strip()
        if block:
            self.blocks.append(block)
        self._start = end

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _VOID:
            return
        if self._open == 0:
            self._cut(self._offset())
        self._open += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or self._open == 0:
            return
        self._open -= 1
        if self._open == 0:
            self._cut(self._text.index(">", self._offset()) + 1)


def quote_passage(text: str, matches: Callable[[str], int], most: int) -> Quotation:
    """The stretch of a rendered text that matches best, about `most` characters as a reader counts them.

    `matches` says how many of the words looked for stand in a plain text. A text that is short enough is quoted
    whole. What a paragraph announces by a colon comes along with it, however long.
    """
    blocks = _BlockReader(text).blocks
    sizes = [len(plain_text(block)) for block in blocks]
    if sum(sizes) <= most or not blocks:
        return Quotation(text)
    first = max(range(len(blocks)), key=lambda number: (matches(plain_text(blocks[number])), -number))
    while first > 0 and _announces(blocks[first - 1]):
        first -= 1
    last = first
    while last + 1 < len(blocks) and (_announces(blocks[last]) or sum(sizes[first : last + 2]) <= most):
        last += 1
    begins_later, ends_earlier = first > 0, last + 1 < len(blocks)
    if first == last and blocks[first].startswith("<p>") and sizes[first] > most:
        sentences, ends = _whole_sentences(plain_text(blocks[first]), most)
        return Quotation(f"<p>{html.escape(sentences)}</p>", begins_later, ends_earlier or ends)
    return Quotation("\n".join(blocks[first : last + 1]), begins_later, ends_earlier)


def first_sentences(text: str, most: int) -> str:
    """What a rendered text says first, as plain text: whole sentences of its first paragraphs, about `most`
    characters.

    It ends before a heading, list or table, so that nothing runs into another matter, and leaves out pictures and
    what only announces a list. A greeting alone is no beginning: the text goes on behind a heading then. One sentence
    that is far too long is cut between words; so is a text that begins with a list.
    """
    said, read = "", []
    # Of a long text the beginning is read: far more than can be said in so few characters.
    for block in _BlockReader(text[: 25 * most]).blocks:
        read.append(block)
        if block.startswith("<p>"):
            if plain_text(_PICTURE.sub("", block)):
                said = f"{said} {_without_announcement(plain_text(block))}".strip()
        elif block.startswith(_LISTS) or not _only_greets(said):
            break
    if _only_greets(said):
        return excerpt(plain_text(_HEADING.sub(" ", "\n".join(read))), most)
    sentences, _ends = _whole_sentences(said, most)
    return sentences if len(sentences) <= most * 1.5 else excerpt(sentences, most)


def _only_greets(said: str) -> bool:
    """Whether this says nothing yet, or no more than "Hello everybody!"."""
    return not GREETING.sub("", said)


def _without_announcement(paragraph: str) -> str:
    """A paragraph without the sentence by which it leads over to a list."""
    if not paragraph.endswith(":"):
        return paragraph
    sentences = _sentences(paragraph)
    return " ".join(sentences[:-1])


def _announces(block: str) -> bool:
    return plain_text(block).rstrip().endswith(":")


def _whole_sentences(text: str, most: int) -> tuple[str, bool]:
    """The first sentences of a long paragraph, at least one, and whether others were left out."""
    taken = ""
    for sentence in _sentences(text):
        longer = f"{taken} {sentence}".lstrip()
        if taken and len(longer) > most:
            return taken, True
        taken = longer
    return taken, False


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for piece in _SENTENCE_END.split(" ".join(text.split())):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found

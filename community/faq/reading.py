"""The sentences of a text that somebody wrote in a thread, and which of them everybody may read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from community.core import personal_hints
from community.core.markdown import plain_text, render
from community.core.markdown_limits import limit_work
from community.core.quotation import GREETING
from community.faq import cues

LONGEST_SENTENCE = 420
"""Longer ones are no short answer."""

# Only the blocks of a text are looked at.
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["inline", "text_join"])
limit_work(PARSER)

# A sentence ends at a mark that is followed by a capital, a digit or a quotation mark, unless a short word stands
# before a full stop: "z. B.", "e.g.", "Nr. 5" and "ca. 3" go on.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”“»)]?\s+(?=[\"„“»(]?[A-ZÄÖÜ0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d]|z\.\s?B|d\.\s?h|u\.\s?a|o\.\s?ä|e\.g|i\.e|bzw|ca|Nr|No|usw|etc|inkl|evtl|ggf|Tel|St|vs|Dr|Mr|Mrs|approx|max|min|mind)\.$"
)
_GENDER_STAR = re.compile(r"(?<=[^\W\d_])\*(?=in(?:nen)?\b)")
"""Two of them in one paragraph ("Kund*innen") would be taken for emphasis, and the word would lose its sense."""
WORDS = re.compile(r"\w+")
COMPLETE = re.compile(r"[.!?…][\"”“»)]*$")


# --- the blocks of a text ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    line: int
    """Of the source, where it begins."""


def read_paragraphs(body: str) -> list[Paragraph]:
    """Each paragraph without the greeting before it; quotations, lists and code are passed over."""
    lines = body.split("\n")
    found: list[Paragraph] = []
    greeted = False
    for token in top_level(body):
        if token.type == "paragraph_open" and token.map:
            source = cues.IMAGE.sub("", "\n".join(lines[token.map[0] : token.map[1]]))
            source = cues.POINTING_LINK.sub("LINK", source)
            text = " ".join(plain_text(render(_GENDER_STAR.sub(r"\\*", source))).split())
            rest = GREETING.sub("", text) if not found else text
            greeted = greeted or rest != text
            if rest:
                found.append(Paragraph(_capitalized(rest) if greeted and not found else rest, token.map[0]))
    return found


def paragraphs(body: str) -> list[str]:
    return [one.text for one in read_paragraphs(body)]


def _capitalized(text: str) -> str:
    """After "Hello," a text goes on in small letters; without the greeting it begins with a capital.

    A name like "iPad" stays as it is.
    """
    return text[0].upper() + text[1:] if text[:2].islower() and len(text[0].upper()) == 1 else text


def top_level(body: str) -> list[Token]:
    return [token for token in PARSER.parse(body) if token.level == 0]


# --- its sentences ----------------------------------------------------------------------------------------


def beginning_of(body: str, aim: int) -> str:
    """The first whole sentences of the paragraphs of a Markdown text, as plain text; at least one."""
    return _within(aim, (each for paragraph in paragraphs(body) for each in sentences(paragraph)))


def fit_beginning(body: str, aim: int, names: Collection[str] = ()) -> str:
    """The same of those that may be taken, from one that needs none before it. Empty where there is none."""
    found = (each for paragraph in paragraphs(body) for each in sentences(paragraph))
    fit = (each for each in found if may_be_taken(each, names))
    return _within(aim, itertools.dropwhile(cues.LEANING.match, fit))


def _within(aim: int, found: Iterable[str]) -> str:
    taken: list[str] = []
    length = 0
    for sentence in found:
        if taken and length + len(sentence) > aim:
            break
        taken.append(sentence)
        length += len(sentence) + 1
    return " ".join(taken)


def sentences(paragraph: str) -> list[str]:
    """A paragraph cut at the ends of its sentences."""
    found: list[str] = []
    for piece in _pieces(" ".join(paragraph.split())):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def _pieces(text: str) -> Iterator[str]:
    """Cut behind the closing quotation mark, where there is one."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield text[start : match.end()].strip()
        start = match.end()
    yield text[start:].strip()


# --- which of them may be taken ---------------------------------------------------------------------------


def may_be_taken(text: str, names: Collection[str] = ()) -> bool:
    """Whether a sentence of a thread may stand in an entry that everybody reads."""
    if cues.ONLY_YES_NO.match(text):
        return True
    if len(WORDS.findall(text)) < 3 or len(text) > LONGEST_SENTENCE:
        return False
    if text.startswith("(") or text.endswith(("?", ":", "-", ",")) or cues.CUT_OFF.search(text):
        return False
    if any(cue.search(text) for cue in (cues.COURTESY, cues.OF_SOMEBODY, cues.POINTING_AWAY)):
        return False
    return not (cues.SECRET.search(text) or is_personal(text, names))


def is_personal(text: str, names: Collection[str] = ()) -> bool:
    """Whether it holds what could tell who somebody is, or one of these names."""
    return bool(personal_hints.find(text)) or any(
        len(name) > 2 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in names
    )

"""The steps of a solution: its lists and its commands, without what is meant for the people of that thread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from markdown_it.token import Token

from community.core.markdown import plain_text, render
from community.core.quotation import GREETING
from community.faq import cues
from community.faq.reading import PARSER, WORDS, is_personal, sentences, top_level

MOST_COMMANDS = 2_000
"""Characters of a block of commands."""
MOST_STEPS = 2_500
"""Characters of all steps. More is a treatise, and an editor would write it anew."""
WORDS_OF_A_SENTENCE = 6
"""Fewer before a list only announce it."""
WORDS_OF_A_STEP = 4
"""Items have so many on average where a list needs no line that leads to it."""
LEAST_LETTERS = 0.5
"""Share of letters and digits in commands. With fewer it is a drawing."""

_NUMBER = re.compile(r"\s*\d+[.)]\s")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_IDLE = (cues.COURTESY, cues.OF_SOMEBODY, cues.POINTING_AWAY, cues.SECRET)
"""What no step of an entry says."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What was taken, as Markdown."""

    text: str = ""
    line: int = 0
    """Of the solution, where they begin."""
    lead: str = ""
    """What the line before them says, where it can stand as a sentence of its own."""
    items: str = ""
    """All of it without that line."""


@dataclass(frozen=True, slots=True)
class _Block:
    source: str
    line: int
    is_list: bool
    lead: str = ""
    said: str = ""
    """The line before it, also where it does not belong into steps."""

    @property
    def is_understood_alone(self) -> bool:
        """Numbers say that one is done after the other, and commands what they do; "Red" and "Green" say nothing."""
        if not self.is_list or _NUMBER.match(self.source):
            return True
        items = [_BULLET.sub("", each) for each in _items(self.source)]
        words = sum(len(WORDS.findall(each)) for each in items)
        go_on = sum(each[:1].islower() for each in items)
        return words >= WORDS_OF_A_STEP * len(items) and 2 * go_on <= len(items)


def take_steps(body: str, names: Collection[str]) -> Steps:
    """Lists of things to do and blocks of commands as they were written, each behind the line that leads to it."""
    blocks = _understood(_blocks(body, names))
    text = _joined(blocks)
    if not blocks or len(text) > MOST_STEPS:
        return Steps()
    first, *others = blocks
    return Steps(text, first.line, first.said, _joined([replace(first, lead=""), *others]))


def _joined(blocks: list[_Block]) -> str:
    return "\n\n".join(part for block in blocks for part in (block.lead, block.source) if part)


def _understood(blocks: list[_Block]) -> list[_Block]:
    """Of several lists nobody knows what one is about to which no line leads, or the same one as to another."""
    leads = Counter(block.lead for block in blocks)
    is_only_list = sum(block.is_list for block in blocks) == 1
    return [
        block
        for block in blocks
        if (leads[block.lead] == 1 if block.lead else block.is_understood_alone)
        and (block.lead or is_only_list or not block.is_list)
    ]


def _blocks(body: str, names: Collection[str]) -> list[_Block]:
    lines = body.split("\n")
    found: list[_Block] = []
    lead: str | None = ""
    said = ""
    for token in top_level(body):
        if not token.map:
            continue
        source = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
        if token.type == "paragraph_open":
            lead, said = _lead(source, names), _said(source, names)
        elif token.type in ("bullet_list_open", "ordered_list_open", "fence", "code_block"):
            is_list = token.type.endswith("list_open")
            taken = _of_list(source, token, names) if is_list else _commands(source, names)
            if taken and lead is not None:
                found.append(_Block(taken, token.map[0], is_list, lead, said))
            lead, said = "", ""
    return found


# --- the line before them ---------------------------------------------------------------------------------


def _lead(source: str, names: Collection[str]) -> str | None:
    """A line of its own that says what follows; what stands before it in its paragraph is left out. None where it
    says that nothing follows which belongs into an entry."""
    if not source.rstrip().endswith(":"):
        return ""
    text = sentences(_without_links(source))[-1]
    if cues.LEADING_AWAY.search(text):
        return None
    unfit = cues.LEANING.match(text) or GREETING.match(text) or cues.PERSONAL.search(text)
    return "" if unfit or not _is_harmless(source, names) else text


def _said(source: str, names: Collection[str]) -> str:
    """The line as a sentence of an entry: what to do, in short. "I would …" is advice, other experience is not."""
    text = sentences(" ".join(plain_text(render(_without_links(source))).split()))[-1:]
    if not text or not text[0].endswith(":") or len(WORDS.findall(text[0])) < WORDS_OF_A_SENTENCE:
        return ""
    told = cues.ADVICE.sub("", text[0])
    unfit = any(cue.search(told) for cue in (cues.FIRST_PERSON, cues.ANNOUNCING, *_IDLE))
    unfit = unfit or bool(cues.OPEN_END.search(text[0]))
    leans = cues.LEANING.match(text[0]) and not cues.RIGHT_BELOW.match(text[0])
    return "" if unfit or leans or is_personal(text[0], names) else f"{text[0][:-1]}."


# --- lists and commands -----------------------------------------------------------------------------------


def _commands(source: str, names: Collection[str]) -> str:
    signs = "".join(source.split()).strip("`~")
    is_drawing = sum(sign.isalnum() for sign in signs) < LEAST_LETTERS * len(signs)
    is_secret = cues.SECRET_IN_COMMANDS.search(source) or is_personal(source, names)
    return "" if is_secret or is_drawing or len(source) >= MOST_COMMANDS else source


def _of_list(source: str, token: Token, names: Collection[str]) -> str:
    """The items that tell what to do. Of numbered steps none is missed in the middle: the others need it."""
    items = _items(source)
    kept = [place for place, item in enumerate(items) if _is_step(item, names)]
    has_gap = bool(kept) and kept[-1] - kept[0] >= len(kept)
    is_ordered = token.type == "ordered_list_open"
    if len(kept) < 2 or len(kept) * 2 < len(items) or (is_ordered and (has_gap or kept[0] > 0)):
        return ""
    return "\n".join(_without_links(items[place]) for place in kept)


def _items(source: str) -> list[str]:
    lines = source.split("\n")
    return [
        "\n".join(lines[token.map[0] : token.map[1]]).rstrip("\n")
        for token in PARSER.parse(source)
        if token.type == "list_item_open" and token.level == 1 and token.map
    ]


def _is_step(item: str, names: Collection[str]) -> bool:
    text = " ".join(plain_text(render(_without_links(item))).split())
    is_link = bool(cues.HAS_LINK.search(item)) and len(WORDS.findall(cues.LINK.sub("", item))) < 3
    return (
        bool(text)
        and not is_link
        and not text.endswith(("?", ":"))
        and _is_harmless(_without_links(item), names)
    )


def _is_harmless(source: str, names: Collection[str]) -> bool:
    text = plain_text(render(source))
    return not (any(cue.search(text) for cue in _IDLE) or is_personal(text, names))


def _without_links(source: str) -> str:
    """Links become their words. A link may lead where not everybody may read, and its address tells of the place."""
    return cues.LINK.sub(r"\1", cues.IMAGE.sub("", source))

"""The first draft of an entry, taken from a solved thread without a word of its own."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.markdown import plain_text, render
from community.core.markdown_limits import limit_work
from community.core.viewer import Viewer
from community.faq.rules import LONGEST_QUESTION, LONGEST_STEPS, MEMBERS_AUDIENCE, PUBLIC_AUDIENCE, EntryText
from community.spaces.models import SpaceAccess
from community.threads.queries import ThreadView, get_answer, get_body

SHORT_ANSWER_AIM = 320
"""Sentences are taken until the short answer would be longer than this."""

# Only the blocks of a text are looked at.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["inline", "text_join"])
limit_work(_PARSER)

# A sentence ends at a mark that is followed by a capital, a digit or a quotation mark, unless a short word stands
# before a full stop: "z. B.", "e.g.", "Nr. 5" and "ca. 3" go on.
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\"„“»(]?[A-ZÄÖÜ0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d]|z\.\s?B|d\.\s?h|e\.g|i\.e|bzw|ca|Nr|No|usw|etc|inkl|evtl|ggf|Tel|St|vs)\.$"
)
_GREETING = re.compile(
    r"^(?:hallo|hi|hey|moin|servus|hello|dear|guten (?:tag|morgen|abend)|good (?:morning|day|evening)|liebe[rs]?)\b"
    r"[^.!?:]{0,40}[,!.]?$",
    re.IGNORECASE,
)


async def propose_entry(thread: ThreadView, viewer: Viewer) -> EntryText:
    """What the form of a new entry begins with: title, first sentences of the solution, its lists as steps.

    The entry is proposed for the public only where the thread is: anything else is a person's choice.
    """
    if thread.solution_post_id is None:
        raise RuleBroken(_("Only a solved thread can become an FAQ entry."))
    solution = await get_answer(thread.solution_post_id, thread, viewer)
    body = await get_body(solution.id)
    return EntryText(
        question=thread.title[:LONGEST_QUESTION],
        short_answer=first_sentences(body),
        steps=lists_of(body)[:LONGEST_STEPS],
        language=thread.language,
        audience=PUBLIC_AUDIENCE if thread.space_access == SpaceAccess.OPEN else MEMBERS_AUDIENCE,
    )


def first_sentences(body: str, aim: int = SHORT_ANSWER_AIM) -> str:
    """The first whole sentences of the paragraphs of a Markdown text, as plain text; at least one.

    Greetings, quotations, lists and code are passed over.
    """
    taken: list[str] = []
    length = 0
    for paragraph in _paragraphs(body):
        for sentence in sentences(paragraph):
            if taken and length + len(sentence) > aim:
                return " ".join(taken)
            taken.append(sentence)
            length += len(sentence) + 1
    return " ".join(taken)


def sentences(paragraph: str) -> list[str]:
    """A paragraph cut at the ends of its sentences."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(" ".join(paragraph.split())):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def lists_of(body: str) -> str:
    """The lists of a Markdown text as they were written, one after the other."""
    lines = body.split("\n")
    blocks = [
        "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
        for token in _top_level(body)
        if token.type in ("bullet_list_open", "ordered_list_open") and token.map
    ]
    return "\n\n".join(blocks)


def _paragraphs(body: str) -> list[str]:
    lines = body.split("\n")
    texts: list[str] = []
    greeted = False
    for token in _top_level(body):
        if token.type == "paragraph_open" and token.map:
            source = "\n".join(lines[token.map[0] : token.map[1]])
            text = " ".join(plain_text(render(source)).split())
            if _GREETING.match(text):
                greeted = True
            elif text:
                texts.append(_capitalized(text) if greeted and not texts else text)
    return texts


def _capitalized(text: str) -> str:
    """After "Hello," a text goes on in small letters; without the greeting it begins with a capital.

    A name like "iPad" stays as it is.
    """
    return text[0].upper() + text[1:] if text[:2].islower() and len(text[0].upper()) == 1 else text


def _top_level(body: str) -> list[Token]:
    return [token for token in _PARSER.parse(body) if token.level == 0]

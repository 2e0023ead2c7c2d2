"""A draft of an entry, taken out of a solution: its own sentences, lists and commands, and no other word.

Sentences are weighed by what they share with the question and by how answers are worded; what is meant for the people
of that thread, needs a sentence that is not there, or could tell who somebody is, is left where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from community.core import personal_hints
from community.core.markdown import plain_text, render
from community.core.markdown_limits import limit_work
from community.faq import cues
from community.faq.words import overlap, telling

SHORT_ANSWER_AIM = 320
"""Sentences are taken until the short answer would be longer than this."""
LONGEST_SENTENCE = 420
"""Longer ones are no short answer."""
MOST_SENTENCES = 4
MOST_READ = 20_000
"""Characters of a solution; its answer does not begin behind them."""
WORTH_TAKING = 0.35
"""What a sentence must weigh to be taken."""
WORTH_AN_ENTRY = 0.75
"""What the best sentence must weigh for a draft that answers."""

NEVER_TAKEN = -0.1
"""What weighs less speaks against itself, whatever stands before it."""
GOING_ON = 0.3
"""What a sentence gains right behind one that is taken, and loses elsewhere: a text with gaps is hard to follow."""
LEANING = 0.25
MOST_COMMANDS = 2_000
"""Characters of a block of commands."""
MOST_STEPS = 2_500
"""Characters of all steps. More is a treatise, and an editor would write it anew."""
LEAST_COVERED = 0.4
"""Share of the question's telling words that a draft must take up to answer it."""

# Only the blocks of a text are looked at.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["inline", "text_join"])
limit_work(_PARSER)

# A sentence ends at a mark that is followed by a capital, a digit or a quotation mark, unless a short word stands
# before a full stop: "z. B.", "e.g.", "Nr. 5" and "ca. 3" go on.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”“»)]?\s+(?=[\"„“»(]?[A-ZÄÖÜ0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d]|z\.\s?B|d\.\s?h|u\.\s?a|o\.\s?ä|e\.g|i\.e|bzw|ca|Nr|No|usw|etc|inkl|evtl|ggf|Tel|St|vs|Dr|Mr|Mrs|approx|max|min|mind)\.$"
)
_GENDER_STAR = re.compile(r"(?<=[^\W\d_])\*(?=in(?:nen)?\b)")
"""Two of them in one paragraph ("Kund*innen") would be taken for emphasis, and the word would lose its sense."""
_WORD = re.compile(r"\w+")
_IDLE = (cues.COURTESY, cues.OF_SOMEBODY, cues.POINTING_AWAY, cues.SECRET)
"""What no step of an entry says."""
_COMPLETE = re.compile(r"[.!?…][\"”“»)]*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was taken; `steps` is Markdown."""

    short_answer: str
    steps: str = ""
    answers: bool = False
    """Whether it answers the question well enough to be proposed to editors without their asking."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    place: int
    paragraph: int
    leans: bool
    """Cannot be understood without the one before it."""
    weight: float = 0.0


def draft_answer(question: str, body: str, language: str, names: Collection[str] = ()) -> Draft:
    """The sentences of a solution that answer the question, and its steps. `names`: of the thread's people."""
    body = body[:MOST_READ]
    found = _sentences(body, names)
    is_yes_no = bool(cues.YES_NO_QUESTION.match(question))
    weighed = [_weighed(one, question, language, is_yes_no=is_yes_no) for one in found]
    taken = _chosen(weighed, is_yes_no=is_yes_no)
    steps = _steps(body, names)
    best = max((one.weight for one in taken), default=0.0)
    text = " ".join(one.text for one in taken)
    wanted, said = telling(question, language), telling(f"{text} {steps}", language)
    is_about_it = overlap(said, wanted) >= LEAST_COVERED or (is_yes_no and bool(cues.YES_NO.match(text)))
    answers = is_about_it and (best >= WORTH_AN_ENTRY or (bool(steps) and best >= WORTH_TAKING))
    announces = not steps and any(cues.ANNOUNCING.search(one.text) for one in taken)
    return Draft(text, steps, answers and not announces and _stands_alone(taken))


def first_sentences(body: str, aim: int = SHORT_ANSWER_AIM) -> str:
    """The first whole sentences of the paragraphs of a Markdown text, as plain text; at least one."""
    taken: list[str] = []
    length = 0
    for paragraph in paragraphs(body):
        for sentence in sentences(paragraph):
            if taken and length + len(sentence) > aim:
                return " ".join(taken)
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


# --- which sentences may be taken -------------------------------------------------------------------------


def _sentences(body: str, names: Collection[str]) -> list[_Sentence]:
    """The sentences that may stand in an entry, in order, each knowing whether it leans on another."""
    found: list[_Sentence] = []
    place = 0
    for number, paragraph in enumerate(paragraphs(body)):
        for whole in sentences(paragraph):
            place += 1
            text = cues.POINTER.sub("", whole)
            if may_be_taken(text, names):
                found.append(_Sentence(text, place, number, _leans(text, place)))
    return found


def _leans(text: str, place: int) -> bool:
    """Whether it needs the sentence before it. The first one has the question before it."""
    if place == 1 and cues.RIGHT_BELOW.match(text):
        return False
    return bool(cues.LEANING.match(text)) or (place > 1 and bool(cues.ITS_SUBJECT.match(text)))


def may_be_taken(text: str, names: Collection[str] = ()) -> bool:
    """Whether a sentence of a thread may stand in an entry that everybody reads."""
    if cues.ONLY_YES_NO.match(text):
        return True
    if len(_WORD.findall(text)) < 3 or len(text) > LONGEST_SENTENCE:
        return False
    if text.startswith("(") or text.endswith(("?", ":", "-", ",")):
        return False
    if any(cue.search(text) for cue in (cues.COURTESY, cues.OF_SOMEBODY, cues.POINTING_AWAY)):
        return False
    return not (cues.SECRET.search(text) or is_personal(text, names))


def is_personal(text: str, names: Collection[str] = ()) -> bool:
    """Whether it holds what could tell who somebody is, or one of these names."""
    return bool(personal_hints.find(text)) or any(
        len(name) > 2 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in names
    )


def _weighed(sentence: _Sentence, question: str, language: str, *, is_yes_no: bool) -> _Sentence:
    """How much a sentence looks like the answer."""
    text = sentence.text
    weight = 1.2 * overlap(telling(text, language), telling(question, language))
    weight += 0.45 / sentence.place
    weight += 0.35 * bool(cues.HOW_TO.search(text)) + 0.2 * bool(cues.STATING.search(text))
    weight -= 0.5 * bool(cues.PERSONAL.search(text)) + 0.4 * bool(cues.HEDGED.search(text))
    if cues.YES_NO.match(text):
        weight += 1.0 if is_yes_no else -1.5
    if not _COMPLETE.search(text):
        weight -= 0.3
    weight -= LEANING * sentence.leans + 0.5 * bool(cues.ANNOUNCING.search(text))
    return replace(sentence, weight=weight)


def _chosen(weighed: Sequence[_Sentence], *, is_yes_no: bool) -> list[_Sentence]:
    """The best sentences in their order. One that leans is taken only together with the one right before it."""
    by_place = {one.place: one for one in weighed}
    taken: dict[int, _Sentence] = {}
    left = dict(by_place)
    # Of a short solution everything is taken that does not speak against itself.
    worth_taking = WORTH_TAKING if sum(len(one.text) + 1 for one in weighed) > SHORT_ANSWER_AIM else 0.0
    while left and len(taken) < MOST_SENTENCES:
        best = max(left.values(), key=lambda one: (_weight_beside(one, taken), -one.place))
        del left[best.place]
        if taken and best.weight + LEANING * best.leans < NEVER_TAKEN:
            continue
        if taken and _weight_beside(best, taken) < worth_taking:
            break
        group = _with_what_it_leans_on(best, by_place)
        new = {each.place: each for each in group if each.place not in taken}
        size = sum(len(each.text) + 1 for each in (*taken.values(), *new.values()))
        if group and len(taken) + len(new) <= MOST_SENTENCES and (not taken or size <= SHORT_ANSWER_AIM):
            taken |= new
    first = weighed[0] if weighed else None
    if is_yes_no and first and taken and cues.YES_NO.match(first.text):
        taken[first.place] = first
    return [taken[place] for place in sorted(taken)]


def _weight_beside(sentence: _Sentence, taken: Mapping[int, _Sentence]) -> float:
    """What goes on from a sentence that is taken says more than it would alone."""
    if not taken:
        return sentence.weight
    before = taken.get(sentence.place - 1)
    if before is None or before.paragraph != sentence.paragraph:
        return sentence.weight - (0.0 if sentence.place + 1 in taken else GOING_ON)
    return sentence.weight + GOING_ON + (LEANING * sentence.leans)


def _with_what_it_leans_on(sentence: _Sentence, by_place: Mapping[int, _Sentence]) -> list[_Sentence]:
    """The sentence behind those that it needs; empty where one of them may not be taken."""
    group = [sentence]
    while group[0].leans or cues.ONLY_YES_NO.match(group[-1].text):
        if not group[0].leans:
            after = by_place.get(group[-1].place + 1)
            if after is None:
                return []
            group.append(after)
            continue
        before = by_place.get(group[0].place - 1)
        if before is None or before.paragraph != group[0].paragraph:
            return []
        group.insert(0, before)
    return group


def _stands_alone(taken: Sequence[_Sentence]) -> bool:
    """Whether it reads as an answer: whole sentences, none of them an opinion of somebody at its head."""
    return (
        bool(taken)
        and not taken[0].leans
        and not cues.PERSONAL.search(taken[0].text)
        and all(_COMPLETE.search(one.text) for one in taken)
    )


# --- steps ------------------------------------------------------------------------------------------------


def _steps(body: str, names: Collection[str]) -> str:
    """Lists of things to do and blocks of commands as they were written, each behind the line that leads to it."""
    lines = body.split("\n")
    found: list[tuple[str, str, bool]] = []
    lead = ""
    for token in _top_level(body):
        if not token.map:
            continue
        source = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
        if token.type == "paragraph_open":
            is_lead = source.rstrip().endswith(":") and _is_harmless(source, names)
            lead = _without_links(source) if is_lead else ""
        elif token.type in ("bullet_list_open", "ordered_list_open", "fence", "code_block"):
            step = _step(token, source, names)
            if step:
                found.append((_as_lead(lead), step, token.type.endswith("list_open")))
            lead = ""
    # Of several lists nobody knows what one is about to which no line leads.
    is_alone = sum(is_list for _lead, _step, is_list in found) == 1
    blocks = [
        each
        for lead, step, is_list in found
        if lead or is_alone or not is_list
        for each in (lead, step)
        if each
    ]
    steps = "\n\n".join(blocks)
    return steps if len(steps) <= MOST_STEPS else ""


def _step(token: Token, source: str, names: Collection[str]) -> str:
    """What of a list or a block of commands may be taken."""
    if token.type in ("fence", "code_block"):
        is_secret = cues.SECRET_IN_COMMANDS.search(source) or is_personal(source, names)
        return source if not is_secret and len(source) < MOST_COMMANDS else ""
    return _list_steps(source, token.type == "ordered_list_open", names)


def _as_lead(lead: str) -> str:
    """A line of its own that says what follows; what stands before it in its paragraph is left out."""
    text = sentences(lead)[-1] if lead else ""
    unfit = cues.LEANING.match(text) or cues.GREETING.match(text) or cues.PERSONAL.search(text)
    return "" if unfit else text


def _is_harmless(source: str, names: Collection[str]) -> bool:
    text = plain_text(render(source))
    return not (any(cue.search(text) for cue in _IDLE) or is_personal(text, names))


def _without_links(source: str) -> str:
    """Links become their words. A link may lead where not everybody may read, and its address tells of the place."""
    return cues.LINK.sub(r"\1", cues.IMAGE.sub("", source))


def _list_steps(source: str, is_ordered: bool, names: Collection[str]) -> str:
    """The items that tell what to do. Of numbered steps none is missed in the middle: the others need it."""
    lines = source.split("\n")
    items = [
        "\n".join(lines[token.map[0] : token.map[1]]).rstrip("\n")
        for token in _PARSER.parse(source)
        if token.type == "list_item_open" and token.level == 1 and token.map
    ]
    kept = [place for place, item in enumerate(items) if _is_step(item, names)]
    has_gap = bool(kept) and kept[-1] - kept[0] >= len(kept)
    if len(kept) < 2 or len(kept) * 2 < len(items) or (is_ordered and (has_gap or kept[0] > 0)):
        return ""
    return "\n".join(_without_links(items[place]) for place in kept)


def _is_step(item: str, names: Collection[str]) -> bool:
    text = " ".join(plain_text(render(_without_links(item))).split())
    is_link = bool(cues.HAS_LINK.search(item)) and len(_WORD.findall(cues.LINK.sub("", item))) < 2
    return bool(text) and not is_link and not text.endswith("?") and _is_harmless(_without_links(item), names)


# --- the blocks of a text ---------------------------------------------------------------------------------


def paragraphs(body: str) -> list[str]:
    """The text of each paragraph without the greeting before it; quotations, lists and code are passed over."""
    lines = body.split("\n")
    texts: list[str] = []
    greeted = False
    for token in _top_level(body):
        if token.type == "paragraph_open" and token.map:
            source = "\n".join(lines[token.map[0] : token.map[1]])
            text = " ".join(plain_text(render(_GENDER_STAR.sub(r"\\*", source))).split())
            rest = cues.GREETING.sub("", text) if not texts else text
            greeted = greeted or rest != text
            if rest:
                texts.append(_capitalized(rest) if greeted and not texts else rest)
    return texts


def _capitalized(text: str) -> str:
    """After "Hello," a text goes on in small letters; without the greeting it begins with a capital.

    A name like "iPad" stays as it is.
    """
    return text[0].upper() + text[1:] if text[:2].islower() and len(text[0].upper()) == 1 else text


def _top_level(body: str) -> list[Token]:
    return [token for token in _PARSER.parse(body) if token.level == 0]

"""A draft of an entry, taken out of a solution: its own sentences, lists and commands, and no other word.

The short answer is one passage of the solution: sentences that follow one another, from one that can open an answer,
so that none of them needs something that is not there. Passages are weighed by what they share with the question, by
where they stand and by how answers are worded. What is meant for the people of that thread, or could tell
who somebody is, stays where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from community.faq import asking_cues, cues
from community.faq.reading import COMPLETE, Paragraph, may_be_taken, read_paragraphs, sentences
from community.faq.steps import Steps, take_steps
from community.faq.words import overlap, telling

SHORT_ANSWER_AIM = 320
"""Sentences are taken until the short answer would be longer than this."""
MOST_SENTENCES = 4
MOST_READ = 20_000
"""Characters of a solution; its answer does not begin behind them."""
SHORT_PARAGRAPH = 160
"""Behind fewer characters an answer may go on in the next paragraph."""
LONGEST_HEADING = 60
"""Characters of a paragraph without a mark at its end that is none."""
NEVER_TAKEN = -0.1
"""A sentence that weighs less speaks against itself, whatever stands before it."""
WORTH_AN_ENTRY = 1.2
"""What a passage must weigh for a draft that answers."""
LEAST_COVERED = 0.4
"""Share of the question's telling words that a draft must take up to answer it."""
MOST_OF_IT = 0.5
"""Share of a solution. A draft that begins with it and holds so much of it answers as it does, in whatever words: the
asker has accepted it."""
BOTH_COVERED = 0.6
"""The same of a question about the difference of two things: of "ale" and "lager" both, not only one."""

_IDLE = (cues.COURTESY, cues.PERSONAL, cues.OF_SOMEBODY, cues.POINTING_AWAY)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was taken; `steps` is Markdown."""

    short_answer: str
    steps: str = ""
    answers: bool = False
    """Whether it answers the question well enough to be proposed to editors without their asking."""


@dataclass(frozen=True, slots=True)
class _Question:
    words: frozenset[str]
    language: str
    is_yes_no: bool
    compares: bool
    expects: re.Pattern[str] | None
    """What an answer to such a question holds: a number, a reason."""

    @classmethod
    def read(cls, text: str, language: str) -> _Question:
        return cls(
            telling(text, language),
            language,
            is_yes_no=bool(asking_cues.YES_NO_QUESTION.match(text)),
            compares=bool(asking_cues.COMPARING.search(text)),
            expects=next((expected for asks, expected in asking_cues.EXPECTED if asks.search(text)), None),
        )

    def is_met_by(self, text: str) -> bool:
        return self.expects is None or bool(self.expects.search(text))

    def covered_by(self, text: str) -> float:
        return overlap(telling(text, self.language), self.words)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    place: int
    """In its text, from 0."""
    paragraph: int
    is_head: bool
    """Nothing that may be taken stands before it in its paragraph."""
    is_first: bool
    """Nothing that may be taken stands before it in its text."""
    line: int
    fits: bool
    """It may stand in an entry."""
    leans: bool
    """It cannot be understood without the one before it."""
    is_idle: bool
    """It is not for everybody, and nothing is missed where it is left out."""
    weight: float
    """How much its wording is that of an answer."""

    @property
    def opens(self) -> bool:
        """An answer may begin with it."""
        return (
            self.fits
            and not self.leans
            and not (cues.ANNOUNCING.search(self.text) or cues.ONLY_THERE.search(self.text))
            and self.weight >= NEVER_TAKEN
            and bool(COMPLETE.search(self.text))
            and not self.text[0].isdigit()
        )


@dataclass(frozen=True, slots=True)
class _Passage:
    sentences: tuple[_Sentence, ...]
    weight: float

    @property
    def is_complete(self) -> bool:
        return all(COMPLETE.search(one.text) for one in self.sentences)

    @property
    def says_something(self) -> bool:
        return any(cue.search(self.text) for cue in (cues.STATING, cues.HOW_TO, cues.FINITE))

    @property
    def text(self) -> str:
        return " ".join(one.text for one in self.sentences)


def draft_answer(question: str, body: str, language: str, names: Collection[str] = ()) -> Draft:
    """The passage of a solution that answers the question, and its steps. `names`: of the thread's people."""
    body = body[:MOST_READ]
    asked = _Question.read(question, language)
    steps = take_steps(body, names)
    read = _read(read_paragraphs(body), asked, names)
    passage = _best_passage(read, asked, steps, len(body))
    if passage is None and steps.lead:
        whole = f"{steps.lead} {steps.items}"
        is_about_it = len(whole) >= MOST_OF_IT * len(body) or asked.covered_by(whole) >= LEAST_COVERED
        answers = is_about_it and not asked.compares
        return Draft(steps.lead, steps.items, answers)
    if passage is None:
        return Draft("", steps.text)
    if asked.compares:
        passage = _with_the_other(passage, read, asked)
    return Draft(passage.text, steps.text, _answers(passage, steps, asked, len(body)))


def _answers(passage: _Passage, steps: Steps, asked: _Question, length: int) -> bool:
    whole = f"{passage.text} {steps.text}"
    opener = passage.sentences[0]
    says_yes_or_no = asked.is_yes_no and bool(cues.YES_NO.match(passage.text))
    if not (opener.is_head and passage.is_complete):
        return False
    covered = asked.covered_by(whole)
    if asked.compares:
        return covered >= BOTH_COVERED
    if says_yes_or_no or (opener.is_first and len(whole) >= MOST_OF_IT * length):
        return True
    is_about_it = covered >= LEAST_COVERED and asked.is_met_by(whole)
    return is_about_it and passage.weight >= WORTH_AN_ENTRY and passage.says_something


# --- sentences --------------------------------------------------------------------------------------------


def _read(found: Sequence[Paragraph], asked: _Question, names: Collection[str]) -> list[_Sentence]:
    """All sentences in order; those that may not be taken are gaps in a passage."""
    read: list[_Sentence] = []
    is_first = True
    for number, paragraph in enumerate(found):
        is_head = True
        for whole in sentences(paragraph.text):
            text = cues.POINTER.sub("", whole)
            is_unfit = _is_heading(paragraph.text) or cues.FIRST_PERSON.search(text)
            fits = not is_unfit and may_be_taken(text, names)
            read.append(
                _Sentence(
                    text,
                    len(read),
                    number,
                    is_head,
                    is_first,
                    paragraph.line,
                    fits,
                    leans=_leans(text, len(read)),
                    is_idle=any(cue.search(text) for cue in _IDLE),
                    weight=(weight := _weight(text, asked)),
                )
            )
            may_open = fits and weight >= NEVER_TAKEN
            is_head, is_first = is_head and not may_open, is_first and not may_open
    return read


def _is_heading(paragraph: str) -> bool:
    return len(paragraph) <= LONGEST_HEADING and not COMPLETE.search(paragraph)


def _leans(text: str, place: int) -> bool:
    """Whether it needs the sentence before it. The first one has the question before it."""
    if place == 0 and cues.RIGHT_BELOW.match(text):
        return False
    return bool(cues.LEANING.match(text)) or (place > 0 and bool(cues.ITS_SUBJECT.match(text)))


def _weight(text: str, asked: _Question) -> float:
    weight = 1.2 * asked.covered_by(text)
    weight += 0.35 * bool(cues.HOW_TO.search(text)) + 0.2 * bool(cues.STATING.search(text))
    weight -= 0.5 * bool(cues.PERSONAL.search(text)) + 0.4 * bool(cues.HEDGED.search(text))
    weight -= 0.5 * bool(cues.ANNOUNCING.search(text)) + 0.3 * (not COMPLETE.search(text))
    if cues.YES_NO.match(text):
        weight += 1.0 if asked.is_yes_no else -1.5
    return weight


# --- passages ---------------------------------------------------------------------------------------------


def _best_passage(read: Sequence[_Sentence], asked: _Question, steps: Steps, length: int) -> _Passage | None:
    """The heaviest one, of equals the first. What stands behind the steps is no beginning of an answer with steps."""
    openers = [one for one in read if one.opens and (not steps.text or one.line < steps.line)]
    passages = [found for one in openers if (found := _passage(one, read, asked, steps, length)) is not None]
    return max(passages, key=lambda found: found.weight, default=None)


def _passage(
    opener: _Sentence, read: Sequence[_Sentence], asked: _Question, steps: Steps, length: int
) -> _Passage | None:
    taken = (opener, *_going_on(opener, read, steps))
    if len(taken) == 1 and cues.ONLY_YES_NO.match(opener.text):
        return None
    weight = 1.2 * asked.covered_by(" ".join(one.text for one in taken))
    weight += max(one.weight - 1.2 * asked.covered_by(one.text) for one in taken)
    weight += 0.45 / (1 + opener.paragraph) + 0.2 * opener.is_head
    if opener.is_first:
        weight += 0.2 + 0.5 * min(1.0, (sum(len(one.text) for one in taken) + len(steps.text)) / length)
    weight += 0.3 * (asked.expects is not None and any(asked.is_met_by(one.text) for one in taken))
    return _Passage(taken, weight)


def _going_on(opener: _Sentence, read: Sequence[_Sentence], steps: Steps) -> Iterator[_Sentence]:
    """What follows, as long as it is short and understood. A sentence that leans is not taken behind a gap."""
    before, size, has_gap = opener, len(opener.text), False
    count = 1
    for one in read[opener.place + 1 :]:
        if steps.text and opener.line < steps.line <= one.line:
            return
        if one.paragraph != before.paragraph and (
            one.paragraph > before.paragraph + 1 or size > SHORT_PARAGRAPH
        ):
            return
        if not one.fits or one.weight < NEVER_TAKEN:
            has_gap = True
            if not one.is_idle:
                return
            continue
        if has_gap and one.leans:
            return
        size += len(one.text) + 1
        count += 1
        if size > SHORT_ANSWER_AIM or count > MOST_SENTENCES:
            return
        yield one
        before, has_gap = one, False


def _with_the_other(passage: _Passage, read: Sequence[_Sentence], asked: _Question) -> _Passage:
    """Where only one of two things was spoken of so far, the next sentence about the other one is taken, too."""
    missing = asked.words - telling(passage.text, asked.language)
    for one in read[passage.sentences[-1].place + 1 :]:
        follows = one.fits and (not one.leans or bool(cues.CONTRASTING.match(one.text)))
        if follows and one.weight >= NEVER_TAKEN and missing & telling(one.text, asked.language):
            return replace(passage, sentences=(*passage.sentences[: MOST_SENTENCES - 2], one))
    return passage

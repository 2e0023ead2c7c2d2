"""Hints on how easily a text is read, in German and English: pure, and never a reason to refuse it.

The figure is Flesch's reading ease (R. Flesch, A new readability yardstick, 1948), in German with the constants of
T. Amstad (Wie verständlich sind unsere Zeitungen?, 1978): from about 60 on a text is easy, below 30 it is hard.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

LONGEST_SENTENCE = {"de": 20, "en": 25}
FEWEST_WORDS = 30
"""A figure for fewer words would say nothing."""
MOST_HINTS = 12

Kind = Literal["long", "passive", "jargon"]

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_END = re.compile(r"(?<=[.!?…])[\"“”»«)]*\s+(?=[\"„“»«(]*[^\W\d_a-zäöüß])")
_ABBREVIATION = re.compile(
    r"(?:\b[^\W\d_]\.|\b(?:bzw|ca|Nr|Dr|etc|usw|ggf|inkl|max|min|Tel|vgl|evtl|approx|No|Mr|Mrs|vs|e\.g|i\.e)\.)$"
)
_CLAUSE = re.compile(r"[,;:()–]|\b(?:und|oder|aber|sondern)\b")
_VOWELS = re.compile(r"[aeiouyäöü]+")

_WERDEN = re.compile(r"\b(?:werde|wirst|wird|werdet|werden|wurde|wurdest|wurden|wurdet|worden)\b")
_PREFIX = "ab|an|auf|aus|bei|ein|fest|frei|her|hin|los|mit|nach|um|vor|weg|weiter|wieder|zu|zurück|zusammen"
_WITH_GE = re.compile(rf"(?:{_PREFIX})?(ge\w{{2,}}(?:t|en))")
_WITHOUT_GE = re.compile(r"(?:be|ver|er|ent|zer)\w{3,}t|\w{3,}iert")
_STRONG = re.compile(
    "verbunden|verschoben|verboten|verloren|vergessen|übernommen|unterbrochen|überwiesen|erhoben|entnommen|beschrieben|"
    "betroffen|unterschrieben|übertragen"
)
_NO_PARTICIPLES = re.compile(
    "gehen|geben|gelten|gehören|genügen|gelingen|gewinnen|geschehen|gefallen|genießen|gewähren|gestalten|gewährleisten|"
    "gebrauchen|gestatten|gelangen|gesamt|gerecht|geeignet|gestört|bekannt|bewusst|bereit|erst|berechtigt|beliebt|"
    "bestimmt|verzweifelt|vertraut"
)
_TO_BE = r"(?:am|is|are|was|were|be|been|being)"
_IRREGULAR = (
    "begun|broken|brought|built|bought|caught|chosen|cut|done|driven|drawn|found|forgotten|given|held|hidden|kept|known|"
    "laid|led|left|lost|made|meant|met|paid|put|read|said|seen|sent|set|shown|shut|sold|spent|stolen|taken|taught|thrown|"
    "told|understood|withdrawn|written"
)
_PASSIVE_EN = re.compile(
    rf"\b{_TO_BE}\s+(?:(?:not|also|then|now|always|never|only|just|\w+ly)\s+)*(\w{{2,}}ed|{_IRREGULAR})\b",
    re.IGNORECASE,
)
_STATES_EN = frozenset(
    (
        "based",
        "concerned",
        "interested",
        "located",
        "need",
        "red",
        "supposed",
        "tired",
        "used",
        "pleased",
        "allowed",
    )
)

JARGON = {
    "de": {
        "zeitnah": "bald, oder ein Datum",
        "diesbezüglich": "dazu",
        "hinsichtlich": "zu, bei",
        "seitens": "von",
        "mittels": "mit",
        "bezüglich": "zu, wegen",
        "obliegt": "ist Aufgabe von",
        "vorgenannt": "dieser",
        "initiieren": "beginnen",
        "implementieren": "einbauen, einführen",
        "provisionieren": "einrichten",
        "provisioniert": "eingerichtet",
        "dediziert": "eigen",
        "obsolet": "überholt",
        "Inbetriebnahme": "in Betrieb nehmen",
        "Zurverfügungstellung": "bereitstellen",
    },
    "en": {
        "utilize": "use",
        "utilise": "use",
        "leverage": "use",
        "commence": "begin",
        "terminate": "end",
        "facilitate": "help",
        "pursuant": "under",
        "aforementioned": "this",
        "henceforth": "from now on",
        "provisioned": "set up",
        "provisioning": "setting up",
        "prior to": "before",
        "in order to": "to",
        "subsequently": "later",
    },
}
"""Words that customers nowhere use, with what says the same; companies add their own (`vocabulary`)."""


@dataclass(frozen=True, slots=True)
class Hint:
    kind: Kind
    excerpt: str
    """The sentence, or the word."""
    instead: str = ""
    """For jargon: a plain word. For a long sentence: how many words it has."""


@dataclass(frozen=True, slots=True)
class Readability:
    ease: int | None
    """Flesch's reading ease, 0 to 100; None for texts that are too short for it."""
    words: int
    hints: tuple[Hint, ...]


def check(text: str, language: str, jargon: Mapping[str, str] | None = None) -> Readability:
    """What could be easier in this plain text; nothing for languages that are not known here. `jargon`: words that
    the company's customers do not use either, in whatever language, with what says the same."""
    sentences = list(split_sentences(text))
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if language not in LONGEST_SENTENCE:
        return Readability(None, len(words), ())
    avoided = _Avoided(JARGON[language], jargon or {})
    hints = (hint for sentence in sentences for hint in _hints_of(sentence, language, avoided))
    return Readability(
        _ease(words, len(sentences), language), len(words), tuple(itertools.islice(hints, MOST_HINTS))
    )


def split_sentences(text: str) -> Iterator[str]:
    """A line ends a sentence too, as in lists; a point after an abbreviation does not."""
    for line in text.splitlines():
        begun = ""
        for part in _END.split(line.strip()):
            begun = f"{begun} {part}" if begun else part
            if not _ABBREVIATION.search(begun):
                if _WORD.search(begun):
                    yield begun
                begun = ""
        if begun and _WORD.search(begun):
            yield begun


class _Avoided:
    """Lists of words as one pattern, however long they are; of the same word the later list says what is better."""

    def __init__(self, *lists: Mapping[str, str]) -> None:
        self._plain = {word.lower(): plain for words in lists for word, plain in words.items()}
        # "IT" is not "it": what is written in capitals alone is found as it is written.
        written = {word.lower(): word for words in lists for word in words}
        longest_first = sorted(written.values(), key=len, reverse=True)
        either = "|".join(
            re.escape(word) if word.isupper() else f"(?i:{re.escape(word)})" for word in longest_first
        )
        self._pattern = re.compile(rf"(?<!\w)({either})(?:s|e[nmrs]?)?(?!\w)")

    def found_in(self, sentence: str) -> Iterator[tuple[str, str]]:
        """Each word once, as it is written there, and what says the same."""
        found: dict[str, str] = {}
        for match in self._pattern.finditer(sentence):
            found.setdefault(match[1].lower(), match[0])
        for word, written in found.items():
            yield written, self._plain[word]


def _hints_of(sentence: str, language: str, avoided: _Avoided) -> Iterator[Hint]:
    count = len(_WORD.findall(sentence))
    if count > LONGEST_SENTENCE[language]:
        yield Hint("long", sentence, str(count))
    if has_passive(sentence, language):
        yield Hint("passive", sentence)
    for word, plain in avoided.found_in(sentence):
        yield Hint("jargon", word, plain)


def has_passive(sentence: str, language: str) -> bool:
    """Whether it says what is done and not who does it. In doubt it does not: a wrong hint costs more than none."""
    if language == "en":
        return any(found[1].lower() not in _STATES_EN for found in _PASSIVE_EN.finditer(sentence))
    return any(_is_passive_clause(clause) for clause in _CLAUSE.split(sentence))


def _is_passive_clause(clause: str) -> bool:
    """A form of "werden" with a participle where German puts it: at the end, or just before the verb at the end."""
    if not _WERDEN.search(clause):
        return False
    words = _WORD.findall(clause)
    while len(words) > 1 and (
        _WERDEN.fullmatch(words[-1]) or words[-1] in ("kann", "können", "muss", "müssen", "soll")
    ):
        words.pop()
    return _is_participle(words[-1])


def _is_participle(word: str) -> bool:
    if word[0].isupper() or _NO_PARTICIPLES.fullmatch(word):
        return False
    with_ge = _WITH_GE.fullmatch(word)
    if with_ge:
        return _NO_PARTICIPLES.fullmatch(with_ge[1]) is None
    return _STRONG.fullmatch(word) is not None or _WITHOUT_GE.fullmatch(word) is not None


def _ease(words: list[str], sentences: int, language: str) -> int | None:
    if len(words) < FEWEST_WORDS:
        return None
    length = len(words) / sentences
    syllables = sum(max(1, len(_VOWELS.findall(word.lower()))) for word in words) / len(words)
    ease = (
        180 - length - 58.5 * syllables if language == "de" else 206.835 - 1.015 * length - 84.6 * syllables
    )
    return max(0, min(100, round(ease)))

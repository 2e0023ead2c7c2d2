"""Rules that hold what members write, until somebody has looked at it. Pure, and linear in the length of the text.

A word of a list is found however it is disguised: with letters of other scripts that look alike, accents, digits in
place of letters, characters without a shape, single letters set apart, letters repeated, one space in its middle. It
is found as a whole word alone: "Assessment" and "Staatsexamen" hold nothing of what they are spelled with.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from community.core.nicknames import LOOK_ALIKE_LETTERS
from community.core.text import fold

MOST_WORDS, LONGEST_WORD = 500, 60
SHORTEST_SPREAD = 3
"""Letters that stand apart are read as a word from this length on."""
SHORTEST_INSIDE = 4
"""And from this one on also where more single letters stand beside it."""

SHORTEST_BROKEN = 6
"""Words from this length on are also found with one space inside; shorter ones are too often two words in a row."""

FEW = 30


class RuleKind(StrEnum):
    LINKS = "links"
    """A text with links of somebody who has hardly written anything yet."""
    BURST = "burst"
    """Many texts at once of somebody who is new."""
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Rule:
    """What staff have set; numbers count for the kinds that have them."""

    kind: RuleKind
    posts: int = 0
    minutes: int = 0
    days: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """A text, and what is known of its author in the moment in which it was sent."""

    text: str
    at: datetime
    published_before: int = 0
    """Public posts of the author so far; need not be counted beyond what the rules ask for."""
    first_at: datetime | None = None
    """When the author sent their first text; None for the very first."""
    recent: Sequence[datetime] = ()
    """When they sent the ones before this one, as far back as the rules ask for."""
    own_hosts: tuple[str, ...] = ()
    """Links to these lead nowhere else."""
    counts_links: bool = True
    """False for a change that brings in no link."""
    is_new_post: bool = True
    """False for a change: it is no further text."""


def find_hits(rule: Rule, situation: Situation) -> tuple[str, ...] | None:
    """What a rule has found; None where it does not hold the text. Links and words are named, a burst is counted."""
    if rule.kind == RuleKind.WORDS:
        return find_words(situation.text, rule.words) or None
    if rule.kind == RuleKind.LINKS:
        if situation.published_before >= rule.posts or not situation.counts_links:
            return None
        return find_links(situation.text, own_hosts=situation.own_hosts) or None
    if not situation.is_new_post:
        return None
    if situation.first_at is not None and situation.at - situation.first_at > timedelta(days=rule.days):
        return None
    since = situation.at - timedelta(minutes=rule.minutes)
    count = 1 + sum(since <= moment <= situation.at for moment in situation.recent)
    return (str(count),) if count >= rule.posts > 0 else None


# --- links ------------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"(?i)(?:https?|hxxps?|ftp)://|www\.[^\s.]")
_HOST = re.compile(
    r"(?i)[a-z0-9]\.(?:com|net|org|info|biz|eu|de|at|ch|io|co|ru|cn|top|xyz|shop|online|site|club|link|click|store)"
    r"(?![a-z0-9-]|\.[a-z])"
)
_EDGES = "()[]<>{}\"'\u201c\u201d" + chr(0x201E) + "\xab\xbb,;.!?"
MOST_SHOWN = 5


def find_links(text: str, *, own_hosts: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The first words of a text that lead somewhere else; mail addresses are none."""
    found: list[str] = []
    for piece in re.split(r"[\s()<>\[\]]+", text):
        word = piece.strip(_EDGES)
        if not word or not (_SCHEME.search(word) or ("@" not in word and _HOST.search(word))):
            continue
        host = re.sub(r"^[a-z]+://", "", word.casefold()).split("/", 1)[0]
        if host in own_hosts:
            continue
        found.append(word[:LONGEST_WORD])
        if len(found) == MOST_SHOWN:
            break
    return tuple(dict.fromkeys(found))


# --- words ------------------------------------------------------------------------------------------------

_SHAPELESS = {code: None for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cf", "Mn", "Me")}
_TOKEN = re.compile(r"\w[\w@$€!|]*|[@$€][\w@$€!|]+")
_PLAIN = re.compile(r"[^\W_]+")
_SPREAD = re.compile(r"(?<![^\W_])[^\W_](?:(?:[^\w\n]|_){1,3}[^\W_](?![^\W_]))+")
_SIGN = re.compile(r"[0-9@$€!|]")
_NO_LETTER = re.compile(r"[0-9!|_]")
_NO_LETTERS = re.compile(r"[0-9@$€!|_]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_LITTLE = frozenset(
    """
    a ab aber all als am an and any are as at auch auf aus be bei bin bis but by can d da das dass dem den der des
    die do du eben ein eine einem einen einer er es every for free from fuer go has hat he her hier hin i ich if
    ihm ihn ihr im in ins ist it ja kann ll m me mit more my n nach nein nicht no noch not nur ob oder of off ohne
    on one or our out over re s sich sie sind so some t that the this to ueber um und uns unter up us use ve von
    vor war was we wer wie wir with wo you zu zum zur
    """.split()  # noqa: SIM905 (a list of a hundred words reads better as words)
)
"""What a longer word may begin or end with by chance, where the two stand side by side: "Müller in", "it's often"."""
_LEET = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e"}
_LEET_I = str.maketrans(_LEET | {"1": "i", "!": "i", "|": "i"})
_LEET_L = str.maketrans(_LEET | {"1": "l", "!": "l", "|": "l"})


def find_words(text: str, words: Iterable[str]) -> tuple[str, ...]:
    """Those of `words` that stand in the text, as the list spells them. "word*" stands for all that begins so."""
    listed = _listed(tuple(words))
    if not listed.whole and not listed.begun and not listed.phrases:
        return ()
    found: dict[str, None] = {}
    visible = _visible(text)
    for reading in _readings(visible):
        tokens = set(reading)
        for token in listed.whole.keys() & tokens:
            found[listed.whole[token]] = None
        if listed.begun:
            ordered = sorted(tokens)
            for beginning, word in listed.begun.items():
                place = bisect_left(ordered, beginning)
                if place < len(ordered) and ordered[place].startswith(beginning):
                    found[word] = None
        if listed.phrases:
            line = f" {' '.join(reading)} "
            found.update({word: None for phrase, word in listed.phrases.items() if f" {phrase} " in line})
    found.update(dict.fromkeys(_spread(visible, listed)))
    found.update(dict.fromkeys(_broken(visible, listed)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The words of a list by what they are compared with."""

    whole: dict[str, str]
    begun: dict[str, str]
    phrases: dict[str, str]
    broken: dict[str, dict[str, str]]
    """By the first part of a word with a space in it, and by the second one."""


@lru_cache(maxsize=64)
def _listed(words: tuple[str, ...]) -> _Listed:
    whole: dict[str, str] = {}
    begun: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for word in words[:MOST_WORDS]:
        for visible in _visible(word[:LONGEST_WORD].rstrip("*")):
            tokens = _PLAIN.findall(visible)
            if not tokens:
                continue
            if len(tokens) > 1:
                phrases[" ".join(tokens)] = word
            else:
                (begun if word.endswith("*") else whole)[tokens[0]] = word
    broken: dict[str, dict[str, str]] = {}
    for compared in (whole, begun):
        for token, word in compared.items():
            for first, second in _breaks(token):
                broken.setdefault(first, {})[second] = word
    return _Listed(whole, begun, phrases, broken)


def _breaks(token: str) -> Iterable[tuple[str, str]]:
    """A word as two parts, in all places where neither of them is a little word that stands everywhere."""
    if len(token) >= SHORTEST_BROKEN:
        parts = ((token[:place], token[place:]) for place in range(1, len(token)))
        yield from (pair for pair in parts if _LITTLE.isdisjoint(pair))


def _visible(text: str) -> tuple[str, ...]:
    """A text without what cannot be seen, in small plain letters: "ä" is read as "ae" and as "a"."""
    if text.isascii():
        return (text.lower(),)
    shown = _translated(unicodedata.normalize("NFKC", text), _SHAPELESS)
    apart = unicodedata.normalize("NFKD", shown.casefold())
    spelled = _translated(fold(_translated(shown, LOOK_ALIKE_LETTERS)), LOOK_ALIKE_LETTERS)
    if apart.isascii() and "ß" not in shown:
        return (spelled,)
    bare = _translated(_translated(apart, _SHAPELESS), LOOK_ALIKE_LETTERS)
    return (spelled,) if bare == spelled else (spelled, bare)


def _translated(text: str, table: Mapping[int, str | None]) -> str:
    """`text.translate(table)`, but faster: a text has few of the characters. None of them stands for another one."""
    strangers = [character for character in set(text) if ord(character) in table]
    if len(strangers) > FEW:
        return text.translate(table)
    for character in strangers:
        text = text.replace(character, table[ord(character)] or "")
    return text


def _readings(texts: Iterable[str]) -> Iterable[list[str]]:
    """All that a text can be read as, each as its words in order; most texts have one reading."""
    for visible in texts:
        lines = [visible]
        if _REPEATED.search(visible):
            pieces = _REPEATED.split(visible)  # Every second one is a letter that was repeated.
            lines.append("".join(pieces))
            pieces[1::2] = [letter * 2 for letter in pieces[1::2]]
            lines.append("".join(pieces))
        for line in lines:
            yield _PLAIN.findall(line)
            if not _SIGN.search(line):
                continue
            disguised = [
                token.strip("!|")
                for token in _TOKEN.findall(line)
                if not (token.isalpha() or token.isdecimal())
            ]
            disguised = [token for token in disguised if _is_mostly_letters(token)]
            if disguised:
                yield [part for token in disguised for part in _PLAIN.findall(token.translate(_LEET_I))]
                yield [part for token in disguised for part in _PLAIN.findall(token.translate(_LEET_L))]


def _is_mostly_letters(token: str) -> bool:
    """ "v1agra" is a word in disguise; "A55" and "5G" are names of things."""
    letters = len(token) - len(_NO_LETTER.findall(token))
    return 2 * letters >= len(token) > 2 and not _NO_LETTERS.fullmatch(token)


def _broken(texts: Iterable[str], listed: _Listed) -> Iterable[str]:
    """Words with one space in their middle: "via gra"."""
    for visible in texts:
        if listed.broken.keys().isdisjoint(_PLAIN.findall(visible)):
            continue
        before, end = "", -1
        for match in _PLAIN.finditer(visible):
            token = match[0]
            seconds = listed.broken.get(before)
            if seconds and token in seconds and visible[end : match.start()] == " ":
                yield seconds[token]
            before, end = token, match.end()


def _spread(texts: Iterable[str], listed: _Listed) -> Iterable[str]:
    """Words whose letters stand apart: "v i a g r a", "v.i.a.g.r.a"."""
    for visible in texts:
        for match in _SPREAD.finditer(visible):
            run = "".join(_PLAIN.findall(match[0]))
            for letters in {run, run.translate(_LEET_I), run.translate(_LEET_L)}:
                yield from _in_run(letters, listed)


def _in_run(letters: str, listed: _Listed) -> Iterable[str]:
    if len(letters) < SHORTEST_SPREAD:
        return
    for compared in (listed.whole, listed.begun):
        for token, word in compared.items():
            if token == letters or (len(token) >= SHORTEST_INSIDE and token in letters):
                yield word

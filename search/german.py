"""What a stemmer leaves apart in German: irregular derivations, and the parts of compounds.

Rules and lists of the language only, nothing learned from documents: a split that depended on what others wrote would
say something about texts that not everybody may read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from search.configuration import GERMAN_PARTS_FILE
from search.names import pieces

_SHORTEST_ROOT = 3
_SHORTEST_BEFORE_AGENT = 4
_SHORTEST_PART = 4
SHORTEST_COMPOUND = 7
_LONGEST_COMPOUND = 60
_DEEPEST = 3

_FOLDED = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})

# Prefixes that stand apart in a sentence ("ich nehme die Nummer mit"), and those that never do.
_SEPARABLE = (
    "herunter|zusammen|zuruck|weiter|runter|herein|heraus|hinzu|durch|unter|uber|nach|hoch|fest|frei|fort|ein|aus|auf"
    "|mit|vor|weg|los|her|hin|bei|ab|an|um|zu"
)
_INSEPARABLE = "miss|ver|ent|zer|emp|ge|be|er|un"
_PARTICIPLE = re.compile(rf"({_SEPARABLE})ge(\w{{3,}})")
_WITH_ZU = re.compile(rf"^({_SEPARABLE})zu(?=\w{{3,}}n$)")
_BARE_PARTICIPLE = re.compile(r"ge(\w{4,}t(?:e[nrsm]?)?)")
_ENDING = re.compile(
    r"(?:ung(?:en|s)?|en(?:[ds]|de[nrsm]?)?|em|e[rs]?|n|(?<=[bdfghklmnrt])s|(?<=e[lr])t(?:e[nrsm]?)?)$"
)
_ENDING_OF_PARTICIPLE = re.compile(r"e?t(?:e[nrsm]?)?$")
_AGENT = re.compile(r"(?:ier|er|el)$")
_LEFT_ALONE = re.compile(rf"(?:{_SEPARABLE}|{_INSEPARABLE}|wieder|gegen|nicht|hinter|voll)$")
_LINKS = ("", "s", "n", "en", "es", "er", "e", "ns", "nen")

# Roots of irregular verbs with their other forms and nouns, folded: "mitnehmen" and "Mitnahme".
_VOWEL_CHANGES = {
    "nehm": "nahm nomm nimm",
    "geb": "gab gib gegeb",
    "zieh": "zug zog gezog",
    "schliess": "schluss schloss geschloss",
    "brech": "bruch brach broch brich gebroch",
    "greif": "griff gegriff",
    "sprech": "sprach spruch sproch sprich gesprach gesproch",
    "geh": "gang ging gegang",
    "steh": "stand gestand",
    "bind": "band bund gebund",
    "lier": "lust lor",
    "schreib": "schrieb schrift geschrieb",
    "schneid": "schnitt geschnitt",
    "seh": "sicht geseh",
    "komm": "kam kunft gekomm",
    "werf": "wurf warf worf geworf",
    "fahr": "fuhr fahrt gefahr",
    "lass": "liess gelass",
    "schieb": "schub schob geschob",
    "biet": "bot gebot",
    "heb": "hub hob gehob",
    "find": "fand fund gefund",
    "bring": "bracht gebrach",
    "kenn": "kannt",
    "send": "sandt",
    "ruf": "rief geruf",
    "lad": "lud gelad",
    "tret": "trat tritt getret",
    "treib": "trieb getrieb",
    "steig": "stieg gestieg",
    "weis": "wies gewies",
    "giess": "guss goss gegoss",
    "fliess": "fluss floss gefloss",
    "helf": "hilf half geholf hilfe",
    "halt": "hielt gehalt",
    "lauf": "lief gelauf",
    "fall": "fiel gefall",
    "trag": "trug getrag",
    "schlag": "schlug geschlag",
    "leih": "lieh gelieh",
    "scheid": "schied geschied",
    "kauf": "kauf",
    "wahl": "wahl",
    "denk": "dacht",
}
_ROOT_OF = {
    form: root for root, forms in _VOWEL_CHANGES.items() for form in (root, *forms.split()) if len(form) >= 3
}
_LONGEST_FORM = max(map(len, _ROOT_OF))


@lru_cache(50_000)
def plainly(word: str) -> str:
    """In lower case, without umlauts and sharp s."""
    return word.lower().translate(_FOLDED)


def _fold(word: str) -> str:
    """Without case, umlauts (spelt out or not), accents and sharp s."""
    plain = plainly(word)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.sub("([aou])e", r"\1", plain)


@lru_cache(50_000)
def root(word: str) -> str:
    """The root of a word: "Portierung", "portieren" and "portiert" have one, so have "Mitnahme" and "mitgenommen".

    Coarser than a stem, for finding what stems do not find. Words of other languages come out cut, always in one way.
    """
    found = _fold(word)
    if len(found) < 4 or not found.isalpha():
        return found
    if participle := _PARTICIPLE.fullmatch(found) or _BARE_PARTICIPLE.fullmatch(found):
        whole = "".join(participle.groups())
        irregular = _regular(whole) or _regular(_without(_ENDING, whole))
        found = irregular or _without(_ENDING_OF_PARTICIPLE, whole)
    if participle is None or found == whole:
        found = _without(_ENDING, _WITH_ZU.sub(r"\1", found))
    regular = _regular(found)
    return regular or _without(_AGENT, found, _SHORTEST_BEFORE_AGENT)


def _without(ending: re.Pattern[str], word: str, shortest: int = _SHORTEST_ROOT) -> str:
    shorter = ending.sub("", word)
    return shorter if len(shorter) >= shortest else word


def _regular(word: str) -> str:
    """The word with the root of its irregular verb, whatever form of it stands at the end; empty if none does."""
    for size in range(min(_LONGEST_FORM, len(word)), 2, -1):
        found = _ROOT_OF.get(word[-size:])
        if found:
            before = word[:-size]
            # A form of three letters ends many other words: it counts where a prefix stands before it, or nothing.
            if size > 3 or not before or _LEFT_ALONE.fullmatch(before):
                return before + found
    return ""


def _read_parts() -> frozenset[str]:
    lines = GERMAN_PARTS_FILE.read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return frozenset(_fold(word) for word in words) | frozenset(root(word) for word in words)


_PARTS = _read_parts()


def is_part(piece: str) -> bool:
    """Whether a folded piece is a word that compounds are made of."""
    if len(piece) < 3:
        return False
    found = root(piece)
    return piece in _PARTS or (len(found) >= _SHORTEST_ROOT and found in _PARTS)


def _is_first_part(piece: str) -> bool:
    """The same for what stands before another part, with a letter or two that link them."""
    return any(
        is_part(piece[: len(piece) - len(link)])
        for link in _LINKS
        if piece.endswith(link) and len(piece) - len(link) >= 3
    )


@lru_cache(50_000)
def parts(word: str) -> tuple[str, ...]:
    """The roots of the words of which a compound is made, all levels of it; empty if it is none."""
    return tuple(dict.fromkeys(_parts(_fold(word), _DEEPEST)))


@lru_cache(50_000)
def all_roots(word: str) -> tuple[str, ...]:
    """Under which roots a word of a text is found: its own, and those of its parts."""
    seams = pieces(word)
    more = [root(piece) for piece in seams] if len(seams) > 1 else []
    return tuple(dict.fromkeys((root(word), *parts(word), *more)))


@lru_cache(50_000)
def leaves(word: str) -> tuple[str, ...]:
    """The roots of the smallest parts of a compound, in order; empty if it is none."""
    folded = _fold(word)
    cut = _cut(folded)
    if not cut:
        return ()
    halves = (folded[:cut], folded[cut:])
    return tuple(leaf for half in halves for leaf in (leaves(half) or (_part_root(half),)))


def _parts(word: str, levels: int) -> Iterator[str]:
    cut = _cut(word) if levels else 0
    if not cut:
        return
    for piece in (word[:cut], word[cut:]):
        yield _part_root(piece)
        yield from _parts(piece, levels - 1)


def _part_root(piece: str) -> str:
    """The root of a piece without the letters that link it to the next."""
    for link in _LINKS:
        if piece.endswith(link) and is_part(piece[: len(piece) - len(link)]):
            return root(piece[: len(piece) - len(link)])
    return root(piece)


def _cut(word: str) -> int:
    """Where the last part of a compound begins, the longest that leaves two known parts; 0: nowhere."""
    if not SHORTEST_COMPOUND <= len(word) <= _LONGEST_COMPOUND or not word.isalpha():
        return 0
    half_known = 0
    for cut in range(3, len(word) - _SHORTEST_PART + 1):
        first, last = word[:cut], word[cut:]
        if _LEFT_ALONE.fullmatch(first):
            continue
        last_known = is_part(last)
        if last_known and _is_first_part(first):
            return cut
        if not half_known and last_known and len(last) >= 5:
            half_known = cut
    return half_known

"""Which words of a text say what it is about, so that two texts can be compared in German and in English."""

from __future__ import annotations

from functools import lru_cache

from search.analysis import fold, stems
from search.configuration import LIGHT_WORDS, STOP_WORDS
from search.german import leaves, root
from search.words import WORD

_SAYING_NOTHING = (
    "can could should would may might must kann könnte können darf dürfen muss müssen soll sollte will wollen möchte "
    "why where when which who ich wir man sie du mir uns i we you me us your my our mein meine unser unsere "
    "difference differences between unterschied unterschiede zwischen mean means called bedeutet heißt "
    "actually eigentlich vielleicht maybe really wirklich best way beste weg mal was were been being not nicht"
)
_PASSED_OVER = frozenset((*LIGHT_WORDS, *STOP_WORDS, *_SAYING_NOTHING.split()))


@lru_cache(4_000)
def telling(text: str, language: str) -> frozenset[str]:
    """The stems of the telling words of a text; German compounds count as their parts."""
    found: set[str] = set()
    for word in WORD.findall(text):
        if word.lower() in _PASSED_OVER or (len(word) == 1 and not word.isdigit()):
            continue
        if language == "de":
            found.update(leaves(word) or (root(word),))
        else:
            found.add(stems(word).get("en") or fold(word))
    return frozenset(found - {""})


def overlap(text: frozenset[str], question: frozenset[str]) -> float:
    """Which share of the question's telling words stands in a text."""
    return len(text & question) / len(question) if question else 0.0


def alikeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How many of their telling words two questions share, from 0 to 1."""
    return len(one & other) / len(one | other) if one and other else 0.0

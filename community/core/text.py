"""Small operations on plain text: addresses made from titles, and comparing regardless of spelling."""

import re
import unicodedata
from itertools import filterfalse

LONGEST_SLUG = 80

_SPELLED_OUT = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "å": "a",
        "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "ng",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """`text` in lower case and bare ASCII letters where it is Latin: ``Größe`` and ``GROESSE`` are equal.

    Other scripts are kept. Meant for comparing, not for showing.
    """
    composed = unicodedata.normalize("NFKC", text).casefold()
    spelled_out = unicodedata.normalize("NFC", composed).translate(_SPELLED_OUT)
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", spelled_out)))


def slug(title: str, *, longest: int = LONGEST_SLUG) -> str:
    """The readable part of an address: ``Warum läuft's nicht?`` gives ``warum-laeufts-nicht``.

    Never empty (a title without any Latin letter or digit gives ``-``), never longer than `longest`
    characters, cut between words where that is possible.
    """
    without_apostrophes = re.sub(r"(?<=\w)['’](?=\w)", "", title)
    words = re.findall(r"[a-z0-9]+", fold(without_apostrophes))
    kept = "-".join(words)
    if len(kept) > longest:
        head, _hyphen, _tail = kept[: longest + 1].rpartition("-")
        kept = head or kept[:longest]
    return kept or "-"

"""Names of products and abbreviations, which people write in several ways: "SIP-Trunk", "SIP Trunk", "siptrunk"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_PIECE = re.compile(r"[^\W_]+")
# Where a name written as one word has a seam: "MagentaBusiness", "DSL100". Not "VoIP", "iPhone", "5G".
_SMALL, _CAPITAL = r"[a-z\u00df-\u00ff]", r"[A-Z\u00c0-\u00de]"
_SEAM = re.compile(
    f"(?<={_SMALL}{{3}})(?={_CAPITAL}{_SMALL}{{2}})" r"|(?<=[^\W\d_]{2})(?=\d{2})|(?<=\d{2})(?=[^\W\d_]{2})"
)


def solid(name: str) -> str:
    """A name as one word in lower case: the same for all its spellings."""
    return "".join(_PIECE.findall(name)).lower()


def pieces(word: str) -> list[str]:
    """A word cut at its seams."""
    return _SEAM.split(word)


def spellings(name: str) -> tuple[str, ...]:
    """All ways to write a name, in lower case: as it stands, cut at its seams, as one word."""
    words = _PIECE.findall(name)
    cut = [piece for word in words for piece in pieces(word)]
    ways = (" ".join(words), " ".join(cut), "".join(cut))
    return tuple(dict.fromkeys(way.lower() for way in ways if way))


def with_spellings(groups: Iterable[Sequence[str]], names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The groups in which each name has all its spellings, and a group for each name that is in none of them."""
    by_solid = {solid(name): spellings(name) for name in names}
    spelled, placed = [], set()
    for group in groups:
        entries: dict[str, None] = {}
        for entry in group:
            placed.add(solid(entry))
            entries.update(dict.fromkeys((entry, *by_solid.get(solid(entry), ()))))
        spelled.append(tuple(entries))
    alone = (ways for name, ways in by_solid.items() if name not in placed and len(ways) > 1)
    return (*spelled, *alone)


def words_of(names: Iterable[str]) -> list[str]:
    """Every word of every spelling, each once, sorted."""
    return sorted({word for name in names for way in spellings(name) for word in way.split()})

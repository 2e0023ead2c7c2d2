"""Entries that editors want beside another one: found by words, picked by hand. It goes one way: an answer may lead
to a broader one that does not lead back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from community.core.db import fetch
from community.core.viewer import Viewer
from community.faq.models import IS_PUBLIC
from community.faq.permissions import demand_editor

MOST_FOUND = 10
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    question: str
    language: str


def words_condition(words: str, columns: Collection[str]) -> tuple[str, dict[str, str]]:
    """SQL by which each of the words stands in one of the columns, and what it is given; empty for no words."""
    given = {f"word{number}": f"%{_pattern(word)}%" for number, word in enumerate(words.split()[:MOST_WORDS])}
    each = (
        "(" + " OR ".join(f"LOWER({column}) LIKE :{name} ESCAPE '!'" for column in columns) + ")"
        for name in given
    )
    return " AND ".join(each), given


def _pattern(word: str) -> str:
    escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_").lower()
    # SQLite knows the small form of ASCII letters alone, so a capital umlaut stays what it is.
    return escaped if escaped[0].isascii() else f"_{escaped[1:]}"


async def find_candidates(viewer: Viewer, words: str, *, besides: int) -> tuple[Candidate, ...]:
    """Public entries in whose question or short answer all the words stand, what helped most first."""
    demand_editor(viewer)
    condition, given = words_condition(words, ("e.published_question", "e.published_short_answer"))
    if not condition:
        return ()
    rows = await fetch(
        f"""SELECT e.id, e.published_question AS question, e.published_language AS language FROM faq_entries e
        WHERE {IS_PUBLIC} AND e.id <> :besides AND {condition}
        ORDER BY e.helpful_count - e.unhelpful_count DESC, e.published_at, e.id LIMIT {MOST_FOUND}""",  # noqa: S608
        {"besides": besides, **given},
    )
    return tuple(Candidate(**dict(row)) for row in rows)


async def list_candidates(viewer: Viewer, entry_ids: Collection[int]) -> dict[int, Candidate]:
    """These entries, whatever state they are in now, as editors call them."""
    demand_editor(viewer)
    rows = await fetch(
        "SELECT id, question, language FROM faq_entries WHERE id IN (:ids)", {"ids": sorted(entry_ids)}
    )
    return {row["id"]: Candidate(**dict(row)) for row in rows}

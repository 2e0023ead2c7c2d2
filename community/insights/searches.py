"""What is searched for, and what finds nothing: words, language and day, never who."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from community.core import personal_hints
from community.core.clock import now
from community.core.db import execute, execute_many, fetch, in_transaction
from community.insights.noted import Noted

LONGEST_TERM = 100
"""Longer texts are no words to search for; they are left out."""
MOST_TERMS_A_DAY = 2_000
"""Different terms of one day, so that a robot does not fill the table. Those known that day are still counted."""
MOST_WAITING = 500
KEPT_DAYS = 400
RARE_KEPT_DAYS = 100
"""Terms that were searched for less often than `RARE_BELOW` times are forgotten earlier: nobody learns from them, and
rare words say most about whoever typed them."""
RARE_BELOW = 3

_DIGITS_OF_SOMEBODY = re.compile(r"\d(?:[ ./()\-]?\d){6}")
"""Seven digits in a row are a customer, contract or telephone number, even without a word that says so."""

Searched = tuple[str, str, str, bool]
"""Day, language, words, and whether something was found."""


class NotedSearches:
    """The searches of this process that are not written yet."""

    def __init__(self) -> None:
        self._counts: Noted[Searched] = Noted(MOST_WAITING)

    def note(self, text: str, language: str, *, found: bool) -> None:
        """Count one search. What could be about a person is not even kept for these seconds."""
        words = term_of(text)
        if words:
            self._counts.add((now().date().isoformat(), language, words, found))

    async def write(self) -> None:
        """Add what was counted to the table; if that fails it is tried again next time."""
        await self._counts.write(_add_to_table)


def term_of(text: str) -> str:
    """The words as they are counted; empty for what is not: too long, no words, or like a personal detail."""
    words = " ".join(text.lower().split())
    if not 2 <= len(words) <= LONGEST_TERM or not any(character.isalnum() for character in words):
        return ""
    if "@" in words or _DIGITS_OF_SOMEBODY.search(words) or personal_hints.find(text):
        return ""
    return words


async def _add_to_table(counts: Mapping[Searched, int]) -> None:
    days: dict[str, dict[tuple[str, str], dict[str, int]]] = {}
    for (day, language, words, found), count in counts.items():
        row = days.setdefault(day, {}).setdefault((language, words), {"searches": 0, "nothing": 0})
        row["searches"] += count
        row["nothing"] += 0 if found else count
    async with in_transaction():
        # In one order in all processes, so that none waits for another that waits for it.
        for day, terms in sorted(days.items()):
            await execute_many(
                """INSERT INTO search_terms (day, language, words, search_count, nothing_count)
                VALUES (:day, :language, :words, :searches, :nothing) ON CONFLICT (day, language, words) DO UPDATE SET
                search_count = search_terms.search_count + excluded.search_count,
                nothing_count = search_terms.nothing_count + excluded.nothing_count""",
                [
                    {"day": day, "language": language, "words": words, **terms[language, words]}
                    for language, words in sorted(await _admitted(day, list(terms)))
                ],
            )


async def _admitted(day: str, terms: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that the day knows, and new ones until it has enough."""
    have = await fetch("SELECT COUNT(*) AS n FROM search_terms WHERE day = :day", {"day": day})
    rows = await fetch(
        "SELECT language, words FROM search_terms WHERE day = :day AND words IN (:words)",
        {"day": day, "words": [words for _language, words in terms]},
    )
    known = {(row["language"], row["words"]) for row in rows}
    new = [term for term in terms if term not in known][: max(0, MOST_TERMS_A_DAY - have[0]["n"])]
    return [*(term for term in terms if term in known), *new]


async def forget_old_terms() -> None:
    """Remove terms after their time, rare ones earlier, and decisions about words that nobody searches for."""
    await execute("DELETE FROM search_terms WHERE day < :before", {"before": day_before(KEPT_DAYS)})
    await execute(
        """DELETE FROM search_terms WHERE day < :before AND words IN (
        SELECT words FROM search_terms GROUP BY words HAVING SUM(search_count) < :rare)""",
        {"before": day_before(RARE_KEPT_DAYS), "rare": RARE_BELOW},
    )
    await execute(
        """DELETE FROM search_term_decisions WHERE decided_at < :before
        AND NOT EXISTS (SELECT 1 FROM search_terms t WHERE t.words = search_term_decisions.words)""",
        {"before": now() - timedelta(days=RARE_KEPT_DAYS)},
    )


def day_before(days: int) -> str:
    """The day (UTC) that lies so many days back, as it is stored."""
    today: date = now().date()
    return (today - timedelta(days=days)).isoformat()

"""How often FAQ entries are used: entry and day, never who.

Counted in the process and written every few seconds, so that reading an entry costs no write. A process that is
killed takes the counts of its last seconds with it: they are figures, nobody was promised them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from community.core.clock import now
from community.core.db import execute, execute_many, random_id
from community.insights.searches import day_before, term_of

MOST_WAITING = 5_000
"""Different entries, days and words of these seconds."""
MOST_WORDS_OF_ENTRY, MOST_WORDS_A_DAY = 100, 5_000
"""Different words of one day, so that nobody fills the table. Those known that day are still counted."""
KEPT_DAYS = 400
WORDS_KEPT_DAYS = 100


class Use(StrEnum):
    """What can happen with an entry; the value is the column that counts it."""

    VIEWED = "view_count"
    FOUND = "found_count"
    """Viewed, and opened from the results of a search."""
    SEARCHED_ON = "search_count"
    """Still stuck: searched the community from here."""
    TURNED_TO_ASK = "ask_count"
    """Still stuck: went on to the form for a question."""
    ASKED = "asked_count"
    """A question was published by somebody who came from here."""


class NotedUses:
    """The uses of this process that are not written yet."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, str], int] = {}
        self._words: dict[tuple[int, str, str], int] = {}

    def note(self, entry_id: int, use: Use, *, words: str = "") -> None:
        """Count one use. `words` found the entry; what could be about a person is not even kept for these seconds."""
        day = now().date().isoformat()
        _add(self._counts, (entry_id, day, str(use)))
        term = term_of(words) if words else ""
        if term:
            _add(self._words, (entry_id, day, term))

    async def write(self) -> None:
        """Add what was counted to the tables; if that fails it is tried again next time."""
        counts, self._counts = self._counts, {}
        words, self._words = self._words, {}
        try:
            await _write_counts(counts)
            counts = {}
            await _write_words(words)
        except BaseException:
            for key, count in counts.items():
                _add(self._counts, key, count)
            for key, count in words.items():
                _add(self._words, key, count)
            raise


def _add(counts: dict[tuple[int, str, str], int], key: tuple[int, str, str], count: int = 1) -> None:
    if key in counts or len(counts) < MOST_WAITING:
        counts[key] = counts.get(key, 0) + count


async def _write_counts(counts: Mapping[tuple[int, str, str], int]) -> None:
    for use in Use:
        # In one order in all processes, so that none waits for another that waits for it.
        rows = [
            {"id": random_id(), "entry_id": entry_id, "day": day, "count": count}
            for (entry_id, day, column), count in sorted(counts.items())
            if column == use
        ]
        if rows:
            await execute_many(
                f"""INSERT INTO faq_days (id, entry_id, day, {use}) VALUES (:id, :entry_id, :day, :count)
                ON CONFLICT (entry_id, day) DO UPDATE SET {use} = faq_days.{use} + excluded.{use}""",  # noqa: S608 - names of columns
                rows,
            )


async def _write_words(words: Mapping[tuple[int, str, str], int]) -> None:
    if words:
        await execute_many(
            f"""INSERT INTO faq_words (id, entry_id, day, words, open_count)
            SELECT CAST(:id AS BIGINT), e.id, CAST(:day AS VARCHAR), CAST(:words AS VARCHAR), CAST(:count AS INT)
            FROM faq_entries e WHERE e.id = :entry_id AND (
              EXISTS (SELECT 1 FROM faq_words w WHERE w.entry_id = :entry_id AND w.day = :day AND w.words = :words)
              OR (SELECT COUNT(*) FROM faq_words w
                WHERE w.entry_id = :entry_id AND w.day = :day) < {MOST_WORDS_OF_ENTRY}
                AND (SELECT COUNT(*) FROM faq_words w WHERE w.day = :day) < {MOST_WORDS_A_DAY})
            ON CONFLICT (entry_id, day, words)
            DO UPDATE SET open_count = faq_words.open_count + excluded.open_count""",  # noqa: S608 - constants
            [
                {"id": random_id(), "entry_id": entry_id, "day": day, "words": term, "count": count}
                for (entry_id, day, term), count in sorted(words.items())
            ],
        )


async def forget_old_uses() -> None:
    """Remove counts after their time, words earlier: few people learn from them, and they say most."""
    await execute("DELETE FROM faq_days WHERE day < :before", {"before": day_before(KEPT_DAYS)})
    await execute("DELETE FROM faq_words WHERE day < :before", {"before": day_before(WORDS_KEPT_DAYS)})

"""How often FAQ entries are used: entry and day, never who."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from community.core.clock import now
from community.core.db import execute, execute_many, random_id
from community.insights.noted import Noted
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


Used = tuple[int, str, str]
"""Entry, day, and the kind of use or the words."""


class NotedUses:
    """The uses of this process that are not written yet."""

    def __init__(self) -> None:
        self._counts: Noted[Used] = Noted(MOST_WAITING)
        self._words: Noted[Used] = Noted(MOST_WAITING)

    def note(self, entry_id: int, use: Use, *, words: str = "") -> None:
        """Count one use. `words` found the entry; what could be about a person is not even kept for these seconds."""
        day = now().date().isoformat()
        self._counts.add((entry_id, day, str(use)))
        term = term_of(words) if words else ""
        if term:
            self._words.add((entry_id, day, term))

    async def write(self) -> None:
        """Add what was counted to the tables; if that fails it is tried again next time."""
        await self._counts.write(_write_counts)
        await self._words.write(_write_words)


async def _write_counts(counts: Mapping[Used, int]) -> None:
    uses: dict[tuple[int, str], dict[str, int]] = {}
    for (entry_id, day, use), count in counts.items():
        uses.setdefault((entry_id, day), dict.fromkeys(Use, 0))[use] = count
    await execute_many(
        f"""INSERT INTO faq_days (id, entry_id, day, {", ".join(Use)})
        VALUES (:id, :entry_id, :day, {", ".join(f":{use}" for use in Use)}) ON CONFLICT (entry_id, day)
        DO UPDATE SET {", ".join(f"{use} = faq_days.{use} + excluded.{use}" for use in Use)}""",  # noqa: S608 - names of columns
        # In one order in all processes, so that none waits for another that waits for it.
        [
            {"id": random_id(), "entry_id": entry_id, "day": day, **columns}
            for (entry_id, day), columns in sorted(uses.items())
        ],
    )


async def _write_words(words: Mapping[Used, int]) -> None:
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

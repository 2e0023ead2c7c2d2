"""How often threads are opened: thread and day, never who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from community.core.clock import now
from community.core.db import execute, execute_many, fetch, random_id
from community.insights.noted import Noted
from community.insights.searches import day_before

MOST_WAITING = 5_000
"""Different threads of these seconds."""
KEPT_DAYS = 60

Reading = tuple[str, int]
"""Day and thread."""


class NotedReadings:
    """The readings of this process that are not written yet."""

    def __init__(self) -> None:
        self._counts: Noted[Reading] = Noted(MOST_WAITING)

    def note(self, thread_id: int) -> None:
        """Count that somebody opened a thread."""
        self._counts.add((now().date().isoformat(), thread_id))

    async def write(self) -> None:
        """Add what was counted to the table; if that fails it is tried again next time."""
        await self._counts.write(_add_to_table)


async def _add_to_table(counts: Mapping[Reading, int]) -> None:
    await execute_many(
        """INSERT INTO thread_days (id, thread_id, day, read_count) VALUES (:id, :thread_id, :day, :count)
        ON CONFLICT (thread_id, day) DO UPDATE SET read_count = thread_days.read_count + excluded.read_count""",
        # In one order in all processes, so that none waits for another that waits for it.
        [
            {"id": random_id(), "thread_id": thread_id, "day": day, "count": count}
            for (day, thread_id), count in sorted(counts.items())
        ],
    )


async def count_readings(thread_ids: Sequence[int], *, days: int) -> dict[int, int]:
    """How often each of these threads was opened within the last `days` days."""
    rows = await fetch(
        """SELECT thread_id, SUM(read_count) AS n FROM thread_days
        WHERE thread_id IN (:ids) AND day > :after GROUP BY thread_id""",
        {"ids": list(thread_ids), "after": day_before(days)},
    )
    return {row["thread_id"]: int(row["n"]) for row in rows}


async def forget_old_readings() -> None:
    """Remove counts after their time."""
    await execute("DELETE FROM thread_days WHERE day < :before", {"before": day_before(KEPT_DAYS)})

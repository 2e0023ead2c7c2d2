"""Standings: who helped most, recomputed by the worker from solutions and kudos (RE-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from community.core.clock import now
from community.core.db import Row, execute, fetch, in_transaction

RECENT_PERIODS = (30, 90)
LASTING_PERIODS = (365, 0)
PERIODS = RECENT_PERIODS + LASTING_PERIODS
"""Days; 0 is all time."""
LONGEST = 100
"""Lines of a ranking that are kept."""
_LOCK = 730_001
"""Any number that no other advisory lock in this database has."""
SOLUTION_WEIGHT = 5
"""A solution counts as much as five kudos; the number of posts does not count."""

# Helpers by score, best first, in every board at once: each space, and the whole site as board 0. What everybody has
# done is added up once, beginning with what was given since then (COALESCE hides from SQLite an index of all threads
# that it would rather begin with); the window keeps the first hundred customers and staff of each board.
_BOARDS = """
WITH given AS MATERIALIZED (
  SELECT post_id, COUNT(*) AS given FROM kudos WHERE given_at >= :since GROUP BY post_id
), facts AS MATERIALIZED (
  SELECT space_id, author_id, SUM(solutions) AS solutions, SUM(kudos) AS kudos FROM (
    SELECT t.space_id, p.author_id, 1 AS solutions, 0 AS kudos FROM solutions x
    JOIN posts p ON p.id = x.post_id JOIN threads t ON t.id = p.thread_id
    WHERE x.accepted_at >= :since AND COALESCE(p.hidden_at, t.hidden_at) IS NULL
    UNION ALL
    SELECT t.space_id, p.author_id, 0, k.given FROM given k
    JOIN posts p ON p.id = k.post_id JOIN threads t ON t.id = p.thread_id
    WHERE COALESCE(p.hidden_at, t.hidden_at) IS NULL
  ) AS done WHERE author_id IS NOT NULL GROUP BY space_id, author_id
), boards AS (
  SELECT space_id AS board, author_id, solutions, kudos FROM facts
  UNION ALL
  SELECT 0, author_id, SUM(solutions), SUM(kudos) FROM facts WHERE space_id IN (:public) GROUP BY author_id
)
SELECT * FROM (
  SELECT b.board, b.author_id, b.solutions, b.kudos, CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END AS is_staff,
    ROW_NUMBER() OVER (
      PARTITION BY b.board, CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END
      ORDER BY b.solutions * :weight + b.kudos DESC, b.solutions DESC, m.nickname_key) AS position
  FROM boards b JOIN members m ON m.id = b.author_id WHERE m.erased_at IS NULL AND m.hides_ranks = :no
) AS ranked WHERE position <= :longest
"""


async def recompute_recent_standings() -> None:
    """Recompute the rankings of the last weeks, which cost what has happened since."""
    await recompute_standings(RECENT_PERIODS)


async def recompute_lasting_standings() -> None:
    """Recompute the rankings of a year and of all time, which look at nearly everything."""
    await recompute_standings(LASTING_PERIODS)


async def recompute_standings(periods: Sequence[int] = PERIODS) -> None:
    """Recompute every ranking: the whole site (open and members spaces only) and each space for its readers."""
    public = [row["id"] for row in await fetch("SELECT id FROM spaces WHERE access <> 'exclusive'")]
    for days in periods:
        lines = await fetch(
            _BOARDS,
            {
                "since": now() - timedelta(days=days or 36_500),
                "public": public,
                "weight": SOLUTION_WEIGHT,
                "longest": LONGEST,
                "no": False,
            },
        )
        await _replace(days, lines)


async def _replace(days: int, lines: Sequence[Row]) -> None:
    async with in_transaction():
        # Two workers must not both add lines: whoever comes second waits here. It is a lock of its own, because
        # everything that staff do would have to wait at the row of the stamp.
        await fetch({"sqlite": "SELECT 1", "postgresql": f"SELECT pg_advisory_xact_lock({_LOCK})"})
        await execute("DELETE FROM standings WHERE days = :days", {"days": days})
        for line in lines:
            await execute(
                """INSERT INTO standings
                (space_id, days, position, member_id, solution_count, kudos_count, is_staff)
                VALUES (:board, :days, :position, :author_id, :solutions, :kudos, :is_staff)""",
                {
                    "board": line["board"],
                    "days": days,
                    "position": line["position"],
                    "author_id": line["author_id"],
                    "solutions": int(line["solutions"]),
                    "kudos": int(line["kudos"]),
                    "is_staff": bool(line["is_staff"]),
                },
            )

"""Standings: who helped most, recomputed by the worker from the ledger of points (RE-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from community.core.clock import now
from community.core.db import Row, execute, fetch, in_transaction
from community.core.rows import insert_many
from community.ranks.ladder import find_rules
from community.ranks.models import Standing

RECENT_PERIODS = (30, 90)
LASTING_PERIODS = (365, 0)
PERIODS = RECENT_PERIODS + LASTING_PERIODS
"""Days; 0 is all time. A fact that is exactly so many days old still counts."""
LONGEST = 100
"""Lines of a ranking that are kept."""
_LOCK = 730_001
"""Any number that no other advisory lock in this database has."""

# Helpers by points, best first, in every board at once: each space, and the whole site as board 0. The window keeps
# the first hundred customers and staff of each board.
_BOARDS = """
WITH facts AS MATERIALIZED (
  SELECT space_id, member_id, SUM(CASE WHEN kind = 'solution' THEN 1 ELSE 0 END) AS solutions,
         SUM(CASE WHEN kind = 'kudos' THEN 1 ELSE 0 END) AS kudos
  FROM points WHERE given_at >= :since AND nth <= :highest GROUP BY space_id, member_id
), boards AS (
  SELECT space_id AS board, member_id, solutions, kudos FROM facts
  UNION ALL
  SELECT 0, member_id, SUM(solutions), SUM(kudos) FROM facts WHERE space_id IN (:public) GROUP BY member_id
), scores AS (
  SELECT board, member_id, solutions, kudos, solutions * :solution + kudos * :kudos AS points FROM boards
)
SELECT * FROM (
  SELECT b.board, b.member_id, b.solutions, b.kudos, b.points,
    CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END AS is_staff,
    ROW_NUMBER() OVER (
      PARTITION BY b.board, CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END
      ORDER BY b.points DESC, b.solutions DESC, m.nickname_key) AS position
  FROM scores b JOIN members m ON m.id = b.member_id
  WHERE b.points > 0 AND m.erased_at IS NULL AND m.hides_ranks = :no
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
    rules = await find_rules()
    for days in periods:
        moment = now()
        lines = await fetch(
            _BOARDS,
            {
                "since": moment - timedelta(days=days or 36_500),
                "public": public,
                "solution": rules.solution,
                "kudos": rules.kudos,
                "highest": rules.highest_nth,
                "longest": LONGEST,
                "no": False,
            },
        )
        await _replace(days, lines, moment)


async def _replace(days: int, lines: Sequence[Row], moment: datetime) -> None:
    async with in_transaction():
        # Two workers must not both add lines: whoever comes second waits here. It is a lock of its own, because
        # everything that staff do would have to wait at the row of the stamp.
        await fetch({"sqlite": "SELECT 1", "postgresql": f"SELECT pg_advisory_xact_lock({_LOCK})"})
        await execute("DELETE FROM standings WHERE days = :days", {"days": days})
        await insert_many(
            Standing,
            [
                {
                    "space_id": line["board"],
                    "days": days,
                    "position": line["position"],
                    "member_id": line["member_id"],
                    "points": int(line["points"]),
                    "solution_count": int(line["solutions"]),
                    "kudos_count": int(line["kudos"]),
                    "is_staff": bool(line["is_staff"]),
                    "made_at": moment,
                }
                for line in lines
            ],
        )

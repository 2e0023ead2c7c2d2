"""Standings: who helped most, recomputed by the worker from solutions and kudos (RE-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from community.core.clock import now
from community.core.db import Row, execute, fetch, in_transaction

PERIODS = (30, 90, 365, 0)
"""Days; 0 is all time."""
LONGEST = 100
"""Lines of a ranking that are kept."""
SOLUTION_WEIGHT = 5
"""A solution counts as much as five kudos; the number of posts does not count."""

# Helpers by score, best first, in every board at once. {board} is the space, or 0 for the whole site; the window
# keeps the first hundred customers and the first hundred staff of each.
_BOARDS = """
SELECT * FROM (
  SELECT scored.board, scored.author_id, scored.solutions, scored.kudos,
    CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END AS is_staff,
    ROW_NUMBER() OVER (
      PARTITION BY scored.board, CASE WHEN m.role = 'customer' THEN 0 ELSE 1 END
      ORDER BY scored.solutions * {weight} + scored.kudos DESC, scored.solutions DESC, m.nickname_key) AS position
  FROM (
    SELECT board, author_id, SUM(solutions) AS solutions, SUM(kudos) AS kudos FROM (
      SELECT {board} AS board, p.author_id, 1 AS solutions, 0 AS kudos FROM solutions x
      JOIN posts p ON p.id = x.post_id JOIN threads t ON t.id = p.thread_id
      WHERE x.accepted_at >= :since AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND t.space_id IN (:spaces)
      UNION ALL
      SELECT {board}, p.author_id, 0, COUNT(*) FROM kudos k
      JOIN posts p ON p.id = k.post_id JOIN threads t ON t.id = p.thread_id
      WHERE k.given_at >= :since AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND t.space_id IN (:spaces)
      GROUP BY 1, p.author_id
    ) AS facts WHERE author_id IS NOT NULL GROUP BY board, author_id
  ) AS scored JOIN members m ON m.id = scored.author_id WHERE m.erased_at IS NULL AND m.hides_ranks = :no
) AS ranked WHERE position <= {longest}
"""


async def recompute_standings() -> None:
    """Recompute every ranking: the whole site (open and members spaces only) and each space for its readers."""
    spaces = await fetch("SELECT id, access FROM spaces")
    public = [row["id"] for row in spaces if row["access"] != "exclusive"]
    for days in PERIODS:
        site = await _rank("0", public, days)
        by_space = await _rank("t.space_id", [row["id"] for row in spaces], days)
        await _replace(days, [*site, *by_space])


async def _rank(board: str, spaces: list[int], days: int) -> Sequence[Row]:
    return await fetch(
        _BOARDS.format(board=board, weight=SOLUTION_WEIGHT, longest=LONGEST),
        {"since": now() - timedelta(days=days or 36_500), "spaces": spaces, "no": False},
    )


async def _replace(days: int, lines: Sequence[Row]) -> None:
    async with in_transaction():
        # Two workers must not both add lines: whoever comes second waits at this row.
        await execute("UPDATE site_stamp SET value = value WHERE id = 1")
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

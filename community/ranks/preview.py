"""What other rules and another ladder would change: how many members would hold another rank, and which (RE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.db import fetch
from community.ranks.ladder import Ladder, Recognition, Rules

MOST_NAMED = 50

# What the public points of all who have ever received any would be. While the rules stay the same, they are there.
_KEPT = """
SELECT m.id, m.points AS before_points, m.points AS after_points
FROM (SELECT DISTINCT member_id FROM points) AS r JOIN members m ON m.id = r.member_id
"""
_COUNTED = """
SELECT m.id, m.points AS before_points, c.points AS after_points
FROM (
  SELECT member_id, SUM(CASE WHEN kind = 'solution' THEN counts ELSE 0 END) * :solution
       + SUM(CASE WHEN kind = 'kudos' THEN counts ELSE 0 END) * :kudos AS points
  FROM (SELECT x.member_id, x.kind,
          CASE WHEN s.access <> 'exclusive' AND x.nth <= :highest THEN 1 ELSE 0 END AS counts
        FROM points x JOIN spaces s ON s.id = x.space_id) AS facts
  GROUP BY member_id
) AS c JOIN members m ON m.id = c.member_id
"""
# Computed once, for the sizes of all groups and for the members who are named.
_LOOK = """
WITH placed AS MATERIALIZED (
  SELECT m.nickname, c.before_points, c.after_points, {before} AS before_place, {after} AS after_place
  FROM ({counted}) AS c JOIN members m ON m.id = c.id
  WHERE m.role = 'customer' AND m.hides_ranks = :no AND m.erased_at IS NULL
)
SELECT before_place, after_place, COUNT(*) AS n, '' AS nickname, 0 AS before_points, 0 AS after_points
FROM placed GROUP BY before_place, after_place
UNION ALL
SELECT * FROM (
  SELECT before_place, after_place, 0, nickname, before_points, after_points FROM placed
  WHERE before_place <> after_place ORDER BY after_points DESC, before_points DESC, nickname LIMIT :most
) AS named
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One member who would hold another rank; a rank may be none, which is empty."""

    nickname: str
    before: str
    after: str
    before_points: int
    after_points: int


@dataclass(frozen=True, slots=True)
class Preview:
    changed: int
    """How many members would hold another rank than now."""
    holders: tuple[tuple[str, int], ...]
    """How many would hold each rank, in the order of the ladder."""
    moves: tuple[Move, ...]
    """At most `MOST_NAMED` of them, those with the most points first."""


async def preview(now: Recognition, rules: Rules, ladder: Ladder) -> Preview:
    """Compare what is in force with other rules and another ladder. Who hides ranks, and staff, hold none."""
    names = list(dict.fromkeys(["", *(step.name for each in (now.ladder, ladder) for step in each.steps)]))
    counted = _KEPT if rules == now.rules and now.is_settled else _COUNTED
    rows = await fetch(
        _LOOK.format(
            counted=counted,
            before=_place("c.before_points", now.ladder, names),
            after=_place("c.after_points", ladder, names),
        ),
        {
            "solution": rules.solution,
            "kudos": rules.kudos,
            "highest": rules.highest_nth,
            "most": MOST_NAMED,
            "no": False,
        },
    )
    sizes, moves = [row for row in rows if row["n"]], [row for row in rows if not row["n"]]
    moves.sort(key=lambda row: (-row["after_points"], -row["before_points"], row["nickname"]))
    holders = {
        name: sum(row["n"] for row in sizes if names[row["after_place"]] == name) for name in names[1:]
    }
    return Preview(
        changed=sum(row["n"] for row in sizes if row["before_place"] != row["after_place"]),
        holders=tuple((step.name, holders[step.name]) for step in ladder.steps),
        moves=tuple(
            Move(
                nickname=row["nickname"],
                before=names[row["before_place"]],
                after=names[row["after_place"]],
                before_points=int(row["before_points"]),
                after_points=int(row["after_points"]),
            )
            for row in moves
        ),
    )


def _place(column: str, ladder: Ladder, names: Sequence[str]) -> str:
    """An expression for the number, in `names`, of the rank that the points in this column give."""
    if not ladder.steps:
        return "0"
    cases = " ".join(
        f"WHEN {column} >= {step.points:d} THEN {names.index(step.name):d}" for step in reversed(ladder.steps)
    )
    return f"CASE {cases} ELSE 0 END"

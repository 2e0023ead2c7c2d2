"""What other rules and another ladder would change: how many members would hold another rank, and which (RE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.db import fetch
from community.ranks.ladder import Ladder, Recognition, Rules

MOST_NAMED = 50

# What each member's public points would be. While the rules stay the same they are there already.
_KEPT = "SELECT m.id, m.points AS before_points, m.points AS after_points FROM members m WHERE m.points > 0"
_COUNTED = """
SELECT m.id, m.points AS before_points, COALESCE(c.points, 0) AS after_points
FROM members m LEFT JOIN (
  SELECT x.member_id, SUM(CASE WHEN x.kind = 'solution' THEN 1 ELSE 0 END) * :solution
       + SUM(CASE WHEN x.kind = 'kudos' THEN 1 ELSE 0 END) * :kudos AS points
  FROM points x JOIN spaces s ON s.id = x.space_id
  WHERE x.nth <= :highest AND s.access <> 'exclusive' GROUP BY x.member_id) AS c ON c.member_id = m.id
WHERE m.points > 0 OR c.points > 0
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
    placed = f"""
    SELECT m.nickname, c.before_points, c.after_points,
           {_place("c.before_points", now.ladder, names)} AS before_place,
           {_place("c.after_points", ladder, names)} AS after_place
    FROM ({counted}) AS c JOIN members m ON m.id = c.id
    WHERE m.role = 'customer' AND m.hides_ranks = :no AND m.erased_at IS NULL
    """  # noqa: S608 - constants and numbers
    given = {"solution": rules.solution, "kudos": rules.kudos, "highest": rules.highest_nth, "no": False}
    sizes = await fetch(
        f"""SELECT before_place, after_place, COUNT(*) AS n FROM ({placed}) AS p
        GROUP BY before_place, after_place""",  # noqa: S608
        given,
    )
    moves = await fetch(
        f"""SELECT * FROM ({placed}) AS p WHERE before_place <> after_place
        ORDER BY after_points DESC, before_points DESC, nickname LIMIT {MOST_NAMED}""",  # noqa: S608
        given,
    )
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

"""What facts are worth, and the ladder of ranks that points lead up (RE-3). A rank is honour, not rights."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert_many
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.ranks.models import Rank

MOST_RANKS = 12
LONGEST_NAME = 40
MOST_POINTS_OF_A_FACT = 100
MOST_POINTS_OF_A_RANK = 10_000_000
HIGHEST_CAP = 1000
_NO_CAP = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a solution and a kudos are worth, and how many of both from one giver to one receiver count in a month."""

    solution: int = 5
    kudos: int = 1
    cap: int = 10
    """0 is none."""

    @property
    def highest_nth(self) -> int:
        """Of those from one giver to one receiver in a month, up to the how-manyth counts."""
        return self.cap or _NO_CAP

    def points_of(self, solutions: int, kudos: int) -> int:
        return solutions * self.solution + kudos * self.kudos


@dataclass(frozen=True, slots=True)
class Step:
    """A rank and the points from which it is held."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The ranks, the lowest first."""

    steps: tuple[Step, ...] = ()

    def rank_of(self, points: int) -> str:
        """The name of the rank that so many points give; empty below the first one."""
        place = bisect_right([step.points for step in self.steps], points)
        return self.steps[place - 1].name if place else ""

    def next_after(self, points: int) -> Step | None:
        """The next rank; None on the last one."""
        return next((step for step in self.steps if step.points > points), None)


@dataclass(frozen=True, slots=True)
class Recognition:
    """Rules and ladder as they are; `version` rises with every change."""

    rules: Rules
    ladder: Ladder
    version: int
    is_settled: bool
    """Whether the points of all members follow from these rules already."""


async def find_rules() -> Rules:
    row = await fetch_one("SELECT solution_points, kudos_points, pair_cap FROM point_rules WHERE id = 1")
    return Rules(row["solution_points"], row["kudos_points"], row["pair_cap"]) if row else Rules()


async def find_ladder() -> Ladder:
    rows = await fetch("SELECT name, points FROM ranks ORDER BY points")
    return Ladder(tuple(Step(row["name"], row["points"]) for row in rows))


async def find_recognition() -> Recognition:
    row = await fetch_one("SELECT version, settled_at FROM point_rules WHERE id = 1")
    return Recognition(
        rules=await find_rules(),
        ladder=await find_ladder(),
        version=row["version"] if row else 0,
        is_settled=row is not None and row["settled_at"] is not None,
    )


async def change_recognition(rules: Rules, steps: Sequence[Step], *, version: int, by: Viewer) -> None:
    """Put rules and ladder in force. All points follow within a moment, computed by the worker.

    `version` is what the change was made from; RuleBroken if somebody else was quicker.
    """
    check(rules, steps)
    async with in_transaction():
        moment = now()
        # Whoever comes second waits here, and is refused below.
        await execute(
            """INSERT INTO point_rules (id, changed_at) VALUES (1, :now)
            ON CONFLICT (id) DO UPDATE SET version = point_rules.version""",
            {"now": moment},
        )
        before = await find_recognition()
        if before.version != version:
            raise RuleBroken(_("Somebody else has changed this meanwhile. Please look at it again."))
        await execute(
            """UPDATE point_rules SET solution_points = :solution, kudos_points = :kudos, pair_cap = :cap,
            version = version + 1, changed_at = :now WHERE id = 1""",
            {"solution": rules.solution, "kudos": rules.kudos, "cap": rules.cap, "now": moment},
        )
        if rules != before.rules:
            await execute("UPDATE point_rules SET settled_at = NULL WHERE id = 1")
        await execute("DELETE FROM ranks")
        await insert_many(Rank, [{"name": step.name, "points": step.points} for step in steps])
        await raise_site_stamp()
        await log("change_recognition", "rank:0", by=by, reason="")


def check(rules: Rules, steps: Sequence[Step]) -> None:
    """RuleBroken where rules or ladder are impossible."""
    if not 1 <= rules.solution <= MOST_POINTS_OF_A_FACT or not 0 <= rules.kudos <= MOST_POINTS_OF_A_FACT:
        raise RuleBroken(_("A solution gives 1 to 100 points, kudos 0 to 100."))
    if not 0 <= rules.cap <= HIGHEST_CAP:
        raise RuleBroken(_("At most 1,000 can count; 0 stands for no limit."))
    if len(steps) > MOST_RANKS:
        raise RuleBroken(_("There can be twelve ranks."))
    if any(not 1 <= len(step.name) <= LONGEST_NAME for step in steps):
        raise RuleBroken(_("The name of a rank has 1 to 40 characters."))
    if any(not 1 <= step.points <= MOST_POINTS_OF_A_RANK for step in steps):
        raise RuleBroken(_("A rank begins with 1 to 10,000,000 points."))
    if len({step.points for step in steps}) < len(steps) or len({step.name for step in steps}) < len(steps):
        raise RuleBroken(_("Each rank has a name and a number of points of its own."))

"""Rules by which members become experts of a space (RE-4): edited by administrators, carried out by the worker.

A rule counts solutions in its space, of so many different askers, within so many days. Whoever it fits is an expert
until so many days after the last day on which it fitted. What staff have granted or revoked, no rule changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Role, Viewer
from community.decisions.actions import log
from community.spaces.models import SpaceKind

FEWEST, MOST_SOLUTIONS = 1, 100
SHORTEST_PERIOD, LONGEST_PERIOD = 7, 3650
"""Days. A status outlives the worker being away for some."""
LONGEST_PREVIEW = 50
_CLOSE = timedelta(hours=1)
"""An end is moved when it would move by more than this, so that most rounds write nothing."""

# An answer to one's own question says nothing about helping others. Former members are told apart by their threads.
_COUNTED = """FROM solutions x JOIN threads t ON t.id = x.thread_id JOIN posts p ON p.id = x.post_id
WHERE t.hidden_at IS NULL AND p.hidden_at IS NULL AND (t.author_id IS NULL OR t.author_id <> p.author_id)"""

_FITTING = f"""
SELECT m.id, m.nickname, m.hides_ranks, f.solutions, f.askers,
  e.id AS expert_id, e.expires_at, e.earned_at, e.revoked_at
FROM (SELECT p.author_id, COUNT(*) AS solutions, COUNT(DISTINCT COALESCE(t.author_id, -t.id)) AS askers
  {_COUNTED} AND t.space_id = :space_id AND x.accepted_at > :since AND x.accepted_at <= :now {{of_member}}
  GROUP BY p.author_id) AS f
JOIN members m ON m.id = f.author_id LEFT JOIN experts e ON e.member_id = m.id AND e.space_id = :space_id
WHERE f.solutions >= :solutions AND f.askers >= :askers AND m.role = 'customer' AND m.erased_at IS NULL
ORDER BY f.solutions DESC, m.nickname_key
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class ExpertRule:
    """So many solutions, of so many askers, within so many days; and how long the status lasts after that."""

    solutions: int
    askers: int
    within_days: int
    lasts_days: int


@dataclass(frozen=True, slots=True)
class RuledSpace:
    """A space of questions with its rule, if it has one, and how many experts it has by rule and by staff."""

    space_id: int
    slug: str
    name: str
    rule: ExpertRule | None
    by_rule: int
    by_staff: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """Somebody whom a rule fits now. `state`: what they are already."""

    nickname: str
    solutions: int
    askers: int
    state: str
    """"new", "by_rule", "by_staff" or "revoked"."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who is an expert by a rule, and whom it would not fit now."""

    nickname: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a rule would make experts. Whoever hides their standing is counted, and not named."""

    fitting: tuple[Fitting, ...]
    fitting_count: int
    new_count: int
    unnamed_count: int
    leaving: tuple[Leaving, ...]
    leaving_count: int


# --- rules ------------------------------------------------------------------------------------------------


async def list_ruled_spaces(viewer: Viewer) -> list[RuledSpace]:
    """Every space that can have experts by rule, in the usual order."""
    rows = await fetch(
        """SELECT s.id, s.slug, s.name, r.solutions, r.askers, r.within_days, r.lasts_days,
        (SELECT COUNT(*) FROM experts e WHERE e.space_id = s.id AND e.earned_at IS NOT NULL
         AND e.expires_at > :now) AS by_rule,
        (SELECT COUNT(*) FROM experts e WHERE e.space_id = s.id AND e.earned_at IS NULL
         AND (e.expires_at IS NULL OR e.expires_at > :now)) AS by_staff
        FROM spaces s LEFT JOIN expert_rules r ON r.space_id = s.id
        WHERE s.kind = :kind AND s.id IN (:readable) ORDER BY s.position, s.name, s.id""",
        {"kind": str(SpaceKind.QUESTIONS), "readable": viewer.readable_space_ids, "now": now()},
    )
    return [
        RuledSpace(row["id"], row["slug"], row["name"], _rule(row), row["by_rule"], row["by_staff"])
        for row in rows
    ]


async def get_ruled_space(viewer: Viewer, slug: str) -> RuledSpace:
    for space in await list_ruled_spaces(viewer):
        if space.slug == slug:
            return space
    raise NotFound


async def find_rule(space_id: int) -> ExpertRule | None:
    row = await fetch_one(
        "SELECT solutions, askers, within_days, lasts_days FROM expert_rules WHERE space_id = :id",
        {"id": space_id},
    )
    return _rule(row) if row else None


def _rule(row: Row) -> ExpertRule | None:
    if row["solutions"] is None:
        return None
    return ExpertRule(row["solutions"], row["askers"], row["within_days"], row["lasts_days"])


async def change_rule(space_id: int, rule: ExpertRule, *, by: Viewer) -> None:
    """Let this rule hold in the space from now on. Whoever it does not fit any more stays expert until the end."""
    async with in_transaction():
        await execute(
            """INSERT INTO expert_rules (id, space_id, solutions, askers, within_days, lasts_days, changed_at)
            VALUES (:id, :space_id, :solutions, :askers, :within_days, :lasts_days, :now)
            ON CONFLICT (space_id) DO UPDATE SET solutions = excluded.solutions, askers = excluded.askers,
            within_days = excluded.within_days, lasts_days = excluded.lasts_days,
            changed_at = excluded.changed_at""",
            {"id": random_id(), "space_id": space_id, "now": now(), **_numbers(rule)},
        )
        await log(
            "change_expert_rule", f"space:{space_id}", by=by, reason="", space_id=space_id, **_numbers(rule)
        )
        await outbox.record("expert_rule.changed", space_id=space_id)


async def remove_rule(space_id: int, *, by: Viewer) -> None:
    """Let no rule hold in the space. Whoever is an expert by it stays so until the end."""
    async with in_transaction():
        if await execute("DELETE FROM expert_rules WHERE space_id = :id", {"id": space_id}):
            await log("remove_expert_rule", f"space:{space_id}", by=by, reason="", space_id=space_id)


def _numbers(rule: ExpertRule) -> dict[str, int]:
    return {
        "solutions": rule.solutions,
        "askers": rule.askers,
        "within_days": rule.within_days,
        "lasts_days": rule.lasts_days,
    }


# --- who fits ---------------------------------------------------------------------------------------------


async def preview_rule(space_id: int, rule: ExpertRule) -> Preview:
    """Who would be an expert if this rule held now, and who would be so no longer than until their end."""
    moment = now()
    rows = await _fitting(space_id, rule, moment)
    fitting = [Fitting(r["nickname"], r["solutions"], r["askers"], _state(r, moment)) for r in rows]
    named = [each for row, each in zip(rows, fitting, strict=True) if not row["hides_ranks"]]
    leaving = await _leaving(space_id, {row["id"] for row in rows}, moment)
    return Preview(
        fitting=tuple(named[:LONGEST_PREVIEW]),
        fitting_count=len(fitting),
        new_count=sum(each.state == "new" for each in fitting),
        unnamed_count=len(fitting) - len(named),
        leaving=tuple(leaving[:LONGEST_PREVIEW]),
        leaving_count=len(leaving),
    )


async def _fitting(
    space_id: int, rule: ExpertRule, moment: datetime, member_id: int | None = None
) -> Sequence[Row]:
    return await fetch(
        _FITTING.format(of_member="AND p.author_id = :member_id" if member_id else ""),
        {
            "space_id": space_id,
            "since": moment - timedelta(days=rule.within_days),
            "now": moment,
            "solutions": rule.solutions,
            "askers": rule.askers,
            "member_id": member_id,
        },
    )


def _state(row: Row, moment: datetime) -> str:
    ends_at = as_time(row["expires_at"])
    if row["revoked_at"] is not None:
        return "revoked"
    if row["expert_id"] is None or (ends_at is not None and ends_at <= moment):
        return "new"
    return "by_rule" if row["earned_at"] is not None else "by_staff"


async def _leaving(space_id: int, fitting: set[int], moment: datetime) -> list[Leaving]:
    rows = await fetch(
        """SELECT m.id, m.nickname, e.expires_at FROM experts e JOIN members m ON m.id = e.member_id
        WHERE e.space_id = :space_id AND e.earned_at IS NOT NULL AND e.expires_at > :now
        AND m.erased_at IS NULL AND m.hides_ranks = :no ORDER BY e.expires_at, m.nickname_key""",
        {"space_id": space_id, "now": moment, "no": False},
    )
    ends = [(row["id"], row["nickname"], as_time(row["expires_at"])) for row in rows]
    return [Leaving(nickname, at) for number, nickname, at in ends if number not in fitting and at]


# --- the worker's part ------------------------------------------------------------------------------------


async def apply_rules() -> None:
    """Grant and extend by every rule, and end what lost the solutions that had earned it."""
    for row in await fetch("SELECT space_id FROM expert_rules ORDER BY space_id"):
        await apply_rule(row["space_id"])
    await end_lost()


async def apply_rule(space_id: int, *, member_id: int | None = None) -> None:
    """Grant and extend expert status of a space by its rule, for one member or for everybody."""
    rule = await find_rule(space_id)
    if rule is None:
        return
    moment = now()
    for row in await _fitting(space_id, rule, moment, member_id):
        state, ends_at = _state(row, moment), as_time(row["expires_at"])
        until = moment + timedelta(days=rule.lasts_days)
        if state == "new" or (state == "by_rule" and ends_at is not None and ends_at < until - _CLOSE):
            await _earn(row["id"], space_id, rule, moment)


async def _earn(member_id: int, space_id: int, rule: ExpertRule, moment: datetime) -> None:
    given = {
        "id": random_id(),
        "member_id": member_id,
        "space_id": space_id,
        "now": moment,
        "since": moment - timedelta(days=rule.within_days),
        "until": moment + timedelta(days=rule.lasts_days),
        "solutions": rule.solutions,
    }
    async with in_transaction():
        granted = await execute(
            """INSERT INTO experts
            (id, space_id, member_id, granted_at, expires_at, earned_at, earned_since, earned_solutions)
            SELECT :id, :space_id, m.id, :now, :until, :now, :since, :solutions
            FROM members m WHERE m.id = :member_id AND m.erased_at IS NULL
            ON CONFLICT (space_id, member_id) DO UPDATE SET granted_at = excluded.granted_at,
            expires_at = excluded.expires_at, earned_at = excluded.earned_at,
            earned_since = excluded.earned_since, earned_solutions = excluded.earned_solutions
            WHERE experts.revoked_at IS NULL AND experts.expires_at <= excluded.earned_at""",
            given,
        )
        if granted:
            await raise_site_stamp()
            await outbox.record("expert.granted", member_id=member_id, space_id=space_id)
            return
        await execute(
            """UPDATE experts SET expires_at = :until, earned_at = :now, earned_since = :since,
            earned_solutions = :solutions WHERE space_id = :space_id AND member_id = :member_id
            AND earned_at IS NOT NULL AND revoked_at IS NULL AND expires_at > :now AND expires_at < :until""",
            given,
        )


async def end_lost(member_id: int | None = None) -> None:
    """End what was earned by solutions that are there no more: withdrawn, hidden, moved elsewhere."""
    of_member = "AND member_id = :member_id" if member_id else ""
    async with in_transaction():
        ended = await execute(
            f"""UPDATE experts SET expires_at = :now
            WHERE earned_at IS NOT NULL AND expires_at > :now {of_member} AND earned_solutions > (
              SELECT COUNT(*) {_COUNTED} AND p.author_id = experts.member_id AND t.space_id = experts.space_id
              AND x.accepted_at > experts.earned_since AND x.accepted_at <= experts.earned_at)""",  # noqa: S608
            {"now": now(), "member_id": member_id},
        )
        if ended:
            await raise_site_stamp()


async def look_again(post_id: int) -> None:
    """After a solution was accepted or withdrawn: whether its author has become an expert, or is one no more."""
    row = await fetch_one(
        """SELECT p.author_id, t.space_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.id = :id AND p.author_id IS NOT NULL""",
        {"id": post_id},
    )
    if row is not None:
        await end_lost(row["author_id"])
        await apply_rule(row["space_id"], member_id=row["author_id"])


async def find_told_expert(member_id: int, space_id: int) -> bool:
    """Whether a member is to learn that they are an expert: not those who hide all of it."""
    row = await fetch_one(
        """SELECT 1 AS found FROM experts e JOIN members m ON m.id = e.member_id
        WHERE e.member_id = :member_id AND e.space_id = :space_id AND m.hides_ranks = :no AND m.role = :role
        AND (e.expires_at IS NULL OR e.expires_at > :now)""",
        {
            "member_id": member_id,
            "space_id": space_id,
            "no": False,
            "role": str(Role.CUSTOMER),
            "now": now(),
        },
    )
    return row is not None

"""Badges (RE-5): milestones by rule, kept by the worker, and honours that staff give by hand.

A badge by rule is a function of the ledger of points: whoever has reached what it asks for has it, and nobody else.
Counted is what gives points in open and members spaces, under the cap that points have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Role, Viewer
from community.decisions.actions import log
from community.ranks.ladder import find_rules

LONGEST_NAME = 80
LONGEST_DESCRIPTION = 200
MOST_REACHED = 1_000_000
LONGEST_PREVIEW = 50
_AT_ONCE = 200


class Measure(StrEnum):
    """What a badge by rule counts. HAND: nothing; staff give it."""

    HAND = ""
    SOLUTIONS = "solutions"
    KUDOS = "kudos"
    POST_KUDOS = "post_kudos"
    """Kudos for a single post."""


# From the ledger, so that a badge counts what points count: the same posts, and the same cap for all.
_COUNTED = """FROM points x JOIN spaces s ON s.id = x.space_id
WHERE s.access <> 'exclusive' AND x.nth <= :highest {of_member}"""
_REACHED = {
    Measure.SOLUTIONS: f"""SELECT x.member_id, COUNT(*) AS reached {_COUNTED} AND x.kind = 'solution'
        GROUP BY x.member_id""",
    Measure.KUDOS: f"SELECT x.member_id, COUNT(*) AS reached {_COUNTED} AND x.kind = 'kudos' GROUP BY x.member_id",
    Measure.POST_KUDOS: f"""SELECT member_id, MAX(n) AS reached FROM (
        SELECT x.member_id, COUNT(*) AS n {_COUNTED} AND x.kind = 'kudos' GROUP BY x.member_id, x.post_id) AS posts
        GROUP BY member_id""",  # noqa: S608 - constants of this module
}


@dataclass(frozen=True, slots=True)
class BadgeDraft:
    """A badge as it is edited."""

    name: str
    description: str
    measure: Measure
    reached: int
    """From when on one has it; 0 for a badge by hand."""


@dataclass(frozen=True, slots=True)
class BadgeView:
    id: int
    draft: BadgeDraft
    holders: int


@dataclass(frozen=True, slots=True)
class BadgePreview:
    """Who would get a badge, and who would lose it. Whoever hides their standing is counted, and not named."""

    gaining: tuple[str, ...]
    gaining_count: int
    losing: tuple[str, ...]
    losing_count: int


@dataclass(frozen=True, slots=True)
class HeldBadge:
    """A badge that somebody was given by hand."""

    badge_id: int
    name: str
    granted_at: datetime


# --- which badges there are -------------------------------------------------------------------------------

_KINDS = """SELECT b.id, b.name, b.description, b.measure, b.reached,
(SELECT COUNT(*) FROM badge_grants g WHERE g.kind_id = b.id) AS holders FROM badge_kinds b"""


def _view(row: Row) -> BadgeView:
    draft = BadgeDraft(row["name"], row["description"], Measure(row["measure"]), row["reached"])
    return BadgeView(row["id"], draft, row["holders"])


async def list_badge_kinds() -> list[BadgeView]:
    """Every badge there is: by what they count, then by how much."""
    rows = await fetch(f"{_KINDS} ORDER BY b.measure DESC, b.reached, b.name")
    return [_view(row) for row in rows]


async def get_badge_kind(badge_id: int) -> BadgeView:
    row = await fetch_one(f"{_KINDS} WHERE b.id = :id", {"id": badge_id})
    if row is None:
        raise NotFound
    return _view(row)


async def add_badge(draft: BadgeDraft, *, by: Viewer) -> int:
    """A new badge; the worker gives it to whoever has reached it already."""
    badge_id = random_id()
    async with in_transaction():
        added = await execute(
            """INSERT INTO badge_kinds (id, name, description, measure, reached, changed_at)
            VALUES (:id, :name, :description, :measure, :reached, :now) ON CONFLICT (name) DO NOTHING""",
            {"id": badge_id, "now": now(), **_columns(draft)},
        )
        if not added:
            raise RuleBroken(_("There is a badge of this name already."))
        await _after("add_badge", badge_id, by)
    return badge_id


async def change_badge(badge_id: int, draft: BadgeDraft, *, by: Viewer) -> None:
    """Whoever does not reach it any more loses it; a badge by hand stays one, and by rule stays one."""
    async with in_transaction():
        rows = await fetch("SELECT id, measure FROM badge_kinds WHERE id = :id OR name = :name",
                           {"id": badge_id, "name": draft.name})  # fmt: skip
        own = next((row for row in rows if row["id"] == badge_id), None)
        if own is None:
            raise NotFound
        if len(rows) > 1:
            raise RuleBroken(_("There is a badge of this name already."))
        if (own["measure"] == Measure.HAND) != (draft.measure == Measure.HAND):
            raise RuleBroken(_("A badge by hand cannot become one by rule, nor the other way round."))
        await execute(
            """UPDATE badge_kinds SET name = :name, description = :description, measure = :measure,
            reached = :reached, changed_at = :now WHERE id = :id""",
            {"id": badge_id, "now": now(), **_columns(draft)},
        )
        await _after("change_badge", badge_id, by)


async def remove_badge(badge_id: int, *, by: Viewer) -> None:
    """The badge is gone, for everybody who has it."""
    async with in_transaction():
        if not await execute("DELETE FROM badge_kinds WHERE id = :id", {"id": badge_id}):
            raise NotFound
        await log("remove_badge", f"badge:{badge_id}", by=by, reason="")


async def _after(act: str, badge_id: int, by: Viewer) -> None:
    await log(act, f"badge:{badge_id}", by=by, reason="")
    await outbox.record("badge.changed", badge_id=badge_id)


def _columns(draft: BadgeDraft) -> dict[str, str | int]:
    return {
        "name": draft.name,
        "description": draft.description,
        "measure": str(draft.measure),
        "reached": draft.reached,
    }


# --- by hand ----------------------------------------------------------------------------------------------


async def grant_badge(badge_id: int, member_id: int, *, by: Viewer, reason: str) -> None:
    """Give a badge by hand. Somebody who has it already keeps it."""
    async with in_transaction():
        rows = await fetch(
            """SELECT m.role, b.measure FROM members m, badge_kinds b
            WHERE m.id = :member_id AND m.erased_at IS NULL AND b.id = :badge_id""",
            {"member_id": member_id, "badge_id": badge_id},
        )
        if not rows:
            raise NotFound
        if rows[0]["role"] != Role.CUSTOMER:
            raise RuleBroken(_("Badges are for customers."))
        if rows[0]["measure"] != Measure.HAND:
            raise RuleBroken(_("This badge is given by its rule alone."))
        if await _give(badge_id, member_id):
            await log("grant_badge", f"member:{member_id}", by=by, reason=reason, badge=badge_id)


async def revoke_badge(badge_id: int, member_id: int, *, by: Viewer, reason: str) -> None:
    async with in_transaction():
        taken = await execute(
            """DELETE FROM badge_grants WHERE kind_id = :badge_id AND member_id = :member_id AND EXISTS (
            SELECT 1 FROM badge_kinds b WHERE b.id = :badge_id AND b.measure = '')""",
            {"badge_id": badge_id, "member_id": member_id},
        )
        if not taken:
            raise NotFound
        await log("revoke_badge", f"member:{member_id}", by=by, reason=reason, badge=badge_id)


async def list_given_by_hand(member_id: int) -> list[HeldBadge]:
    rows = await fetch(
        """SELECT b.id, b.name, g.granted_at FROM badge_grants g JOIN badge_kinds b ON b.id = g.kind_id
        WHERE g.member_id = :id AND b.measure = '' ORDER BY b.name""",
        {"id": member_id},
    )
    return [HeldBadge(row["id"], row["name"], at) for row in rows if (at := as_time(row["granted_at"]))]


async def _give(badge_id: int, member_id: int, *, tell: bool = True) -> bool:
    added = await execute(
        """INSERT INTO badge_grants (id, kind_id, member_id, granted_at)
        SELECT :id, b.id, m.id, :now FROM badge_kinds b, members m
        WHERE b.id = :badge_id AND m.id = :member_id AND m.erased_at IS NULL
        ON CONFLICT (kind_id, member_id) DO NOTHING""",
        {"id": random_id(), "badge_id": badge_id, "member_id": member_id, "now": now()},
    )
    if added and tell:
        await outbox.record("badge.granted", badge_id=badge_id, member_id=member_id)
    return bool(added)


# --- by rule ----------------------------------------------------------------------------------------------


def _reached(measure: Measure, member_id: int | None = None) -> str:
    return _REACHED[measure].replace("{of_member}", "AND x.member_id = :member_id" if member_id else "")


async def _entitled(draft: BadgeDraft, badge_id: int) -> Sequence[Row]:
    """Who has reached it and has it not."""
    return await fetch(
        f"""SELECT m.id, m.nickname, m.hides_ranks FROM ({_reached(draft.measure)}) AS r
        JOIN members m ON m.id = r.member_id WHERE r.reached >= :reached AND m.erased_at IS NULL
        AND m.role = 'customer' AND NOT EXISTS (
          SELECT 1 FROM badge_grants g WHERE g.kind_id = :badge_id AND g.member_id = m.id)
        ORDER BY r.reached DESC, m.nickname_key""",  # noqa: S608 - constants of this module
        {"reached": draft.reached, "badge_id": badge_id, "highest": (await find_rules()).highest_nth},
    )


async def _losing(draft: BadgeDraft, badge_id: int) -> Sequence[Row]:
    """Who has it and has not reached it."""
    return await fetch(
        f"""SELECT m.id, m.nickname, m.hides_ranks FROM badge_grants g JOIN members m ON m.id = g.member_id
        WHERE g.kind_id = :badge_id AND g.member_id NOT IN (
          SELECT r.member_id FROM ({_reached(draft.measure)}) AS r WHERE r.reached >= :reached)
        ORDER BY m.nickname_key""",  # noqa: S608 - the same
        {"reached": draft.reached, "badge_id": badge_id, "highest": (await find_rules()).highest_nth},
    )


async def preview_badge(badge_id: int | None, draft: BadgeDraft) -> BadgePreview:
    """Who would get the badge if this held now, and who would lose it."""
    if draft.measure == Measure.HAND:
        return BadgePreview((), 0, (), 0)
    gaining, losing = await _entitled(draft, badge_id or 0), await _losing(draft, badge_id or 0)
    return BadgePreview(_named(gaining), len(gaining), _named(losing), len(losing))


def _named(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row["nickname"] for row in rows if not row["hides_ranks"])[:LONGEST_PREVIEW]


async def apply_badges(*, tell: bool = True) -> None:
    """Give and take every badge by rule, as the facts are now. After an import nobody is told."""
    for kind in await _list_ruled_kinds():
        await _apply(kind, tell=tell)


async def apply_changed_badge(badge_id: int) -> None:
    """After an administrator has changed it. Nobody is told: what they have reached is not of today."""
    for kind in await _list_ruled_kinds():
        if kind.id == badge_id:
            await _apply(kind, tell=False)


async def apply_to_author(post_id: int) -> None:
    """After kudos or a solution, given or taken back: every badge of the author of the post."""
    rows = await fetch(
        "SELECT author_id FROM posts WHERE id = :id AND author_id IS NOT NULL", {"id": post_id}
    )
    for row in rows:
        await apply_to_member(row["author_id"])


async def apply_to_member(member_id: int) -> None:
    """Every badge by rule that the member has reached, or has not any more."""
    author = await fetch_one(
        "SELECT id, role FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id}
    )
    kinds = await _list_ruled_kinds()
    if author is None or not kinds:
        return
    held = {
        row["kind_id"]
        for row in await fetch("SELECT kind_id FROM badge_grants WHERE member_id = :id", {"id": author["id"]})
    }
    given = {"member_id": author["id"], "highest": (await find_rules()).highest_nth}
    reached: dict[Measure, int] = {}
    for measure in {kind.draft.measure for kind in kinds}:
        row = await fetch_one(_reached(measure, author["id"]), given)
        reached[measure] = int(row["reached"]) if row else 0
    async with in_transaction():
        for kind in kinds:
            has_reached = reached[kind.draft.measure] >= kind.draft.reached
            if kind.id in held and not has_reached:
                await _take(kind.id, [author["id"]])
            elif kind.id not in held and has_reached and author["role"] == Role.CUSTOMER:
                await _give(kind.id, author["id"])


async def _list_ruled_kinds() -> list[BadgeView]:
    rows = await fetch(
        """SELECT id, name, description, measure, reached, 0 AS holders FROM badge_kinds
        WHERE measure <> '' ORDER BY id"""
    )
    return [_view(row) for row in rows]


async def _apply(kind: BadgeView, *, tell: bool = True) -> None:
    """Give one badge to whoever has reached it, and take it from whoever has not any more.

    It is read first and written in small steps, because others wait while something is written.
    """
    losing = [row["id"] for row in await _losing(kind.draft, kind.id)]
    for start in range(0, len(losing), _AT_ONCE):
        await _take(kind.id, losing[start : start + _AT_ONCE])
    entitled = [row["id"] for row in await _entitled(kind.draft, kind.id)]
    for start in range(0, len(entitled), _AT_ONCE):
        async with in_transaction():
            for member_id in entitled[start : start + _AT_ONCE]:
                await _give(kind.id, member_id, tell=tell)


async def _take(badge_id: int, member_ids: Sequence[int]) -> None:
    await execute(
        "DELETE FROM badge_grants WHERE kind_id = :badge_id AND member_id IN (:ids)",
        {"badge_id": badge_id, "ids": list(member_ids)},
    )


async def find_told_badge(badge_id: int, member_id: int) -> str:
    """The name of a badge that a member has been given and is to learn of; empty for those who hide all of it."""
    row = await fetch_one(
        """SELECT b.name FROM badge_grants g JOIN badge_kinds b ON b.id = g.kind_id
        JOIN members m ON m.id = g.member_id
        WHERE b.id = :badge_id AND m.id = :member_id AND m.hides_ranks = :no AND m.role = 'customer'""",
        {"badge_id": badge_id, "member_id": member_id, "no": False},
    )
    return str(row["name"]) if row else ""

"""Granting and revoking expert status for a space (RE-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Role, Viewer
from community.decisions.actions import log


@dataclass(frozen=True, slots=True)
class Expertise:
    """Expert status as administrators see it; one that has ended is still listed."""

    space_id: int
    space_name: str
    granted_at: datetime
    expires_at: datetime | None
    by_rule: bool
    is_revoked: bool

    @property
    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()


async def grant_expert(member_id: int, space_id: int, *, until: datetime | None, by: Viewer) -> None:
    """Make a member an expert of a space until then, or until revoked. Granting again changes the end.

    What a rule has granted becomes the grant of staff, which no rule changes.
    """
    if until is not None and until <= now():
        raise RuleBroken(_("The end date lies in the past."))
    async with in_transaction():
        rows = await fetch(
            """SELECT m.role FROM members m, spaces s
            WHERE m.id = :member_id AND m.erased_at IS NULL AND s.id = :space_id""",
            {"member_id": member_id, "space_id": space_id},
        )
        if not rows:
            raise NotFound
        if rows[0]["role"] != Role.CUSTOMER:
            raise RuleBroken(_("Staff are shown as staff; experts are customers."))
        was_expert = await is_expert(member_id, space_id)
        await execute(
            """INSERT INTO experts (id, space_id, member_id, granted_at, expires_at)
            VALUES (:id, :space_id, :member_id, :at, :until)
            ON CONFLICT (space_id, member_id) DO UPDATE SET expires_at = excluded.expires_at,
            earned_at = NULL, earned_since = NULL, earned_solutions = 0, revoked_at = NULL""",
            {
                "id": random_id(),
                "space_id": space_id,
                "member_id": member_id,
                "at": now(),
                "until": until,
            },
        )
        await raise_site_stamp()
        await log("grant_expert", f"member:{member_id}", by=by, reason="", space_id=space_id)
        if not was_expert:
            await outbox.record("expert.granted", member_id=member_id, space_id=space_id)


async def is_expert(member_id: int, space_id: int) -> bool:
    """Whether a member is an expert of a space at this moment."""
    row = await fetch_one(
        """SELECT 1 AS found FROM experts WHERE member_id = :member_id AND space_id = :space_id
        AND (expires_at IS NULL OR expires_at > :now)""",
        {"member_id": member_id, "space_id": space_id, "now": now()},
    )
    return row is not None


async def revoke_expert(member_id: int, space_id: int, *, by: Viewer) -> None:
    """End expert status at once, and for good: no rule grants it again. Nothing happens where there is none."""
    async with in_transaction():
        revoked = await execute(
            """UPDATE experts SET revoked_at = :now,
            expires_at = CASE WHEN expires_at < :now THEN expires_at ELSE :now END
            WHERE member_id = :member_id AND space_id = :space_id AND revoked_at IS NULL""",
            {"member_id": member_id, "space_id": space_id, "now": now()},
        )
        if revoked:
            await raise_site_stamp()
            await log("revoke_expert", f"member:{member_id}", by=by, reason="", space_id=space_id)


async def leave_to_rule(member_id: int, space_id: int, *, by: Viewer) -> None:
    """Take back that staff have revoked expert status: the rule of the space may grant it again."""
    async with in_transaction():
        given = {"member_id": member_id, "space_id": space_id}
        forgotten = await execute(
            """DELETE FROM experts WHERE member_id = :member_id AND space_id = :space_id
            AND revoked_at IS NOT NULL""",
            given,
        )
        if forgotten:
            await log("leave_expert_to_rule", f"member:{member_id}", by=by, reason="", space_id=space_id)
            await outbox.record("expert_rule.changed", space_id=space_id)


async def list_expertise(member_id: int) -> list[Expertise]:
    """Every expert status of a member, for administrators."""
    rows = await fetch(
        """SELECT e.space_id, s.name AS space_name, e.granted_at, e.expires_at, e.earned_at, e.revoked_at
        FROM experts e JOIN spaces s ON s.id = e.space_id WHERE e.member_id = :id ORDER BY s.name""",
        {"id": member_id},
    )
    found = []
    for row in rows:
        granted_at = as_time(row["granted_at"])
        assert granted_at is not None  # noqa: S101 - the column is never empty
        found.append(
            Expertise(
                space_id=row["space_id"],
                space_name=row["space_name"],
                granted_at=granted_at,
                expires_at=as_time(row["expires_at"]),
                by_rule=row["earned_at"] is not None,
                is_revoked=row["revoked_at"] is not None,
            )
        )
    return found

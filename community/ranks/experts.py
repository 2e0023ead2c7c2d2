"""Granting and revoking expert status for a space (RE-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import as_time, execute, fetch, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Role, Viewer
from community.decisions.actions import log


@dataclass(frozen=True, slots=True)
class Expertise:
    """Expert status as administrators see it; one that has ended is still listed until it is revoked."""

    space_id: int
    space_name: str
    granted_at: datetime
    expires_at: datetime | None

    @property
    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()


async def grant_expert(member_id: int, space_id: int, *, until: datetime | None, by: Viewer) -> None:
    """Make a member an expert of a space until then, or until revoked. Granting again changes the end."""
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
        await execute(
            """INSERT INTO experts (id, space_id, member_id, granted_at, expires_at)
            VALUES (:id, :space_id, :member_id, :at, :until)
            ON CONFLICT (space_id, member_id) DO UPDATE SET expires_at = excluded.expires_at""",
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


async def revoke_expert(member_id: int, space_id: int, *, by: Viewer) -> None:
    """End expert status at once. Nothing happens where there is none."""
    async with in_transaction():
        revoked = await execute(
            "DELETE FROM experts WHERE member_id = :member_id AND space_id = :space_id",
            {"member_id": member_id, "space_id": space_id},
        )
        if revoked:
            await raise_site_stamp()
            await log("revoke_expert", f"member:{member_id}", by=by, reason="", space_id=space_id)


async def list_expertise(member_id: int) -> list[Expertise]:
    """Every expert status of a member, for administrators."""
    rows = await fetch(
        """SELECT e.space_id, s.name AS space_name, e.granted_at, e.expires_at
        FROM experts e JOIN spaces s ON s.id = e.space_id WHERE e.member_id = :id ORDER BY s.name""",
        {"id": member_id},
    )
    found = []
    for row in rows:
        granted_at = as_time(row["granted_at"])
        assert granted_at is not None  # noqa: S101 - the column is never empty
        found.append(Expertise(row["space_id"], row["space_name"], granted_at, as_time(row["expires_at"])))
    return found

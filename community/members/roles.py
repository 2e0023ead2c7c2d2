"""Who is staff, and as what. Staff are shown by short real name, so a role comes with one (ID-9)."""

from __future__ import annotations

from community.core import outbox
from community.core.db import execute, fetch, in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.nicknames import nickname_key
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import STAFF_ROLES, Role, Viewer
from community.decisions.actions import log
from community.members.queries import is_nickname_taken


async def change_role(
    member_id: int, *, role: Role, staff_name: str, staff_field: str, by: Viewer, reason: str
) -> None:
    """Make a member staff with this short real name and field, another kind of staff, or a customer again.

    Logged with its reason. Nobody changes their own role, so one administrator always stays; the sessions of the
    member have to be ended by the caller, because those of staff are shorter.
    """
    staff_name, staff_field = staff_name.strip(), staff_field.strip()
    is_staff = role in STAFF_ROLES
    if len(reason.strip()) < 3:
        raise RuleBroken(_("Please give a reason; it stands in the moderation log."))
    if member_id == by.id:
        raise RuleBroken(_("Somebody else has to change your own role."))
    if is_staff and len(staff_name) < 3:
        raise RuleBroken(_("Staff are shown with a short real name, such as “Jana K.”."))
    async with in_transaction():
        await _demand_administrator(by)
        rows = await fetch("SELECT role FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id})
        if not rows:
            raise NotFound
        if is_staff and await is_nickname_taken(nickname_key(staff_name), by_others_than=member_id):
            raise RuleBroken(_("A member has a nickname that looks like this name."))
        await execute(
            """UPDATE members SET role = :role, staff_name = :name, staff_field = :field,
            photo = CASE WHEN :is_staff = 1 THEN photo ELSE '' END WHERE id = :id""",
            {
                "role": str(role),
                "name": staff_name if is_staff else "",
                "field": staff_field if is_staff else "",
                "is_staff": int(is_staff),
                "id": member_id,
            },
        )
        await raise_site_stamp()
        await log(
            "change_role",
            f"member:{member_id}",
            by=by,
            reason=reason,
            role_before=rows[0]["role"],
            role=str(role),
        )
        await outbox.record("member.changed", member_id=member_id)


async def _demand_administrator(by: Viewer) -> None:
    """Two administrators who take each other's role at the same moment: the second is none any more."""
    administrators = "SELECT id FROM members WHERE role = 'administrator' AND erased_at IS NULL ORDER BY id"
    rows = await fetch({"sqlite": administrators, "postgresql": f"{administrators} FOR NO KEY UPDATE"})
    if by.id not in {row["id"] for row in rows}:
        raise RuleBroken(_("You are no administrator any more."))

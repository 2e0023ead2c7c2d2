"""That one person at a time decides: what every decision about an item of the queue asks first."""

from __future__ import annotations

from community.core.db import fetch_one
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.work import WorkKind, lock_holder


class TakenBySomebody(RuleBroken):
    """Somebody else is on it (409); the message names them."""


async def demand_no_other_claim(kind: WorkKind, subject: str, by: Viewer) -> None:
    """In the transaction of whatever only one person should do; until its end nobody else can claim the item."""
    holder = await lock_holder(kind, subject)
    if holder is not None and holder != by.id:
        raise TakenBySomebody(_("%(name)s is on it.") % {"name": await _find_staff_name(holder)})


async def _find_staff_name(member_id: int) -> str:
    """How this member of staff is shown to others; empty for a former one."""
    row = await fetch_one(
        "SELECT COALESCE(NULLIF(staff_name, ''), nickname) AS name FROM members WHERE id = :id",
        {"id": member_id},
    )
    return row["name"] if row else ""

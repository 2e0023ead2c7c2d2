"""Taking an entry on the desk, and giving it back."""

from __future__ import annotations

from community.core.db import in_transaction
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.work import WorkKind, finish_work, release_work
from community.faq.actions import lock_entry
from community.faq.claims import carry_on, demand_nobody_else
from community.faq.models import EntryState
from community.faq.schedules import is_scheduled


async def take_entry(entry_id: int, *, by: Viewer) -> None:
    """ "I am on it"; again by the same person it begins anew. `TakenBySomebody` while somebody else is on it."""
    async with in_transaction():
        entry = await lock_entry(entry_id)
        waits_for_nobody = entry["state"] != EntryState.CHECK and await is_scheduled(entry_id)
        if entry["state"] == EntryState.WITHDRAWN or waits_for_nobody:
            raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
        await demand_nobody_else(entry_id, by)
        if not await carry_on(entry_id, by.id):
            raise RuleBroken(_("Somebody else has to release what you have written."))


async def give_back(entry_id: int, *, by: Viewer) -> None:
    """Nothing happens to somebody else's claim."""
    subject = f"faq:{entry_id}"
    async with in_transaction():
        await release_work(WorkKind.FAQ, subject, by=by.id)
        if await release_work(WorkKind.DRAFT, subject, by=by.id):
            await finish_work(WorkKind.DRAFT, subject)

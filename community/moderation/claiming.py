"""Who is on an item of the queue: taking it, giving it back, handing it on, putting it aside."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import in_transaction
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions import work
from community.decisions.claims import demand_no_other_claim
from community.decisions.work import WorkKind
from community.moderation.appeals import demand_uninvolved
from community.moderation.notices import demand_unconcerned
from community.spaces.queries import load_viewer

LONGEST_SNOOZE = timedelta(days=31)


async def claim_item(kind: WorkKind, subject: str, *, by: Viewer) -> None:
    """ "I am on it"; again by the same person it begins anew. `TakenBySomebody` while somebody else is on it."""
    async with in_transaction():
        await demand_no_other_claim(kind, subject, by)
        await _demand_uninvolved(kind, subject, by.id)
        if not await work.claim_work(kind, subject, by=by.id):
            raise _gone()


async def release_item(kind: WorkKind, subject: str, *, by: Viewer) -> None:
    """Give the item back to the others; nothing happens to somebody else's claim."""
    await work.release_work(kind, subject, by=by.id)


async def hand_on(item_id: int, kind: WorkKind, subject: str, *, to: int, note: str, by: Viewer) -> None:
    """Give the item to a colleague, who is told, with what they should know of it."""
    colleague, _spaces = await load_viewer(to)
    async with in_transaction():
        await demand_no_other_claim(kind, subject, by)
        place = await work.find_place(kind, subject)
        if place is None:
            raise _gone()
        may = colleague.is_moderator and colleague.id not in {by.id, *place.kept_from}
        if not may or (place.space_id != work.NO_SPACE and not colleague.may_read(place.space_id)):
            raise RuleBroken(_("This item cannot be given to this person. Please choose somebody else."))
        await _demand_uninvolved(kind, subject, to)
        await work.hand_work(kind, subject, to=to, note=note.strip()[: work.LONGEST_NOTE], by=by.id)
        await outbox.record("work.handed_on", item_id=item_id, to=to, by=by.id)


async def snooze_item(kind: WorkKind, subject: str, *, until: datetime, by: Viewer) -> None:
    """Put the item aside; it comes back by itself, to whoever is there then."""
    if not now() < until <= now() + LONGEST_SNOOZE:
        raise RuleBroken(_("Please choose when it should come back, within a month."))
    async with in_transaction():
        await demand_no_other_claim(kind, subject, by)
        if not await work.snooze_work(kind, subject, until=until):
            raise _gone()


async def wake_item(kind: WorkKind, subject: str) -> None:
    """Take it back before its time; whoever is on it stays on it."""
    await work.wake_work(kind, subject)


async def _demand_uninvolved(kind: WorkKind, subject: str, member_id: int) -> None:
    """Whoever came to have to do with the matter a moment ago is not kept from its item yet."""
    demand = {WorkKind.APPEAL: demand_uninvolved, WorkKind.NOTICE: demand_unconcerned}.get(kind)
    if demand is not None:
        await demand(int(subject.partition(":")[2]), member_id)


def _gone() -> Conflict:
    return Conflict(_("This has been dealt with meanwhile."))

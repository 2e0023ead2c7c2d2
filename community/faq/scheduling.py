"""Releasing at a moment in the future: the yes is given now, and takes effect then if nothing happened in between."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log, log_for_nobody
from community.decisions.four_eyes import demand_second_person
from community.faq.actions import lock_entry, lock_releasable, note_work, release_entry
from community.faq.claims import demand_nobody_else
from community.faq.models import ScheduledRelease
from community.faq.permissions import can_edit_faq
from community.faq.queries import list_writers
from community.faq.schedules import drop_schedule
from community.faq.standing import have_moved_on, load_sources
from community.spaces.queries import load_viewer

logger = logging.getLogger(__name__)

LONGEST_AHEAD = timedelta(days=366)
_AT_ONCE = 50


async def schedule_release(entry_id: int, *, version: int, at: datetime, by: Viewer) -> None:
    """Release exactly this version at that moment, in the name of `by`. Refused for whom `release_entry` refuses it.

    An edit, a step back or a withdrawal before then takes it back. Scheduled again, the new moment holds.
    """
    if not now() < at <= now() + LONGEST_AHEAD:
        raise RuleBroken(_("Please choose a moment that is still to come, within a year."))
    async with in_transaction():
        entry = await lock_releasable(entry_id, version, by=by)
        writers = await list_writers(entry_id, after_version=entry["published_version"] or 0)
        await demand_second_person(by, {*writers, entry["edited_by"]} - {None})
        await drop_schedule(entry_id)
        await insert(
            ScheduledRelease,
            id=random_id(),
            entry_id=entry_id,
            version=version,
            due_at=at,
            released_by=by.id,
        )
        await note_work(entry_id)
        await log("faq.scheduled", f"faq:{entry_id}", by=by, reason="", version=version)


async def take_back_schedule(entry_id: int, *, by: Viewer) -> None:
    """The version waits for a second person again. `Conflict` where nothing is scheduled any more."""
    async with in_transaction():
        await lock_entry(entry_id)
        await demand_nobody_else(entry_id, by)
        if await drop_schedule(entry_id, by=by) is None:
            raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
        await note_work(entry_id)


async def release_due() -> None:
    """For the worker, again and again: release what is due. Of two workers at once the second finds it done."""
    rows = await fetch(
        """SELECT entry_id, version, released_by FROM faq_schedules WHERE due_at <= :now AND failed_at IS NULL
        ORDER BY due_at, entry_id LIMIT :most""",
        {"now": now(), "most": _AT_ONCE},
    )
    for row in rows:
        entry_id, version = row["entry_id"], row["version"]
        try:
            await _release(entry_id, version, row["released_by"])
        except (Conflict, Forbidden, NotFound, RuleBroken):
            await _note_failure(entry_id, version, row["released_by"])
        except Exception as error:
            # What ends by itself is tried again with the next round, and keeps no other entry waiting.
            logger.warning("scheduled release failed", extra={"job": f"faq:{entry_id}"}, exc_info=error)


async def _release(entry_id: int, version: int, released_by: int) -> None:
    viewer, _spaces = await load_viewer(released_by)
    if not can_edit_faq(viewer):
        raise Forbidden  # Whoever gave the yes does not edit the FAQ any more.
    async with in_transaction():
        await lock_entry(entry_id, version)
        # It may have been put off, taken back or carried out since it was found due.
        is_due = await fetch_one(
            """SELECT 1 AS found FROM faq_schedules WHERE entry_id = :id AND version = :version
            AND due_at <= :now AND failed_at IS NULL""",
            {"id": entry_id, "version": version, "now": now()},
        )
        if is_due:
            if have_moved_on((await load_sources([entry_id]))[entry_id]):
                raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
            await release_entry(entry_id, version=version, by=viewer)


async def _note_failure(entry_id: int, version: int, released_by: int) -> None:
    """It waits for a person again. Nothing happens where the row is gone: somebody else was quicker."""
    async with in_transaction():
        failed = await execute(
            """UPDATE faq_schedules SET failed_at = :now
            WHERE entry_id = :id AND version = :version AND failed_at IS NULL""",
            {"now": now(), "id": entry_id, "version": version},
        )
        if failed:
            await note_work(entry_id)
            await log_for_nobody("faq.schedule_failed", f"faq:{entry_id}", version=version)
            await outbox.record("faq.schedule_failed", entry_id=entry_id, released_by=released_by)

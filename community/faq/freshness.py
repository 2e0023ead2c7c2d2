"""Entries stay right: they are looked at when something happens to a source or a date comes, and a person settles
what was found. The causes themselves are made in `causes`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.faq.actions import lock_entry, note_work, rest_on_more
from community.faq.causes import (
    CHECK_EVERY,
    accept_as_they_are,
    drop_replacement,
    find_unfitting,
    fit_causes,
    today,
)
from community.faq.claims import demand_nobody_else
from community.faq.models import PUBLIC_STATES, CauseKind, EntrySource
from community.faq.rules import LONGEST_REASON, source_fingerprint
from community.faq.standing import Source, find_newly_narrowed, is_as_seen, load_sources, readable

logger = logging.getLogger(__name__)

SLICE = 200
LOOK_EVERY = timedelta(minutes=1)


# --- looking ----------------------------------------------------------------------------------------------


async def look_at(entry_ids: Iterable[int]) -> None:
    """Let these entries have the causes that they have to have now. Each is a transaction of its own.

    What fails with one keeps no other from its turn; it is raised after the last, for whoever tries again.
    """
    ids, failed = sorted(set(entry_ids)), None
    for start in range(0, len(ids), SLICE):
        looked_at = ids[start : start + SLICE]
        try:
            looked_at = await find_unfitting(looked_at)
        except Exception as error:
            # Which of them it is shows when each is looked at by itself.
            logger.warning("entries not looked at together", exc_info=error)
        for entry_id in looked_at:
            try:
                await _look_at(entry_id)
            except Exception as error:
                failed = error
                logger.warning("entry not looked at", extra={"job": f"faq:{entry_id}"}, exc_info=error)
    if failed is not None:
        raise failed


async def _look_at(entry_id: int) -> None:
    async with in_transaction():
        await lock_entry(entry_id)
        fitted = await fit_causes(entry_id)
        if fitted.state_changed or fitted.urgency_changed:
            await note_work(entry_id, goes_on=True)


async def look_at_threads(thread_ids: Sequence[int]) -> None:
    """Something has happened in these threads."""
    rows = await fetch(
        """SELECT entry_id FROM faq_sources WHERE thread_id IN (:threads)
        UNION SELECT f.entry_id FROM posts p JOIN faq_sources f ON f.post_id = p.id
        WHERE p.thread_id IN (:threads)""",
        {"threads": list(thread_ids)},
    )
    await look_at(row["entry_id"] for row in rows)


async def look_at_space(space_id: int) -> None:
    """Who may read this space has changed."""
    rows = await fetch(
        """SELECT DISTINCT f.entry_id FROM faq_sources f JOIN posts p ON p.id = f.post_id
        JOIN threads t ON t.id = p.thread_id WHERE t.space_id = :space_id""",
        {"space_id": space_id},
    )
    await look_at(row["entry_id"] for row in rows)


class Watch:
    """What a worker does each minute: entries whose date has come, and some of all, should a fact be lost."""

    def __init__(self) -> None:
        self._after = random_id()
        """Anywhere: workers that begin often, or beside each other, still come by every entry."""

    async def go_round(self) -> None:
        due = await _find_due()
        rows = await fetch(
            """SELECT id FROM faq_entries WHERE id > :after AND state IN (:states) ORDER BY id LIMIT :size""",
            {"after": self._after, "states": list(PUBLIC_STATES), "size": SLICE},
        )
        self._after = rows[-1]["id"] if len(rows) == SLICE else 0
        await look_at([*due, *(row["id"] for row in rows)])


async def _find_due() -> list[int]:
    """Entries that a date has caught up with, and that are not in check for it yet."""
    found = []
    conditions = {
        CauseKind.EXPIRED: "e.published_valid_until > '' AND e.published_valid_until < :today",
        CauseKind.UNCHECKED: "e.checked_at < :long_ago",
    }
    for kind, condition in conditions.items():
        rows = await fetch(
            f"""SELECT e.id FROM faq_entries e WHERE {condition} AND e.state IN (:states) AND NOT EXISTS
            (SELECT 1 FROM faq_causes c WHERE c.entry_id = e.id AND c.settled_at IS NULL AND c.kind = :kind)
            ORDER BY e.checked_at, e.id LIMIT :size""",  # noqa: S608 - constants
            {
                "today": today().isoformat(),
                "long_ago": now() - CHECK_EVERY,
                "states": list(PUBLIC_STATES),
                "kind": str(kind),
                "size": SLICE,
            },
        )
        found += [row["id"] for row in rows]
    return found


# --- deciding ---------------------------------------------------------------------------------------------


async def confirm_entry(
    entry_id: int, *, version: int, seen: str, by: Viewer, note: str = "", cleared: bool = False
) -> None:
    """The released text is still right: a person has held it against its sources as they stand now.

    `version` is the released one and `seen` says how the sources stood on the page; if either has moved on, nothing
    is settled (`Conflict`). `cleared` is the yes of `by` to sources that the readers may not read. A date that has
    passed is not settled like this: readers see it, so it takes another version, and a second person. Whoever may
    not read all sources settles only what is about those that they have read.
    """
    moment = now()
    async with in_transaction():
        entry = await lock_entry(entry_id)
        await demand_nobody_else(entry_id, by)
        if entry["state"] not in PUBLIC_STATES or entry["published_version"] != version:
            raise Conflict(_("Somebody else has changed this entry meanwhile."))
        sources = (await load_sources([entry_id]))[entry_id]
        if not is_as_seen(sources, seen, by):
            raise Conflict(_("A source has changed while you were looking. Please look at it again."))
        newly_narrowed = find_newly_narrowed(sources, by)
        if newly_narrowed and not cleared:
            raise RuleBroken(_("Please confirm that the text gives nothing away."))
        await accept_as_they_are(entry_id, sources, by, has_newer=bool(entry["newer_state"]))
        if len(readable(sources, by)) == len(sources):
            await execute(
                "UPDATE faq_entries SET checked_at = :at, checked_role = :role WHERE id = :id",
                {"at": moment, "role": str(by.role), "id": entry_id},
            )
            await raise_site_stamp()
        await fit_causes(entry_id, by=by.id, how="confirmed")
        await note_work(entry_id)
        if newly_narrowed:
            await log("faq.cleared", f"faq:{entry_id}", by=by, reason="", version=version)
        # Readers see from now on what was taken in as a source, with who has helped.
        await outbox.record("faq.confirmed", entry_id=entry_id, by=by.id)
        await log(
            "faq.confirmed", f"faq:{entry_id}", by=by, reason=note.strip()[:LONGEST_REASON], version=version
        )


async def adopt_solution(entry_id: int, post_id: int, *, solution_id: int, by: Viewer) -> None:
    """Let the present solution of a thread take the place of the source `post_id`, as `by` has seen both.

    Readers see nothing of it, and the entry stays in check, until the text was found right against the new source:
    by a confirmation or a release.
    """
    async with in_transaction():
        entry = await lock_entry(entry_id)
        await demand_nobody_else(entry_id, by)
        sources = (await load_sources([entry_id]))[entry_id]
        former = next((s for s in readable(sources, by) if s.post_id == post_id), None)
        if former is None:
            raise NotFound
        if former.solution_id != solution_id or solution_id == post_id:
            raise Conflict(_("There is another solution by now, or none."))
        if former.replaced_by is not None and former.replaced_by != solution_id:
            await drop_replacement(entry_id, former)
        await _take_in(entry_id, former, sources)
        await execute(
            "UPDATE faq_sources SET replaced_by_id = :new WHERE id = :id",
            {"new": solution_id, "id": former.id},
        )
        await rest_on_more(entry, by=by)
        await log(
            "faq.source_replaced",
            f"faq:{entry_id}",
            by=by,
            reason="",
            post_before=post_id,
            post=solution_id,
        )


async def _take_in(entry_id: int, former: Source, sources: Sequence[Source]) -> None:
    if any(source.post_id == former.solution_id for source in sources):
        return
    rows = await fetch("SELECT body FROM posts WHERE id = :id", {"id": former.solution_id})
    await insert(
        EntrySource,
        id=random_id(),
        entry_id=entry_id,
        post_id=former.solution_id,
        thread_id=former.thread_id,
        checked_thread_id=former.thread_id,
        is_answer=True,
        fingerprint="",
        draft_fingerprint=source_fingerprint("answer", "", rows[0]["body"]),
    )

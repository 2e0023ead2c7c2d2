"""The queue put right: what waits for a decision has its item, kept from all who may not decide; nothing else has.

Whatever brings a matter about puts its item, and whatever ends it takes the item away, in one transaction. This is
for what came about on another way: an older version, a copy played back, somebody who wrote in the matter since.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from community.core.db import as_time, execute, fetch, fetch_one, in_transaction
from community.decisions.work import WorkKind, finish_work, keep_work_from, lock_holder
from community.faq.queries import list_in_review, list_writers
from community.moderation import appeals, notices

logger = logging.getLogger(__name__)

_OPEN = {
    WorkKind.NOTICE: "SELECT id FROM notices WHERE state = 'open' AND flag_id IS NULL ORDER BY id",
    WorkKind.APPEAL: """SELECT a.id FROM appeals a LEFT JOIN statements s ON s.id = a.statement_id
    LEFT JOIN notices n ON n.id = a.notice_id
    WHERE a.state = 'open' AND COALESCE(s.subject, n.subject) IS NOT NULL ORDER BY a.id""",
}
"""What waits. Reports beside flags are in the items of these; an objection to a decision that is gone is gone."""


async def tend_items() -> None:
    """Each item for itself: what is wrong with one keeps no other from being put right."""
    for kind, mend in ((WorkKind.NOTICE, _mend_notice), (WorkKind.APPEAL, _mend_appeal)):
        # Items first: what comes in between has one, and is not taken for something that is gone.
        rows = await fetch("SELECT subject FROM work_items WHERE kind = :kind", {"kind": str(kind)})
        items = {row["subject"] for row in rows}
        waiting = {f"{kind}:{row['id']}": row["id"] for row in await fetch(_OPEN[kind])}
        for subject in sorted(items - set(waiting)):
            await _try(subject, partial(finish_work, kind, subject))
        for subject, number in waiting.items():
            await _try(subject, partial(mend, number))
    for entry_id in await list_in_review():
        await _try(f"faq:{entry_id}", partial(_mend_entry, entry_id))


async def _try(subject: str, mend: Callable[[], Awaitable[None]]) -> None:
    try:
        async with in_transaction():
            await mend()
    except Exception as error:
        logger.warning("item not put right", extra={"job": subject}, exc_info=error)


async def _mend_notice(notice_id: int) -> None:
    # The item before the matter, as decisions do, so that neither waits for the other.
    await lock_holder(WorkKind.NOTICE, notices.item_of_notice(notice_id))
    await execute("UPDATE notices SET state = state WHERE id = :id", {"id": notice_id})
    row = await fetch_one(
        "SELECT subject, reporter_id, space_id, knew_at FROM notices WHERE id = :id AND state = 'open'",
        {"id": notice_id},
    )
    knew_at = as_time(row["knew_at"]) if row else None
    if row is not None and knew_at is not None:
        await notices.put_notice(
            notice_id,
            row["subject"],
            reporter_id=row["reporter_id"],
            space_id=row["space_id"],
            knew_at=knew_at,
        )


async def _mend_appeal(appeal_id: int) -> None:
    await lock_holder(WorkKind.APPEAL, appeals.item_of_appeal(appeal_id))
    await execute("UPDATE appeals SET state = state WHERE id = :id", {"id": appeal_id})
    row = await fetch_one("SELECT filed_at FROM appeals WHERE id = :id AND state = 'open'", {"id": appeal_id})
    filed_at = as_time(row["filed_at"]) if row else None
    if filed_at is not None:
        await appeals.put_appeal(appeal_id, filed_at)


async def _mend_entry(entry_id: int) -> None:
    row = await fetch_one(
        """SELECT published_version FROM faq_entries WHERE id = :id AND 'in_review' IN (state, newer_state)""",
        {"id": entry_id},
    )
    if row is not None:
        writers = await list_writers(entry_id, after_version=row["published_version"] or 0)
        await keep_work_from(WorkKind.FAQ, f"faq:{entry_id}", writers)

"""Questions that nobody has answered: after a time that each space sets, staff are asked to (MO-9).

Until then it is the turn of the others. Staff see such questions at once like everybody, and may answer them; the
queue only says when it is time. The worker puts them there; whatever ends the waiting takes them out at once.
"""

from __future__ import annotations

from datetime import timedelta

from community.core.clock import now
from community.core.db import as_time, fetch, fetch_one, in_transaction
from community.decisions.models import WorkKind
from community.decisions.targets import get_target
from community.decisions.work import finish_work, put_work
from community.spaces.models import SpaceKind
from community.threads.models import ThreadStatus

NOT_OLDER_THAN = timedelta(days=60)
"""What was asked longer ago, before an import perhaps, waits for nobody any more."""
AT_ONCE = 200

_WAITS = f"t.status = '{ThreadStatus.UNANSWERED}' AND t.hidden_at IS NULL AND t.locked_at IS NULL"
_DUE = f"""
SELECT t.id, t.author_id, t.created_at FROM threads t
WHERE t.space_id = :space_id AND {_WAITS} AND t.created_at <= :until AND t.created_at > :oldest
AND NOT EXISTS (SELECT 1 FROM work_items w
                WHERE w.kind = 'unanswered' AND w.subject = 'thread:' || CAST(t.id AS VARCHAR(20)))
ORDER BY t.created_at LIMIT {AT_ONCE}
"""  # noqa: S608 - constants


async def ask_staff() -> None:
    """Put what has waited long enough into the queue, and take out what waits no more."""
    await _take_out_answered()
    for space in await fetch("SELECT id FROM spaces WHERE kind = :kind", {"kind": str(SpaceKind.QUESTIONS)}):
        while await _ask_in(space["id"]) == AT_ONCE:
            pass


async def _ask_in(space_id: int) -> int:
    target = await get_target(WorkKind.UNANSWERED, space_id)
    moment = now()
    given = {
        "space_id": space_id,
        "until": moment - timedelta(hours=target.after),
        "oldest": moment - NOT_OLDER_THAN,
    }
    async with in_transaction():
        # Locked, so that none of them is answered between being looked at and being put. What somebody else holds at
        # the moment comes next time.
        rows = await fetch(
            {"sqlite": _DUE, "postgresql": f"{_DUE} FOR NO KEY UPDATE OF t SKIP LOCKED"}, given
        )
        for row in rows:
            await put_work(
                WorkKind.UNANSWERED,
                f"thread:{row['id']}",
                space_id=space_id,
                since=as_time(row["created_at"]) or moment,
                not_for=row["author_id"],
            )
    return len(rows)


async def _take_out_answered() -> None:
    """What no longer waits, by whatever way that came about."""
    rows = await fetch(
        f"""SELECT w.subject FROM work_items w LEFT JOIN threads t ON t.id = CAST(SUBSTR(w.subject, 8) AS BIGINT)
        WHERE w.kind = 'unanswered' AND (t.id IS NULL OR NOT ({_WAITS}) OR t.space_id <> w.space_id)"""  # noqa: S608
    )
    for row in rows:
        await finish_work(WorkKind.UNANSWERED, row["subject"])


async def settle_unanswered(thread_id: int) -> None:
    """In the transaction that changed the thread: if it waits for no answer any more, nobody is asked for one."""
    if not await fetch_one(f"SELECT 1 FROM threads t WHERE t.id = :id AND {_WAITS}", {"id": thread_id}):  # noqa: S608
        await finish_work(WorkKind.UNANSWERED, f"thread:{thread_id}")

"""Who is on an entry. What waits for staff has its item in the queue; an entry that waits for nobody gets one of its
own as soon as somebody takes it, which the queue does not show.
"""

from __future__ import annotations

from collections.abc import Collection

from community.core.clock import now
from community.core.db import fetch
from community.core.viewer import Viewer
from community.decisions.claims import demand_no_other_claim
from community.decisions.work import CLAIM_IDLE, WorkKind, claim_work, lock_holder, put_work

KINDS = (WorkKind.FAQ, WorkKind.DRAFT)


async def demand_nobody_else(entry_id: int, by: Viewer) -> None:
    """In the transaction of whatever one person at a time does to it; `TakenBySomebody` while another is on it."""
    for kind in KINDS:
        await demand_no_other_claim(kind, f"faq:{entry_id}", by)


async def find_holder_id(entry_id: int) -> int | None:
    """In a transaction: who is on it now."""
    for kind in KINDS:
        holder = await lock_holder(kind, f"faq:{entry_id}")
        if holder is not None:
            return holder
    return None


async def carry_on(entry_id: int, by: int) -> bool:
    """Let `by` be on it, in a transaction that has made sure that nobody else is. False: it is kept from them."""
    subject = f"faq:{entry_id}"
    rows = await fetch(
        "SELECT kind FROM work_items WHERE subject = :subject AND kind = :kind",
        {"subject": subject, "kind": str(WorkKind.FAQ)},
    )
    kind = WorkKind.FAQ if rows else WorkKind.DRAFT
    if kind is WorkKind.DRAFT:
        await put_work(kind, subject, space_id=None, since=now())
    return await claim_work(kind, subject, by=by)


async def list_holders(entry_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """By the id of the entry: who is on it, by number and name. For those who edit the FAQ."""
    rows = await fetch(
        """SELECT w.subject, m.id, COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS name FROM work_items w
        JOIN members m ON m.id = w.claimed_by WHERE w.subject IN (:subjects) AND w.kind IN (:kinds)
        AND w.claimed_at >= :since""",
        {
            "subjects": [f"faq:{number}" for number in sorted(entry_ids)],
            "kinds": [str(kind) for kind in KINDS],
            "since": now() - CLAIM_IDLE,
        },
    )
    return {int(row["subject"].partition(":")[2]): (row["id"], row["name"]) for row in rows}

"""What waits for staff: one row per thing, from its cause to its end, and at most one person who is on it.

The feature that owns the thing calls `put_work` and `finish_work` in the transaction of the cause. Whoever is to
decide first asks `lock_holder`, in the transaction of the decision, so that a claim cannot come in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from community.core.clock import now
from community.core.db import as_time, execute, fetch, random_id

CLAIM_IDLE = timedelta(minutes=30)
"""A claim that was not renewed for so long can be taken over."""
NO_SPACE = 0
LONGEST_NOTE = 300


class WorkKind(StrEnum):
    """What can wait. Each is described for the page in `moderation.work_kinds`."""

    FLAG = "flag"


USUAL_TARGET = (timedelta(hours=4), timedelta(hours=24))
"""How long an item may wait until it is nearly due, and until it is overdue."""


async def put_work(
    kind: WorkKind,
    subject: str,
    *,
    space_id: int | None,
    since: datetime,
    due_at: datetime | None = None,
    not_for: int | None = None,
) -> None:
    """Let this wait for staff. What waits already goes on waiting since it began to."""
    soon, late = USUAL_TARGET
    due_at = due_at or since + late
    await execute(
        """INSERT INTO work_items (id, kind, subject, space_id, not_for, since, soon_at, due_at)
        VALUES (:id, :kind, :subject, :space_id, :not_for, :since, :soon_at, :due_at)
        ON CONFLICT (kind, subject) DO NOTHING""",
        {
            "id": random_id(),
            "kind": str(kind),
            "subject": subject,
            "space_id": space_id or NO_SPACE,
            "not_for": not_for,
            "since": since,
            "soon_at": min(since + soon, due_at),
            "due_at": due_at,
        },
    )


async def finish_work(kind: WorkKind, subject: str) -> None:
    """Nothing waits here any more; who was on it is free. Nothing happens where nothing waited."""
    await execute(
        "DELETE FROM work_items WHERE kind = :kind AND subject = :subject",
        {"kind": str(kind), "subject": subject},
    )


async def move_work(subjects: Sequence[str], *, to_space: int) -> None:
    """These things lie in another space now, so others may see them."""
    for start in range(0, len(subjects), 500):
        await execute(
            "UPDATE work_items SET space_id = :space_id WHERE subject IN (:subjects)",
            {"space_id": to_space, "subjects": list(subjects[start : start + 500])},
        )


async def claim_work(kind: WorkKind, subject: str, *, by: int) -> bool:
    """ "I am on it"; again by the same person it begins anew. False where somebody else is, or nothing waits.

    One statement decides: of two at the same moment exactly one changes the row.
    """
    moment = now()
    return bool(
        await execute(
            """UPDATE work_items SET claimed_by = :by, claimed_at = :now
            WHERE kind = :kind AND subject = :subject AND (not_for IS NULL OR not_for <> :by)
            AND (claimed_by IS NULL OR claimed_by = :by OR claimed_at < :idle_since)""",
            {
                "by": by,
                "now": moment,
                "kind": str(kind),
                "subject": subject,
                "idle_since": moment - CLAIM_IDLE,
            },
        )
    )


async def release_work(kind: WorkKind, subject: str, *, by: int) -> bool:
    """Give it back to the others; nothing happens to somebody else's claim."""
    return bool(
        await execute(
            """UPDATE work_items SET claimed_by = NULL, claimed_at = NULL
            WHERE kind = :kind AND subject = :subject AND claimed_by = :by""",
            {"kind": str(kind), "subject": subject, "by": by},
        )
    )


async def free_work(kind: WorkKind, subject: str, *, since: datetime) -> None:
    """A part of it is decided and the rest waits: nobody is on it, and it waits since what is left came in."""
    soon, late = USUAL_TARGET
    await execute(
        """UPDATE work_items SET claimed_by = NULL, claimed_at = NULL, handed_to = NULL, handed_by = NULL, note = '',
        since = :since, soon_at = :soon_at, due_at = :due_at WHERE kind = :kind AND subject = :subject""",
        {
            "kind": str(kind),
            "subject": subject,
            "since": since,
            "soon_at": since + soon,
            "due_at": since + late,
        },
    )


async def lock_holder(kind: WorkKind, subject: str) -> int | None:
    """Who is on it now; until the end of the transaction nobody else can claim it."""
    item = "SELECT claimed_by, claimed_at FROM work_items WHERE kind = :kind AND subject = :subject"
    rows = await fetch(
        {"sqlite": item, "postgresql": f"{item} FOR UPDATE"}, {"kind": str(kind), "subject": subject}
    )
    return holder_of(rows[0]) if rows else None


def holder_of(row: Any) -> int | None:
    """Who is on the item of this row; None where nobody is, or has not been for a while."""
    claimed_at = as_time(row["claimed_at"])
    if row["claimed_by"] is None or claimed_at is None or claimed_at < now() - CLAIM_IDLE:
        return None
    return int(row["claimed_by"])


async def forget_worker(member_id: int) -> None:
    """Free what a member was on. For the erasure of a member, in its transaction."""
    for column in ("claimed_by", "handed_to", "handed_by", "not_for"):
        note = ", note = ''" if column == "handed_by" else ""
        await execute(
            f"UPDATE work_items SET {column} = NULL{note} WHERE {column} = :id",  # noqa: S608 - columns named here
            {"id": member_id},
        )

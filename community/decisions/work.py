"""What waits for staff: one row per thing, from its cause to its end, and at most one person who is on it.

The feature that owns the thing calls `put_work` and `finish_work` in the transaction of the cause. Whoever is to
decide first asks `lock_holder`, in the transaction of the decision, so that a claim cannot come in between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community.core.clock import now
from community.core.db import as_time, execute, execute_many, fetch, fetch_one, random_id
from community.decisions.models import WorkKind as WorkKind
from community.decisions.targets import get_target

CLAIM_IDLE = timedelta(minutes=30)
"""A claim that was not renewed for so long can be taken over."""
NO_SPACE = 0
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """What decides to whom an item may be given."""

    space_id: int
    kept_from: frozenset[int]


async def put_work(
    kind: WorkKind,
    subject: str,
    *,
    space_id: int | None,
    since: datetime,
    due_at: datetime | None = None,
    not_for: int | None = None,
    kept_from: Collection[int] = (),
) -> None:
    """Let this wait for staff. What waits already goes on waiting since it began to.

    Without `due_at` the target of the space says when it is overdue. It is kept from `not_for`, and from all of
    `kept_from`.
    """
    target = await get_target(kind, space_id or NO_SPACE)
    due_at = due_at or target.due_at(since)
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
            "soon_at": min(target.soon_at(since), due_at),
            "due_at": due_at,
        },
    )
    if kept_from:
        await keep_work_from(kind, subject, kept_from)


async def keep_work_from(kind: WorkKind, subject: str, members: Collection[int]) -> None:
    """They neither see nor take the item from now on, and are on it no more; also who comes to be of staff later."""
    item = await fetch_one(
        "SELECT id FROM work_items WHERE kind = :kind AND subject = :subject",
        {"kind": str(kind), "subject": subject},
    )
    if item is None:
        return
    rows = await fetch(
        """SELECT m.id FROM members m WHERE m.id IN (:members) AND m.erased_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM work_bars b WHERE b.item_id = :item AND b.member_id = m.id) ORDER BY m.id""",
        {"item": item["id"], "members": sorted(members)},
    )
    barred = [row["id"] for row in rows]
    if not barred:
        return
    await execute_many(
        """INSERT INTO work_bars (id, item_id, member_id) VALUES (:id, :item, :member)
        ON CONFLICT (item_id, member_id) DO NOTHING""",
        [{"id": random_id(), "item": item["id"], "member": member} for member in barred],
    )
    for column, alone in (("claimed_by", ", claimed_at = NULL"), ("handed_to", "")):
        await execute(
            f"UPDATE work_items SET {column} = NULL{alone} WHERE id = :id AND {column} IN (:barred)",  # noqa: S608
            {"id": item["id"], "barred": barred},
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
            AND NOT EXISTS (SELECT 1 FROM work_bars b WHERE b.item_id = work_items.id AND b.member_id = :by)
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


async def hand_work(kind: WorkKind, subject: str, *, to: int, note: str, by: int) -> None:
    """It is `to` who should go on; nobody is on it until they say so."""
    await execute(
        """UPDATE work_items SET claimed_by = NULL, claimed_at = NULL, snoozed_until = NULL,
        handed_to = :to, handed_by = :by, note = :note WHERE kind = :kind AND subject = :subject""",
        {"to": to, "by": by, "note": note, "kind": str(kind), "subject": subject},
    )


async def wake_work(kind: WorkKind, subject: str) -> None:
    """What was put aside is back at once."""
    await execute(
        "UPDATE work_items SET snoozed_until = NULL WHERE kind = :kind AND subject = :subject",
        {"kind": str(kind), "subject": subject},
    )


async def snooze_work(kind: WorkKind, subject: str, *, until: datetime) -> bool:
    """Out of sight until then, and nobody is on it. False where nothing waits."""
    return bool(
        await execute(
            """UPDATE work_items SET claimed_by = NULL, claimed_at = NULL, snoozed_until = :until
            WHERE kind = :kind AND subject = :subject""",
            {"until": until, "kind": str(kind), "subject": subject},
        )
    )


async def find_place(kind: WorkKind, subject: str) -> Place | None:
    row = await fetch_one(
        "SELECT id, space_id, not_for FROM work_items WHERE kind = :kind AND subject = :subject",
        {"kind": str(kind), "subject": subject},
    )
    if row is None:
        return None
    barred = await fetch("SELECT member_id FROM work_bars WHERE item_id = :id", {"id": row["id"]})
    kept_from = {row["not_for"], *(bar["member_id"] for bar in barred)} - {None}
    return Place(row["space_id"], frozenset(kept_from))


LOOKS_FOR = timedelta(seconds=60)
"""Whoever has not said for so long that they have the page open has it open no more."""


async def note_look(item_id: int, *, by: int, works: bool) -> None:
    """Somebody has the item open. Who is on it and `works` stays on it."""
    moment = now()
    await execute(
        """INSERT INTO work_looks (id, item_id, member_id, seen_at) VALUES (:id, :item_id, :by, :now)
        ON CONFLICT (item_id, member_id) DO UPDATE SET seen_at = excluded.seen_at""",
        {"id": random_id(), "item_id": item_id, "by": by, "now": moment},
    )
    if works:
        await execute(
            """UPDATE work_items SET claimed_at = :now
            WHERE id = :item_id AND claimed_by = :by AND claimed_at >= :idle_since""",
            {"now": moment, "item_id": item_id, "by": by, "idle_since": moment - CLAIM_IDLE},
        )


async def forget_looks() -> None:
    await execute("DELETE FROM work_looks WHERE seen_at < :before", {"before": now() - LOOKS_FOR})


async def free_work(kind: WorkKind, subject: str, *, space_id: int, since: datetime) -> None:
    """A part of it is decided and the rest waits: nobody is on it, and it waits since what is left came in."""
    target = await get_target(kind, space_id)
    await execute(
        """UPDATE work_items SET claimed_by = NULL, claimed_at = NULL, handed_to = NULL, handed_by = NULL, note = '',
        since = :since, soon_at = :soon_at, due_at = :due_at WHERE kind = :kind AND subject = :subject""",
        {
            "kind": str(kind),
            "subject": subject,
            "since": since,
            "soon_at": target.soon_at(since),
            "due_at": target.due_at(since),
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
    for table in ("work_looks", "work_bars"):
        await execute(f"DELETE FROM {table} WHERE member_id = :id", {"id": member_id})  # noqa: S608 - two constants
    for column in ("claimed_by", "handed_to", "handed_by", "not_for"):
        note = ", note = ''" if column == "handed_by" else ""
        await execute(
            f"UPDATE work_items SET {column} = NULL{note} WHERE {column} = :id",  # noqa: S608 - columns named here
            {"id": member_id},
        )

"""Telling members what happened, once each."""

from __future__ import annotations

from collections.abc import Iterable

from community.core.clock import now
from community.core.db import execute, in_transaction, random_id


async def notify(
    member_ids: Iterable[int],
    kind: str,
    *,
    cause: str,
    actor_id: int | None = None,
    thread_id: int | None = None,
    post_id: int | None = None,
    group_id: int | None = None,
    note: str = "",
) -> None:
    """Tell those members who are still there; the same `cause` ("fact:<id>") reaches each of them once, however
    often this runs."""
    moment = now()
    async with in_transaction():
        for member_id in dict.fromkeys(member_ids):
            await execute(
                """INSERT INTO notifications
                (id, member_id, kind, actor_id, thread_id, post_id, group_id, note, cause, created_at)
                SELECT :id, m.id, :kind, (SELECT a.id FROM members a WHERE a.id = :actor_id), :thread_id, :post_id,
                :group_id, :note, :cause, :at FROM members m WHERE m.id = :member_id
                ON CONFLICT (member_id, cause) DO NOTHING""",
                {
                    "id": random_id(),
                    "member_id": member_id,
                    "kind": kind,
                    "actor_id": actor_id,
                    "thread_id": thread_id,
                    "post_id": post_id,
                    "group_id": group_id,
                    "note": note[:500],
                    "cause": cause,
                    "at": moment,
                },
            )


async def mark_read(member_id: int, *, notification_id: int | None = None) -> None:
    """Mark one notification of this member as read, or all of them."""
    one = "AND id = :id" if notification_id is not None else ""
    await execute(
        f"UPDATE notifications SET read_at = :at WHERE member_id = :member_id AND read_at IS NULL {one}",  # noqa: S608
        {"at": now(), "member_id": member_id, "id": notification_id or 0},
    )

"""Asking to be let into a group, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.groups.actions import add_member
from community.sanctions.queries import demand_may_write

LONGEST_NOTE = 500
MOST_LISTED = 100
KEPT = timedelta(days=30)
"""How long a decided request stays: until its member was told for certain."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    id: int
    nickname: str
    note: str


async def ask_to_join(group_id: int, member_id: int, *, note: str) -> None:
    """Ask for being let in. Raises RuleBroken while an earlier request waits, and for whoever may not write."""
    request_id = random_id()
    async with in_transaction():
        await demand_may_write(member_id, None)
        rows = await execute_returning(
            """INSERT INTO join_requests (id, group_id, member_id, note, created_at)
            VALUES (:id, :group_id, :member_id, :note, :at)
            ON CONFLICT (group_id, member_id) DO UPDATE SET id = excluded.id, note = excluded.note,
              created_at = excluded.created_at, decided_at = NULL, reason = ''
            WHERE join_requests.decided_at IS NOT NULL RETURNING id""",
            {
                "id": request_id,
                "group_id": group_id,
                "member_id": member_id,
                "note": note.strip(),
                "at": now(),
            },
        )
        if not rows:
            raise RuleBroken(_("You have asked already. Please wait for the answer."))
        await outbox.record("group.join_requested", request_id=request_id, group_id=group_id, by=member_id)


async def withdraw_request(group_id: int, member_id: int) -> None:
    """Ask for nothing any more; harmless when repeated."""
    await execute(
        """DELETE FROM join_requests
        WHERE group_id = :group_id AND member_id = :member_id AND decided_at IS NULL""",
        {"group_id": group_id, "member_id": member_id},
    )


async def decide_request(group_id: int, request_id: int, *, accepted: bool, reason: str) -> None:
    """Let somebody in, or not. Raises RuleBroken for one that was decided or withdrawn meanwhile."""
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE join_requests SET decided_at = :now, reason = :reason
            WHERE id = :id AND group_id = :group_id AND decided_at IS NULL AND member_id IN
              (SELECT m.id FROM members m WHERE m.erased_at IS NULL) RETURNING member_id""",
            {"now": now(), "reason": reason.strip(), "id": request_id, "group_id": group_id},
        )
        if not rows:
            raise RuleBroken(_("Somebody has decided this request already, or it was withdrawn."))
        member_id = rows[0]["member_id"]
        if accepted:
            await add_member(group_id, member_id)
        await outbox.record(
            "group.request_accepted" if accepted else "group.request_declined",
            request_id=request_id,
            group_id=group_id,
            member_id=member_id,
        )


async def list_open_requests(group_id: int) -> list[OpenRequest]:
    """Those that wait, the oldest first, for whoever decides them."""
    rows = await fetch(
        """SELECT r.id, m.nickname, r.note FROM join_requests r JOIN members m ON m.id = r.member_id
        WHERE r.group_id = :id AND r.decided_at IS NULL AND m.erased_at IS NULL
        ORDER BY r.created_at, r.id LIMIT :most""",
        {"id": group_id, "most": MOST_LISTED},
    )
    return [OpenRequest(row["id"], row["nickname"], row["note"]) for row in rows]


async def has_asked(group_id: int, member_id: int) -> bool:
    """Whether a request of this member waits."""
    row = await fetch_one(
        """SELECT 1 AS found FROM join_requests
        WHERE group_id = :group_id AND member_id = :member_id AND decided_at IS NULL""",
        {"group_id": group_id, "member_id": member_id},
    )
    return row is not None


async def forget_decided_requests() -> None:
    """Remove what was decided long ago: nobody keeps a list of who was refused."""
    await execute("DELETE FROM join_requests WHERE decided_at < :before", {"before": now() - KEPT})

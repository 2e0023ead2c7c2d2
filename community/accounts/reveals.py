"""Revealing who is behind a nickname: asked for with a reason, approved by a second person, shown once, told.

The identity leaves the vault in `show_identity` alone. What was asked, decided and shown is written down in the
transaction in which it happens, so that nothing is shown of which the log knows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.accounts.models import Reveal
from community.accounts.queries import Identity, get_identity
from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import STAFF_ROLES, Viewer
from community.decisions.actions import log
from community.decisions.claims import demand_no_other_claim
from community.decisions.four_eyes import demand_second_person
from community.decisions.work import WorkKind, finish_work, put_work

SHOWN_WITHIN = timedelta(hours=24)
"""How long an approval can be used."""
ANSWERED_WITHIN = timedelta(days=7)
"""How long a request waits for the second person."""
LONGEST_SILENCE = timedelta(days=366)
SHORTEST_REASON, LONGEST_REASON = 20, 1_000
LONGEST_REFERENCE = 60


class Cause(StrEnum):
    AUTHORITY = "authority"
    DANGER = "danger"
    OFFENCE = "offence"
    OWN_WISH = "own_wish"


@dataclass(frozen=True, slots=True)
class RevealWish:
    """What the form says; lengths were checked."""

    cause: Cause
    reason: str
    reference: str = ""
    tell_at: datetime | None = None
    silence_reason: str = ""


@dataclass(frozen=True, slots=True)
class RevealRow:
    """A request as staff see it: nicknames, reasons and dates."""

    id: int
    member_id: int
    nickname: str
    """Empty for a former member."""
    asked_by: int
    asker: str
    asked_at: datetime
    cause: str
    reason: str
    reference: str
    tell_at: datetime | None
    silence_reason: str
    decider: str
    decided_at: datetime | None
    is_approved: bool | None
    shown_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the second person."""
        return self.is_approved is None and now() < self.asked_at + ANSWERED_WITHIN

    def can_be_shown_to(self, viewer: Viewer) -> bool:
        """Whether this viewer may see the identity now, once."""
        return (
            bool(self.is_approved)
            and self.asked_by == viewer.id
            and self.shown_at is None
            and self.decided_at is not None
            and now() < self.decided_at + SHOWN_WITHIN
        )


@dataclass(frozen=True, slots=True)
class OwnReveal:
    """What the member concerned is told."""

    shown_at: datetime
    cause: str


async def ask_reveal(member_id: int, wish: RevealWish, *, by: Viewer) -> int:
    """Ask for an identity; its id. Raises RuleBroken, NotFound."""
    member = await fetch_one(
        "SELECT role FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id}
    )
    if member is None:
        raise NotFound
    if member["role"] in STAFF_ROLES:
        raise RuleBroken(_("Staff are known by name. There is nothing to reveal."))
    moment, reveal_id = now(), random_id()
    if wish.tell_at is not None:
        if not wish.silence_reason:
            raise RuleBroken(_("Telling the member later needs the law or the order that demands it."))
        if not moment < wish.tell_at <= moment + LONGEST_SILENCE:
            raise RuleBroken(_("The member has to be told within a year."))
    async with in_transaction():
        await insert(
            Reveal,
            id=reveal_id,
            member_id=member_id,
            asked_by=by.id,
            asked_at=moment,
            cause=str(wish.cause),
            reason=wish.reason.strip(),
            reference=wish.reference.strip(),
            tell_at=wish.tell_at,
            silence_reason=wish.silence_reason.strip(),
        )
        await log("ask_reveal", f"member:{member_id}", by=by, reason=wish.reason, reveal=reveal_id)
        await put_work(WorkKind.REVEAL, f"reveal:{reveal_id}", space_id=None, since=moment, not_for=by.id)
    return reveal_id


async def decide_reveal(reveal_id: int, *, approved: bool, by: Viewer, reason: str) -> None:
    """The second person's yes or no. Raises RuleBroken for the asker, for late-comers, for staff made just now, and
    while somebody else is on it."""
    async with in_transaction():
        await demand_no_other_claim(WorkKind.REVEAL, f"reveal:{reveal_id}", by)
        rows = await execute_returning(
            """UPDATE vault_reveals SET decided_by = :by, decided_at = :now, is_approved = :approved
            WHERE id = :id AND is_approved IS NULL AND asked_at > :since AND asked_by <> :by
            RETURNING member_id, asked_by""",
            {
                "by": by.id,
                "now": now(),
                "approved": approved,
                "id": reveal_id,
                "since": now() - ANSWERED_WITHIN,
            },
        )
        if not rows:
            raise RuleBroken(await _why_not_decided(reveal_id, by))
        if approved:
            await demand_second_person(by, [rows[0]["asked_by"]])
        await finish_work(WorkKind.REVEAL, f"reveal:{reveal_id}")
        await log(
            "approve_reveal" if approved else "refuse_reveal",
            f"member:{rows[0]['member_id']}",
            by=by,
            reason=reason,
            reveal=reveal_id,
        )


async def _why_not_decided(reveal_id: int, by: Viewer) -> str:
    row = await get_reveal(reveal_id)
    if row.is_approved is not None:
        return _("%(name)s has decided already.") % {"name": row.decider or _("Former member")}
    if row.asked_by == by.id:
        return _("Somebody else has to decide about what you have asked for.")
    return _("This request has waited for too long. It has to be asked again.")


async def show_identity(reveal_id: int, *, by: Viewer) -> Identity:
    """The identity, for the one who asked, once. That it was shown is written down before it leaves.

    Raises RuleBroken where it was shown already, was not approved, or the approval is too old.
    """
    moment = now()
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE vault_reveals SET shown_at = :now WHERE id = :id AND asked_by = :by AND is_approved
            AND shown_at IS NULL AND decided_at > :since RETURNING member_id, reason, tell_at""",
            {"now": moment, "id": reveal_id, "by": by.id, "since": moment - SHOWN_WITHIN},
        )
        if not rows:
            raise RuleBroken(_("This cannot be shown: not approved, too late, or shown before."))
        row = rows[0]
        await log(
            "show_identity", f"member:{row['member_id']}", by=by, reason=row["reason"], reveal=reveal_id
        )
        tell_at = as_time(row["tell_at"])
        await outbox.record_for_later(
            "identity.revealed", due_at=max(tell_at or moment, moment), reveal_id=reveal_id
        )
        return await get_identity(row["member_id"])


async def mark_told(reveal_id: int) -> int | None:
    """The member to be told now; None where they were told, or are gone."""
    rows = await execute_returning(
        """UPDATE vault_reveals SET told_at = COALESCE(told_at, :now) WHERE id = :id AND EXISTS (
        SELECT 1 FROM members m WHERE m.id = vault_reveals.member_id AND m.erased_at IS NULL) RETURNING member_id""",
        {"id": reveal_id, "now": now()},
    )
    return int(rows[0]["member_id"]) if rows else None


# --- reading ----------------------------------------------------------------------------------------------

_REVEALS = """
SELECT r.id, r.member_id, CASE WHEN m.erased_at IS NULL THEN COALESCE(m.nickname, '') ELSE '' END AS nickname,
       r.asked_by, COALESCE(a.staff_name, '') AS asker, r.asked_at, r.cause, r.reason, r.reference, r.tell_at,
       r.silence_reason, COALESCE(d.staff_name, '') AS decider, r.decided_at, r.is_approved, r.shown_at
FROM vault_reveals r LEFT JOIN members m ON m.id = r.member_id LEFT JOIN members a ON a.id = r.asked_by
LEFT JOIN members d ON d.id = r.decided_by
"""


async def list_reveals(size: int = 50) -> list[RevealRow]:
    """Requests, the newest first, those that wait for a decision before all others."""
    rows = await fetch(
        f"""{_REVEALS} ORDER BY CASE WHEN r.is_approved IS NULL AND r.asked_at > :since THEN 0 ELSE 1 END,
        r.asked_at DESC LIMIT :size""",
        {"since": now() - ANSWERED_WITHIN, "size": size},
    )
    return [_row(row) for row in rows]


async def list_open_nicknames(reveal_ids: Sequence[int]) -> dict[int, str]:
    """Whose identity is asked for, of those requests that wait for the second person; empty for a former member."""
    rows = await fetch(
        f"{_REVEALS} WHERE r.id IN (:ids) AND r.is_approved IS NULL AND r.asked_at > :since",
        {"ids": list(reveal_ids), "since": now() - ANSWERED_WITHIN},
    )
    return {row["id"]: row["nickname"] for row in rows}


async def drop_unanswered_reveals() -> None:
    """What nobody has decided in time has to be asked anew, and waits for nobody."""
    rows = await fetch(
        """SELECT w.subject FROM work_items w LEFT JOIN vault_reveals r ON r.id = CAST(SUBSTR(w.subject, 8) AS BIGINT)
        WHERE w.kind = 'reveal' AND (r.id IS NULL OR r.is_approved IS NOT NULL OR r.asked_at <= :since)""",
        {"since": now() - ANSWERED_WITHIN},
    )
    for row in rows:
        await finish_work(WorkKind.REVEAL, row["subject"])


async def count_open_reveals(viewer: Viewer) -> int:
    """Requests that this viewer could decide about."""
    row = await fetch_one(
        """SELECT COUNT(*) AS n FROM vault_reveals
        WHERE is_approved IS NULL AND asked_at > :since AND asked_by <> :viewer""",
        {"since": now() - ANSWERED_WITHIN, "viewer": viewer.id},
    )
    return int(row["n"]) if row else 0


async def get_reveal(reveal_id: int) -> RevealRow:
    row = await fetch_one(f"{_REVEALS} WHERE r.id = :id", {"id": reveal_id})
    if row is None:
        raise NotFound
    return _row(row)


def _row(row: Row) -> RevealRow:
    times = {name: as_time(row[name]) for name in ("asked_at", "tell_at", "decided_at", "shown_at")}
    approved = None if row["is_approved"] is None else bool(row["is_approved"])
    return RevealRow(**{**dict(row), **times, "is_approved": approved})


async def list_own_reveals(member_id: int) -> list[OwnReveal]:
    """When this member's identity was shown to staff, as far as they have been told."""
    rows = await fetch(
        """SELECT shown_at, cause FROM vault_reveals WHERE member_id = :id AND told_at IS NOT NULL
        ORDER BY shown_at DESC LIMIT 100""",
        {"id": member_id},
    )
    return [OwnReveal(as_time(row["shown_at"]) or now(), row["cause"]) for row in rows]

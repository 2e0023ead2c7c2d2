"""Imposing, changing and lifting sanctions. Each locks the member first, so of two staff at once the second sees what
the first has done; each is in the moderation log and told to the member.

What ends in the vault with a suspension or a ban is the business of `community.moderation.sanctioning`, which calls
these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import STAFF_ROLES, Viewer
from community.decisions.actions import log, log_for_nobody
from community.decisions.grounds import NETIQUETTE, Ground, GroundKind
from community.decisions.statements import (
    find_statements,
    lift_statements_about,
    put_off_statements,
    state_reasons,
)
from community.sanctions.models import Sanction
from community.sanctions.queries import HOLDS, SanctionRow, get_sanction, list_sanctions
from community.sanctions.rules import LONGEST, TIMED, Kind

ACTS = {
    Kind.WARNING: "warn_member",
    Kind.MUTE: "mute_member",
    Kind.SUSPENSION: "suspend_member",
    Kind.BAN: "ban_member",
}
PROLONGED = "prolong_sanction"
"""What the statement of reasons calls a later end; in the log it is a change like others."""
SHORTEST_REASON, LONGEST_REASON = 10, 500
LONGEST_NOTE = 1_000
ENDED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form says; lengths were checked."""

    kind: Kind
    reason: str
    note: str = ""
    ends_at: datetime | None = None
    space_id: int | None = None
    ground: Ground = NETIQUETTE
    is_prompted: bool = False
    """Whether a report led to it."""
    seen: str = ""
    """What `mark_of` said of the member's sanctions when the form was shown; empty: not asked for."""


def mark_of(rows: list[SanctionRow]) -> str:
    """Something that is different as soon as anything about a member's sanctions is."""
    newest = max((row.changed_at for row in rows), default=None)
    return f"{len(rows)}-{newest.isoformat() if newest else ''}"


async def impose(member_id: int, wish: Wish, *, by: Viewer) -> int:
    """The new sanction's id. Raises RuleBroken, Conflict where somebody else has done something meanwhile."""
    moment, sanction_id = now(), random_id()
    ends_at = _checked_end(wish.kind, wish.ends_at, moment)
    async with in_transaction():
        await _lock(member_id, by)
        await _demand_unchanged(member_id, wish.seen)
        await _demand_new(member_id, wish, moment)
        await insert(
            Sanction,
            id=sanction_id,
            member_id=member_id,
            kind=str(wish.kind),
            space_id=wish.space_id if wish.kind is Kind.MUTE else None,
            reason=wish.reason.strip(),
            note=wish.note.strip(),
            imposed_by_id=by.id,
            imposed_at=moment,
            ends_at=ends_at,
            changed_at=moment,
        )
        await log(
            ACTS[wish.kind],
            f"member:{member_id}",
            by=by,
            reason=wish.reason,
            space_id=wish.space_id if wish.kind is Kind.MUTE else None,
            sanction=sanction_id,
            ends_at=ends_at.isoformat() if ends_at else "",
            **wish.ground.details,
        )
        statement_id = await state_reasons(
            ACTS[wish.kind],
            f"sanction:{sanction_id}",
            by=by,
            reason=wish.reason,
            concerns=member_id,
            ground=wish.ground,
            space_id=wish.space_id if wish.kind is Kind.MUTE else None,
            is_prompted=wish.is_prompted,
            until=ends_at,
        )
        await _tell("member.sanctioned", sanction_id, member_id, statement_id)
    return sanction_id


async def change(sanction_id: int, *, ends_at: datetime, reason: str, by: Viewer, seen: str = "") -> None:
    """Another end for a mute or a suspension that holds; the member is told the reason.

    A later end restricts once more, so it gets a statement of its own, on the same ground.
    """
    moment = now()
    async with in_transaction():
        row = await _lock_holding(sanction_id, by, seen)
        if row.kind not in TIMED:
            raise RuleBroken(_("This one has no end that could be changed."))
        checked = _checked_end(Kind(row.kind), ends_at, moment)
        await execute(
            "UPDATE sanctions SET ends_at = :ends, changed_at = :now WHERE id = :id",
            {"ends": checked, "now": moment, "id": sanction_id},
        )
        await log(
            "change_sanction",
            f"member:{row.member_id}",
            by=by,
            reason=reason,
            space_id=row.space_id,
            sanction=sanction_id,
            ends_before=row.ends_at.isoformat() if row.ends_at else "",
            ends_at=checked.isoformat() if checked else "",
        )
        statement_id = await _state_other_end(row, checked, reason, by)
        await _tell("member.sanction_changed", sanction_id, row.member_id, statement_id)


async def _state_other_end(row: SanctionRow, ends_at: datetime | None, reason: str, by: Viewer) -> int | None:
    subject = f"sanction:{row.id}"
    before = (await find_statements([subject])).get(subject)
    await put_off_statements(subject, ends_at)
    if ends_at is None or row.ends_at is None or ends_at <= row.ends_at:
        return None
    return await state_reasons(
        PROLONGED,
        subject,
        by=by,
        reason=reason,
        concerns=row.member_id,
        ground=Ground(GroundKind(before.ground), before.ground_name) if before else NETIQUETTE,
        space_id=row.space_id,
        is_prompted=before.is_prompted if before else False,
        until=ends_at,
    )


async def lift(
    sanction_id: int, *, reason: str, by: Viewer, seen: str = "", was_wrong: bool = False
) -> SanctionRow:
    """End it early, or take a warning back; what it was. It does not count for the next proposal any more.

    `was_wrong`: an objection to it was right, so it is lifted also where it has ended by its date.
    """
    moment = now()
    async with in_transaction():
        row = await _lock_holding(sanction_id, by, seen, or_warning=True, or_ended=was_wrong)
        await execute(
            """UPDATE sanctions SET lifted_at = :now, lifted_by_id = :by, lift_reason = :reason, changed_at = :now
            WHERE id = :id""",
            {"now": moment, "by": by.id, "reason": reason.strip(), "id": sanction_id},
        )
        await log(
            "lift_sanction",
            f"member:{row.member_id}",
            by=by,
            reason=reason,
            space_id=row.space_id,
            sanction=sanction_id,
            kind=row.kind,
        )
        await lift_statements_about(f"sanction:{sanction_id}")
        await _tell("member.sanction_lifted", sanction_id, row.member_id)
    return row


async def tell_ended() -> None:
    """Log and tell that sanctions have ended by their date. They held no longer than that, told or not."""
    rows = await fetch(
        """SELECT id FROM sanctions WHERE lifted_at IS NULL AND end_told_at IS NULL AND ends_at <= :now
        ORDER BY ends_at LIMIT :size""",
        {"now": now(), "size": ENDED_AT_ONCE},
    )
    for row in rows:
        async with in_transaction():
            # Of two workers one changes the row; an end that was put off meanwhile is told when it has come.
            ended = await execute_returning(
                """UPDATE sanctions SET end_told_at = :now WHERE id = :id AND end_told_at IS NULL
                AND lifted_at IS NULL AND ends_at <= :now RETURNING member_id""",
                {"now": now(), "id": row["id"]},
            )
            for one in ended:
                await log_for_nobody("end_sanction", f"member:{one['member_id']}")
                await _tell("member.sanction_ended", row["id"], one["member_id"])


async def forget_sanctions(member_id: int) -> None:
    """For the erasure of a member, in its transaction."""
    await execute("DELETE FROM sanctions WHERE member_id = :id", {"id": member_id})


async def _tell(fact: str, sanction_id: int, member_id: int, statement_id: int | None = None) -> None:
    stated = {} if statement_id is None else {"statement_id": statement_id}
    await outbox.record(fact, sanction_id=sanction_id, member_id=member_id, **stated)
    await outbox.record("account.sanctioned", member_id=member_id, **stated)


def _checked_end(kind: Kind, ends_at: datetime | None, moment: datetime) -> datetime | None:
    if kind not in TIMED:
        return None
    if ends_at is None or ends_at <= moment:
        raise RuleBroken(_("Please choose an end in the future."))
    if ends_at > moment + LONGEST + timedelta(days=1):
        raise RuleBroken(_("It can last a year at most."))
    return ends_at


async def _lock(member_id: int, by: Viewer) -> None:
    """Everything about the sanctions of one member happens one after the other."""
    member = "SELECT role, erased_at FROM members WHERE id = :id"
    rows = await fetch({"sqlite": member, "postgresql": f"{member} FOR NO KEY UPDATE"}, {"id": member_id})
    if not rows or as_time(rows[0]["erased_at"]) is not None:
        raise NotFound
    if member_id == by.id:
        raise RuleBroken(_("Nobody sanctions themselves."))
    if rows[0]["role"] in STAFF_ROLES:
        raise RuleBroken(_("Staff are not sanctioned here. An administrator can change their role."))


async def _lock_holding(
    sanction_id: int, by: Viewer, seen: str, *, or_warning: bool = False, or_ended: bool = False
) -> SanctionRow:
    member_id = (await get_sanction(sanction_id)).member_id
    await _lock(member_id, by)
    await _demand_unchanged(member_id, seen)
    row = await get_sanction(sanction_id)
    is_warning = or_warning and row.kind == Kind.WARNING
    if row.lifted_at is not None or not (row.holds(now()) or is_warning or or_ended):
        raise Conflict(_("This has ended meanwhile."))
    return row


async def _demand_unchanged(member_id: int, seen: str) -> None:
    if seen and seen != mark_of(await list_sanctions(member_id)):
        raise Conflict(
            _("Somebody else has changed something about this member meanwhile. Please look at it first.")
        )


async def _demand_new(member_id: int, wish: Wish, moment: datetime) -> None:
    """One of a kind at a time, or nobody would know which of them holds."""
    if wish.kind is Kind.WARNING:
        return
    row = await fetch_one(
        f"""SELECT 1 AS found FROM sanctions x WHERE x.member_id = :id AND {HOLDS}
        AND (x.kind = 'ban' OR (x.kind = :kind AND :kind <> 'ban'
          AND COALESCE(x.space_id, 0) = :space))""",  # noqa: S608 - constants
        {
            "id": member_id,
            "now": moment,
            "kind": str(wish.kind),
            "space": (wish.space_id or 0) if wish.kind is Kind.MUTE else 0,
        },
    )
    if row is not None:
        raise RuleBroken(_("The same holds already. You can change its end, or lift it."))

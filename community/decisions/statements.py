"""Statements of reasons (Digital Services Act, Art. 17): what a member is told of an act that restricts them.

Made in the transaction of the act, beside its entry in the log. A statement says nothing of who has reported
anything; whoever decided is kept as a number, so that an appeal goes to somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, random_id
from community.core.errors import NotFound
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.grounds import NETIQUETTE, Ground
from community.decisions.models import Statement

MOST_LISTED = 100


async def log_restriction(
    act: str,
    subject: str,
    *,
    by: Viewer,
    reason: str,
    concerns: int | None,
    ground: Ground | None = None,
    space_id: int | None = None,
    is_prompted: bool = False,
    is_found_by_program: bool = False,
    until: datetime | None = None,
    **details: Any,
) -> int | None:
    """Log an act that restricts somebody, and write the statement for the member it concerns; its id.

    No statement where nobody is concerned any more, or nobody but who acts. `is_prompted`: a report led to it.
    """
    ground = ground or NETIQUETTE
    await log(act, subject, by=by, reason=reason, space_id=space_id, **details, **ground.details)
    if concerns is None or concerns == by.id:
        return None
    return await state_reasons(
        act,
        subject,
        by=by,
        reason=reason,
        concerns=concerns,
        ground=ground,
        space_id=space_id,
        is_prompted=is_prompted,
        is_found_by_program=is_found_by_program,
        until=until,
    )


async def state_reasons(
    act: str,
    subject: str,
    *,
    by: Viewer,
    reason: str,
    concerns: int,
    ground: Ground,
    space_id: int | None = None,
    is_prompted: bool = False,
    is_found_by_program: bool = False,
    until: datetime | None = None,
) -> int:
    """Write a statement about an act that its caller logs; its id. A person has decided, whatever has found it."""
    statement_id = random_id()
    await insert(
        Statement,
        id=statement_id,
        member_id=concerns,
        decided_by=by.id,
        at=now(),
        act=act,
        subject=subject,
        space_id=space_id,
        facts=reason.strip()[:1000],
        ground=str(ground.kind),
        ground_name=ground.name,
        is_prompted=is_prompted,
        is_found_by_program=is_found_by_program,
        until=until,
    )
    return statement_id


async def put_off_statements(subject: str, until: datetime | None) -> None:
    """What they say of ends at another time than they said."""
    await execute(
        "UPDATE statements SET until = :until WHERE subject = :subject AND lifted_at IS NULL",
        {"until": until, "subject": subject},
    )


async def lift_statements_about(subject: str) -> None:
    """All that restricted it is taken back."""
    await execute(
        "UPDATE statements SET lifted_at = :at WHERE subject = :subject AND lifted_at IS NULL",
        {"at": now(), "subject": subject},
    )


async def lift_statements(act: str, subject: str) -> None:
    """What the act restricted is free again: by whom and why the log says."""
    await execute(
        "UPDATE statements SET lifted_at = :at WHERE subject = :subject AND act = :act AND lifted_at IS NULL",
        {"at": now(), "subject": subject, "act": act},
    )


async def lift_statement(statement_id: int) -> None:
    """One alone, where no act of the log lifts it."""
    await execute(
        "UPDATE statements SET lifted_at = :at WHERE id = :id AND lifted_at IS NULL",
        {"at": now(), "id": statement_id},
    )


async def forget_whom(subjects: Sequence[str], member_id: int) -> None:
    """Nothing says any more that these were this member's. In the transaction that takes their name off."""
    await execute(
        "UPDATE statements SET member_id = NULL WHERE subject IN (:subjects) AND member_id = :member",
        {"subjects": list(subjects), "member": member_id},
    )


async def forget_old_statements(before: datetime) -> None:
    await execute("DELETE FROM statements WHERE at < :before", {"before": before})


async def forget_member(member_id: int) -> None:
    """The statements stay for the figures, without whom they concerned. For the erasure, in its transaction."""
    await execute(
        """UPDATE statements SET member_id = NULL, facts = '',
        subject = CASE WHEN subject = :own THEN 'member:0' ELSE subject END WHERE member_id = :id""",
        {"id": member_id, "own": f"member:{member_id}"},
    )


# --- reading ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatementRow:
    id: int
    member_id: int | None
    decided_by: int | None
    at: datetime
    act: str
    subject: str
    space_id: int | None
    facts: str
    ground: str
    ground_name: str
    is_prompted: bool
    is_automated: bool
    is_found_by_program: bool
    until: datetime | None
    lifted_at: datetime | None


_STATEMENTS = """SELECT id, member_id, decided_by, at, act, subject, space_id, facts, ground, ground_name,
is_prompted, is_automated, is_found_by_program, until, lifted_at FROM statements"""


async def list_own_statements(member_id: int) -> list[StatementRow]:
    """The statements that a member has received, the newest first."""
    rows = await fetch(
        f"{_STATEMENTS} WHERE member_id = :id ORDER BY at DESC, id LIMIT {MOST_LISTED}", {"id": member_id}
    )
    return [_row(row) for row in rows]


async def find_statements(subjects: Sequence[str]) -> dict[str, StatementRow]:
    """The newest statement about each of these, for whoever may know of them."""
    rows = await fetch(
        f"{_STATEMENTS} WHERE subject IN (:subjects) AND member_id IS NOT NULL ORDER BY at, id",
        {"subjects": list(subjects)},
    )
    return {row["subject"]: _row(row) for row in rows}


async def list_open_statements(member_id: int) -> list[StatementRow]:
    """What was decided about a member and not lifted, the oldest first; each can be objected to alone."""
    rows = await fetch(
        f"{_STATEMENTS} WHERE member_id = :id AND lifted_at IS NULL ORDER BY at DESC, id DESC LIMIT {MOST_LISTED}",
        {"id": member_id},
    )
    return [_row(row) for row in reversed(rows)]


class Standing(StrEnum):
    """What has become of what a statement says."""

    HOLDS = "holds"
    LIFTED = "lifted"
    RENEWED = "renewed"
    """The same was decided once more since, and that holds."""


async def find_standing(statement_id: int) -> Standing:
    rows = await fetch(
        """SELECT s.lifted_at, (SELECT MAX(n.at) FROM statements n WHERE n.subject = s.subject AND n.act = s.act
        AND n.at > s.at AND n.lifted_at IS NULL) AS renewed_at FROM statements s WHERE s.id = :id""",
        {"id": statement_id},
    )
    if not rows:
        raise NotFound
    if rows[0]["renewed_at"] is not None:
        return Standing.RENEWED
    return Standing.HOLDS if rows[0]["lifted_at"] is None else Standing.LIFTED


async def get_statement_by_link(statement_id: int) -> StatementRow:
    """For whoever holds its link; gone with the member whom it concerned."""
    rows = await fetch(f"{_STATEMENTS} WHERE id = :id AND member_id IS NOT NULL", {"id": statement_id})
    if not rows:
        raise NotFound
    return _row(rows[0])


async def get_statement(statement_id: int, viewer: Viewer) -> StatementRow:
    """A statement, for the member it concerns and for moderators who may read where it belongs."""
    rows = await fetch(f"{_STATEMENTS} WHERE id = :id", {"id": statement_id})
    row = _row(rows[0]) if rows else None
    if row is None or not (row.member_id == viewer.id or _may_look(viewer, row)):
        raise NotFound
    return row


def _may_look(viewer: Viewer, row: StatementRow) -> bool:
    return viewer.is_moderator and (row.space_id is None or viewer.may_read(row.space_id))


def _row(row: Row) -> StatementRow:
    times = {name: as_time(row[name]) for name in ("at", "until", "lifted_at")}
    flags = {name: bool(row[name]) for name in ("is_prompted", "is_automated", "is_found_by_program")}
    return StatementRow(**{**dict(row), **times, **flags})

"""Recording decisions. Called by the action that decides, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from community.core.clock import now
from community.core.db import execute
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.four_eyes import demand_second_person
from community.decisions.models import LogEntry, Release
from community.decisions.work import forget_worker


async def log(
    act: str, subject: str, *, by: Viewer, reason: str, space_id: int | None = None, **details: Any
) -> None:
    """Add an entry to the moderation log. `details` hold ids and states, never texts or identities."""
    await insert(
        LogEntry,
        at=now(),
        actor_id=by.id,
        actor_name=by.nickname,
        act=act,
        subject=subject,
        space_id=space_id,
        reason=reason.strip()[:1000],
        details=details,
    )


async def log_for_nobody(act: str, subject: str, *, reason: str = "") -> None:
    """Add an entry that names nobody who acted: a nickname beside it would tell who somebody is."""
    await insert(
        LogEntry,
        at=now(),
        actor_id=None,
        actor_name="",
        act=act,
        subject=subject,
        space_id=None,
        reason=reason.strip()[:1000],
        details={},
    )


async def record_release(
    subject: str, version: int, *, drafted_by: int | None, by: Viewer, writers: Collection[int] = ()
) -> None:
    """A second person's yes to version `version` of `subject`; refused for whoever drafted it or wrote into it."""
    await demand_second_person(by, {*writers, drafted_by} - {None} if drafted_by is not None else ())
    await insert(
        Release, subject=subject, version=version, drafted_by=drafted_by, released_by=by.id, released_at=now()
    )


async def forget_actor(member_id: int) -> None:
    """The log keeps what was decided, and the number by which two persons are told apart; not their name.

    Reasons about the member themself are forgotten too, and what they were on is free. For the erasure of a member,
    in its transaction.
    """
    await forget_worker(member_id)
    await execute("UPDATE moderation_log SET actor_name = '' WHERE actor_id = :id", {"id": member_id})
    await execute(
        "UPDATE moderation_log SET reason = '' WHERE subject = :subject", {"subject": f"member:{member_id}"}
    )

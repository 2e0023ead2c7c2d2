"""Recording decisions. Called by the action that decides, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from community.core.clock import now
from community.core.db import before_commit, execute, execute_returning, in_transaction
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.batches import note_in_batch
from community.decisions.chain import digest, link_entries, new_salt
from community.decisions.four_eyes import demand_second_person
from community.decisions.models import Release
from community.decisions.work import forget_worker

FORGET_NAMES = "forget_names"
"""The act that says that a member's name, and the reasons about them, were forgotten: `check` looks for it."""
REWRITE_REASON = "rewrite_reason"
"""The act that says that a name was taken out of the reason of an entry."""


async def log(
    act: str, subject: str, *, by: Viewer, reason: str, space_id: int | None = None, **details: Any
) -> int:
    """Add an entry to the moderation log; its id. `details` hold ids and states, never texts or identities."""
    return await _write(act, subject, by.id, by.nickname, reason, space_id, details)


async def log_for_nobody(act: str, subject: str, *, reason: str = "", **details: Any) -> int:
    """Add an entry that names nobody who acted: a nickname beside it would tell who somebody is."""
    return await _write(act, subject, None, "", reason, None, details)


async def _write(
    act: str,
    subject: str,
    actor_id: int | None,
    actor_name: str,
    reason: str,
    space_id: int | None,
    details: dict[str, Any],
) -> int:
    async with in_transaction("default"):
        written = await execute_returning(
            """INSERT INTO moderation_log
            (at, actor_id, actor_name, act, subject, space_id, reason, details, name_salt, reason_salt)
            VALUES (:at, :actor_id, :actor_name, :act, :subject, :space_id, :reason, :details, :salt, :salt_too)
            RETURNING id""",
            {
                "at": now(),
                "actor_id": actor_id,
                "actor_name": actor_name,
                "act": act,
                "subject": subject,
                "space_id": space_id,
                "reason": reason.strip()[:1000],
                "details": details,
                "salt": new_salt(),
                "salt_too": new_salt(),
            },
        )
        entry_id = int(written[0]["id"])
        if "batch" in details:
            await note_in_batch(details["batch"], entry_id)
        before_commit(link_entries, entry_id)
    return entry_id


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
    names = await execute(
        "UPDATE moderation_log SET actor_name = '', name_salt = '' WHERE actor_id = :id AND actor_name <> ''",
        {"id": member_id},
    )
    reasons = await execute(
        "UPDATE moderation_log SET reason = '', reason_salt = '' WHERE subject = :subject AND reason <> ''",
        {"subject": f"member:{member_id}"},
    )
    if names or reasons:
        await log_for_nobody(FORGET_NAMES, f"member:{member_id}")


async def rewrite_reason(entry_id: int, *, old: str, new: str) -> bool:
    """Take a name out of the reason of an entry, and write down that it was done; whether it still read `old`."""
    salt = new_salt()
    async with in_transaction("default"):
        written = await execute(
            "UPDATE moderation_log SET reason = :new, reason_salt = :salt WHERE id = :id AND reason = :old",
            {"new": new, "salt": salt, "id": entry_id, "old": old},
        )
        if written:
            await log_for_nobody(REWRITE_REASON, f"log:{entry_id}", digest=digest(salt, new))
    return bool(written)

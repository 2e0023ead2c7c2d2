"""Log-ins under way: kept on the server for some minutes, bound to one browser, good for nothing by themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from community.accounts.models import LogInStep
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch_one, random_id
from community.core.rows import insert
from community.core.vault_keys import token_hash

LASTS = timedelta(minutes=10)


class Purpose(StrEnum):
    CODE = "code"
    """The first factor was shown, the second is missing."""
    SET_UP = "set-up"
    """The same, for whoever must have a second factor and has none."""
    PASSKEY = "passkey"
    """Nobody has said yet who they are; a passkey will."""
    NEW_PASSKEY = "new-passkey"
    """A member makes a passkey."""


class Way(StrEnum):
    """How a log-in begins."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single-sign-on"


@dataclass(frozen=True, slots=True)
class Step:
    id: int
    account_id: int | None
    purpose: str
    way: str
    challenge: str


async def begin_step(purpose: Purpose, account_id: int | None = None, *, way: Way | None = None) -> str:
    """Write the step down; the token that its browser is given."""
    token, moment = secrets.token_urlsafe(32), now()
    await insert(
        LogInStep,
        id=random_id(),
        token_hash=token_hash(token),
        account_id=account_id,
        purpose=str(purpose),
        way=str(way or ""),
        challenge=secrets.token_urlsafe(32),
        created_at=moment,
        expires_at=moment + LASTS,
    )
    return token


async def find_step(token: str, purpose: Purpose) -> Step | None:
    """The step that this browser is in, if it is this one and not too old."""
    row = await fetch_one(
        """SELECT id, account_id, purpose, way, challenge FROM vault_log_in_steps
        WHERE token_hash = :hash AND purpose = :purpose AND expires_at > :now""",
        {"hash": token_hash(token), "purpose": str(purpose), "now": now()},
    )
    return Step(**row) if row else None


async def end_step(step: Step) -> bool:
    """Whether the step was still there: of two who end it at once one goes on."""
    return bool(
        await execute_returning(
            "DELETE FROM vault_log_in_steps WHERE id = :id RETURNING id",
            {"id": step.id},
        )
    )


async def void_steps(account_id: int) -> None:
    """Break off every log-in of the account that is under way."""
    await execute("DELETE FROM vault_log_in_steps WHERE account_id = :account", {"account": account_id})


async def forget_ended_steps() -> None:
    await execute("DELETE FROM vault_log_in_steps WHERE expires_at < :now", {"now": now()})

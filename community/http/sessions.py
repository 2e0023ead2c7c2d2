"""Log-ins kept on the server: the cookie is a random token, the table holds only its hash.

A session ends by itself after a time without use and after a fixed time; sooner for staff.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from community.accounts.models import Account, Session
from community.accounts.second_factors import is_compulsory_for
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, random_id
from community.core.rows import insert
from community.sanctions.queries import SHUT_OUT, Exclusion, find_exclusion
from community.settings import settings
from community.spaces.queries import VIEWER_COLUMNS

IDLE = timedelta(days=3)
LONGEST = timedelta(days=14)
STAFF_IDLE = timedelta(hours=2)
STAFF_LONGEST = timedelta(hours=12)
EVENT_STREAM = "text/event-stream"
SEEN_EVERY = timedelta(minutes=5)
"""How often the time of last use is written; a write on every page would cost more than the page."""


_SESSION = f"""
SELECT s.id AS session_id, s.seen_at, s.expires_at, s.second_factor, {VIEWER_COLUMNS}
FROM vault_sessions s JOIN members m ON m.id = s.member_id
WHERE s.token_hash = :token_hash AND m.erased_at IS NULL
"""  # noqa: S608 - constants


class ShutOut(Exception):  # noqa: N818 - it is an answer, not a failure
    """Somebody has proved who they are and is suspended or banned."""

    def __init__(self, exclusion: Exclusion) -> None:
        super().__init__(exclusion.kind)
        self.exclusion = exclusion


def cookie_name() -> str:
    """The `__Host-` prefix binds the cookie to this host and to https; browsers refuse it on plain http."""
    return "__Host-session" if settings.is_https else "session"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def session_hash(connection: HTTPConnection) -> str:
    """By which the session of this very request is recognised."""
    return _hash(connection.cookies.get(cookie_name(), ""))


def number_of(connection: HTTPConnection, purpose: str) -> int:
    """A number that belongs to this log-in and this purpose, made from the cookie's token.

    The token itself is not kept on the server, so nobody can tell from the number whose log-in it is. 0 for guests.
    """
    token = connection.cookies.get(cookie_name(), "")
    if not token:
        return 0
    return int.from_bytes(hmac.digest(token.encode(), purpose.encode(), "sha256")[:8]) >> 11


async def start_session(
    response: Response,
    account: Account,
    *,
    is_staff: bool,
    device: str,
    way: str = "",
    second_factor: str = "",
) -> str:
    """Log in: a new session with a new token, set as cookie on `response`. The hash of the token.

    Raises ShutOut, so no way to log in leads past a suspension or a ban, and only whoever has shown all that the
    account asks for learns of it.
    """
    exclusion = await find_exclusion(account.member_id)
    if exclusion is not None:
        raise ShutOut(exclusion)
    token = secrets.token_urlsafe(32)
    moment = now()
    longest = STAFF_LONGEST if is_staff else LONGEST
    await insert(
        Session,
        id=random_id(),
        token_hash=_hash(token),
        account_id=account.id,
        member_id=account.member_id,
        created_at=moment,
        seen_at=moment,
        expires_at=moment + longest,
        device=device[:60],
        way=way,
        second_factor=second_factor,
    )
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(longest.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return _hash(token)


async def find_member(connection: HTTPConnection) -> Row | None:
    """The member who is logged in on this connection, with `VIEWER_COLUMNS`; None for a guest."""
    token = connection.cookies.get(cookie_name())
    if not token or len(token) > 100:
        return None
    moment = now()
    row = await fetch_one(_SESSION, {"token_hash": _hash(token), "now": moment})
    if row is None or row["sanctioned"] == SHUT_OUT:
        return None
    seen_at, expires_at = as_time(row["seen_at"]), as_time(row["expires_at"])
    idle = IDLE if row["role"] == "customer" else STAFF_IDLE
    if seen_at is None or expires_at is None or moment >= expires_at or moment - seen_at > idle:
        return None
    # From before the setting, or made by whatever forgot it: staff are nobody without what they must show.
    if not row["second_factor"] and is_compulsory_for(row["role"]):
        return None
    if moment - seen_at > SEEN_EVERY and _is_visit(connection):
        await execute(
            "UPDATE vault_sessions SET seen_at = :seen_at WHERE id = :id",
            {"seen_at": moment, "id": row["session_id"]},
        )
    return row


def _is_visit(connection: HTTPConnection) -> bool:
    """Not a prefetch, and not the stream of news: a page that is left open must not keep anybody logged in."""
    headers = connection.headers
    return "prefetch" not in headers.get("sec-purpose", "") and EVENT_STREAM not in headers.get("accept", "")


async def list_living(hashes: Collection[str]) -> dict[str, bool]:
    """Which of these sessions (by hash of their token) nobody has ended."""
    rows = await fetch(
        "SELECT token_hash FROM vault_sessions WHERE token_hash IN (:hashes)", {"hashes": list(hashes)}
    )
    return {row["token_hash"]: True for row in rows}


async def end_session(connection: HTTPConnection, response: Response) -> None:
    """Log out: this session only."""
    token = connection.cookies.get(cookie_name(), "")
    await execute("DELETE FROM vault_sessions WHERE token_hash = :hash", {"hash": _hash(token)})
    response.delete_cookie(cookie_name(), path="/", secure=settings.is_https, httponly=True, samesite="lax")


async def end_other_sessions(connection: HTTPConnection, account_id: int) -> None:
    """End every session of the account but this one, as after a change of password."""
    token = connection.cookies.get(cookie_name(), "")
    await execute(
        "DELETE FROM vault_sessions WHERE account_id = :account_id AND token_hash <> :hash",
        {"account_id": account_id, "hash": _hash(token)},
    )


async def end_sessions_of_member(member_id: int) -> None:
    """End every session of a member whose role has changed: the next log-in lasts as long as the new role may."""
    await execute("DELETE FROM vault_sessions WHERE member_id = :member_id", {"member_id": member_id})


async def forget_ended_sessions() -> None:
    """Remove sessions that nobody can use any more."""
    await execute("DELETE FROM vault_sessions WHERE expires_at < :now", {"now": now()})

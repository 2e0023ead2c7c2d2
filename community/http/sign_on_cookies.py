"""What a browser carries on its way to the log-in provider and back.

The trip is sealed, so that nobody reads or forges it, and bound to the browser by being its cookie. What the provider
said stays on the server (`accounts.sign_ons`); the browser holds the number that finds it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict

from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import Response

from community.http.oidc import Trip
from community.http.sessions import session_hash
from community.settings import settings

TRIP_LASTS = 900
"""Seconds for logging in at the provider."""
PROOF_LASTS = 600
"""Seconds for which a proof that somebody is themself is good."""
LONGEST_COOKIE = 4_000


def keep_trip(response: Response, trip: Trip) -> None:
    """Give it to the browser; one that was begun before is replaced."""
    _set(response, "sign-on", _seal(json.dumps(asdict(trip))), TRIP_LASTS)


def find_trip(request: Request) -> Trip | None:
    """The trip of this browser; None where there is none, it is too old, or somebody changed it."""
    try:
        return Trip(**json.loads(_unseal(request, "sign-on", TRIP_LASTS)))
    except (ValueError, TypeError):
        return None


def end_trip(response: Response) -> None:
    _delete(response, "sign-on")


def keep_arrival(response: Response, token: str, seconds: int) -> None:
    _set(response, "arrival", token, seconds)


def arrival_token(request: Request) -> str:
    """The number of what the provider said to this browser; empty for most."""
    return request.cookies.get(_name("arrival"), "")[:100]


def keep_proof(request: Request, response: Response) -> None:
    """Remember for some minutes that whoever holds this session has just proved at the provider who they are."""
    _set(response, "proof", _seal(f"proof {session_hash(request)}"), PROOF_LASTS)


def has_proof(request: Request) -> bool:
    """Whether the owner of this very session has proved who they are within the last minutes."""
    return _unseal(request, "proof", PROOF_LASTS) == f"proof {session_hash(request)}"


def end_arrival(response: Response) -> None:
    _delete(response, "arrival")


def _box() -> Fernet:
    key = hashlib.sha256(b"sign-on trip\x1f" + settings.secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _seal(text: str) -> str:
    # Without the filling at the end: a cookie with "=" in it is quoted by some and not unquoted by others.
    return _box().encrypt(text.encode()).decode().rstrip("=")


def _unseal(request: Request, name: str, seconds: int) -> str:
    """What the cookie of this name holds; empty where it was not sealed here, or too long ago."""
    sealed = request.cookies.get(_name(name), "")
    if not sealed or len(sealed) > LONGEST_COOKIE:
        return ""
    try:
        return _box().decrypt(sealed + "=" * (-len(sealed) % 4), ttl=seconds).decode()
    except (InvalidToken, ValueError):
        return ""


def _name(name: str) -> str:
    return f"__Host-{name}" if settings.is_https else name


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    # "Lax", because the way back begins on the provider's page.
    response.set_cookie(
        _name(name),
        value,
        max_age=seconds,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def _delete(response: Response, name: str) -> None:
    response.delete_cookie(_name(name), path="/", secure=settings.is_https, httponly=True, samesite="lax")

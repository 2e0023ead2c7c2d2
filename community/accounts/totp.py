"""Codes of authenticator apps: RFC 6238 as all apps know it, with six digits, half minutes and SHA-1."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20
TOLERATED_STEPS = 1
"""A clock may be this far off; more would only help those who guess."""

_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret as people can type it into an app: base32 without padding."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one half minute, counted since 1970."""
    # Apps know no other hash; as a keyed one SHA-1 is sound.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS).generate(step * STEP_SECONDS).decode()  # noqa: S303 - as RFC 6238 and all apps want it


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def as_code(typed: str) -> str:
    """What was typed without its spaces, if that is a code: six ASCII digits and nothing that looks like them."""
    code = "".join(typed.split())
    return code if _CODE.fullmatch(code) else ""


def matching_step(secret: str, typed: str, moment: datetime) -> int | None:
    """The half minute that the code belongs to, the present one or a neighbour; None for a wrong code."""
    code, present, found = as_code(typed), step_of(moment), None
    if not code:
        return None
    for step in range(present - TOLERATED_STEPS, present + TOLERATED_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


def uri(secret: str, issuer: str) -> str:
    """What the picture says to the app. It names the site and no nickname: phones are backed up by employers."""
    values = {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(issuer)}?{urlencode(values, quote_via=quote)}"

"""Who may try how often: log-ins, registrations, links by mail. Counted for all processes together.

A stranger must not guess a password, and must not lock somebody out either. So wrong passwords are counted

- for the address of the net they come from,
- for account and address of the net together, so that one stranger alone never uses up what an account has,
- for the account, from everywhere: many strangers together can use this up, but not for a browser in which
  its owner was logged in before (`KNOWN_BROWSER`), and choosing a new password by mail makes a browser known.

The second factor is counted in the same way, by limits of its own: whoever gets that far knows the password. For
these a browser is known only after a whole log-in.

An account is meant by the address typed, whether or not there is one: nobody learns from a limit what exists.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from community.core.limits import (
    ATTRIBUTE_IMPORTS,
    CODES_AFTER_NEW_PASSWORD,
    CODES_FROM_KNOWN_BROWSER,
    CODES_FROM_ONE_ADDRESS,
    CODES_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT,
    CODES_TO_ONE_ACCOUNT,
    COMPANY_CODES,
    CONFIRMATIONS,
    CONSENTS,
    DOWNLOADS,
    GROUP_INVITATIONS,
    GROUP_INVITATIONS_TO_ONE,
    INVITATIONS,
    JOIN_REQUESTS,
    LINKS,
    NOTICES,
    OFFBOARDINGS,
    OFFBOARDINGS_AT_ONCE,
    OWN_PASSWORD,
    PASSKEYS,
    REGISTRATIONS,
    REVEALS,
    SEGMENT_PREVIEWS,
    SIGN_ON_ANSWERS,
    SIGN_ONS,
)
from community.core.limits import LOG_IN_FROM_KNOWN_BROWSER as FROM_KNOWN_BROWSER
from community.core.limits import LOG_IN_FROM_ONE_ADDRESS as FROM_ONE_ADDRESS
from community.core.limits import LOG_IN_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT as FROM_ONE_ADDRESS_TO_ONE_ACCOUNT
from community.core.limits import LOG_IN_TO_ONE_ACCOUNT as TO_ONE_ACCOUNT
from community.core.rate_limits import Limit
from community.core.vault_keys import normalised_address
from community.http.security import address_block, client_address
from community.settings import settings

__all__ = [
    "ATTRIBUTE_IMPORTS",
    "COMPANY_CODES",
    "CONFIRMATIONS",
    "CONSENTS",
    "DOWNLOADS",
    "GROUP_INVITATIONS",
    "GROUP_INVITATIONS_TO_ONE",
    "INVITATIONS",
    "JOIN_REQUESTS",
    "LINKS",
    "NOTICES",
    "OFFBOARDINGS",
    "OFFBOARDINGS_AT_ONCE",
    "OWN_PASSWORD",
    "PASSKEYS",
    "REGISTRATIONS",
    "REVEALS",
    "SEGMENT_PREVIEWS",
    "SIGN_ON_ANSWERS",
    "Known",
    "code_try",
    "log_in_try",
    "place_of",
    "remember_browser",
    "sign_on_try",
]

KNOWN_BROWSER = "known"
KNOWN_FOR = timedelta(days=365)


class Known(StrEnum):
    """What was proved in a browser that an account knows."""

    LOGGED_IN = "logged in"
    """All that the account asks for."""
    NEW_PASSWORD = "new password"  # noqa: S105 - the name of a way
    """That its owner's mail can be read there. It is no second factor, and opens no way to guess one."""


def place_of(request: Request) -> str:
    """What stands for the address of the net that a request came from."""
    return address_block(client_address(request.scope, trusted_proxies=settings.trusted_proxies))


@asynccontextmanager
async def log_in_try(request: Request, mail: str) -> AsyncIterator[_Try]:
    """A try to log in. It counts unless `succeeded` is called. Raises `core.rate_limits.TooMany`."""
    account, place = normalised_address(mail), place_of(request)
    browser = _known_browser(request, account, *Known)
    counted: list[tuple[Limit, tuple[str, ...]]]
    if browser:
        counted = [(FROM_KNOWN_BROWSER, (account, browser))]
    else:
        counted = [
            (FROM_ONE_ADDRESS, (place,)),
            (FROM_ONE_ADDRESS_TO_ONE_ACCOUNT, (account, place)),
            (TO_ONE_ACCOUNT, (account,)),
        ]
    async with _counting(counted) as one:
        yield one


@asynccontextmanager
async def code_try(request: Request, mail: str) -> AsyncIterator[_Try]:
    """The same for the second factor of the account with this address, after its password was right."""
    account, place = normalised_address(mail), place_of(request)
    browser = _known_browser(request, account, Known.LOGGED_IN)
    counted: list[tuple[Limit, tuple[str, ...]]]
    if browser:
        counted = [(CODES_FROM_KNOWN_BROWSER, (account, browser))]
    elif _known_browser(request, account, Known.NEW_PASSWORD):
        counted = [(CODES_AFTER_NEW_PASSWORD, (account,))]
    else:
        counted = [
            (CODES_FROM_ONE_ADDRESS, (place,)),
            (CODES_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT, (account, place)),
            (CODES_TO_ONE_ACCOUNT, (account,)),
        ]
    async with _counting(counted) as one:
        yield one


@asynccontextmanager
async def sign_on_try(request: Request, *purpose: str) -> AsyncIterator[_Try]:
    """Something that comes from the log-in provider. What is believed does not count: a whole company arrives from
    one address of the net, and so do all the provider's orders to log somebody out. Raises TooMany."""
    async with _counting([(SIGN_ONS, (*purpose, place_of(request)))]) as one:
        yield one


@asynccontextmanager
async def _counting(counted: Sequence[tuple[Limit, tuple[str, ...]]]) -> AsyncIterator[_Try]:
    for limit, whom in counted:
        await limit.take(*whom)
    one = _Try()
    yield one
    if one.has_succeeded:
        for limit, whom in counted:
            await limit.give_back(*whom)


class _Try:
    def __init__(self) -> None:
        self.has_succeeded = False

    def succeeded(self) -> None:
        self.has_succeeded = True


def remember_browser(response: Response, mail: str, how: Known) -> None:
    """Let this browser be known to the account of `mail`, by what was proved in it."""
    nonce = secrets.token_urlsafe(16)
    response.set_cookie(
        KNOWN_BROWSER,
        f"{nonce}.{_seal(how, nonce, normalised_address(mail))}",
        max_age=int(KNOWN_FOR.total_seconds()),
        path="/log-in",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


def _known_browser(request: Request, account: str, *ways: Known) -> str:
    """The number of a browser that is known to this account in one of these ways; empty for every other one."""
    nonce, _dot, seal = request.cookies.get(KNOWN_BROWSER, "")[:200].partition(".")
    is_known = any(hmac.compare_digest(seal.encode(), _seal(how, nonce, account).encode()) for how in ways)
    return nonce if nonce and is_known else ""


def _seal(how: Known, nonce: str, account: str) -> str:
    said = f"known browser\x1f{how}\x1f{nonce}\x1f{account}"
    return hmac.new(settings.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()

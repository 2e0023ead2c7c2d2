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

from community.core.rate_limits import Limit
from community.core.vault_keys import normalised_address
from community.http.security import address_block, client_address
from community.settings import settings

FROM_ONE_ADDRESS = Limit("log in: address", 30, timedelta(minutes=5))
FROM_ONE_ADDRESS_TO_ONE_ACCOUNT = Limit("log in: account and address", 10, timedelta(minutes=15))
TO_ONE_ACCOUNT = Limit("log in: account", 100, timedelta(hours=1))
FROM_KNOWN_BROWSER = Limit("log in: known browser", 10, timedelta(minutes=5))
CODES_FROM_ONE_ADDRESS = Limit("code: address", 30, timedelta(hours=1))
CODES_FROM_ONE_ADDRESS_TO_ONE_ACCOUNT = Limit("code: account and address", 5, timedelta(minutes=5))
CODES_TO_ONE_ACCOUNT = Limit("code: account", 30, timedelta(days=1))
"""Of a million codes three are right at a time: whoever has the password guesses for decades."""
CODES_FROM_KNOWN_BROWSER = Limit("code: known browser", 10, timedelta(minutes=5))
CODES_AFTER_NEW_PASSWORD = Limit("code: new password", 30, timedelta(days=1))
"""For the account, from all browsers together that chose a new password by mail: whoever reads the mail of somebody
guesses no faster than others, and whoever knew the old password does not keep its owner out."""
PASSKEYS = Limit("passkey", 60, timedelta(minutes=5))
OWN_PASSWORD = Limit("own password", 10, timedelta(minutes=15))
SIGN_ONS = Limit("log in: provider", 30, timedelta(minutes=5))
SIGN_ON_ANSWERS = Limit("log in: answer of the provider", 1, timedelta(minutes=20))
"""Each way to the provider and back is good for one log-in, and orders to log somebody out for one log-out."""
REVEALS = Limit("reveal", 20, timedelta(days=1))
DOWNLOADS = Limit("download of one's data", 6, timedelta(days=1))
CONFIRMATIONS = Limit("confirm an address again", 6, timedelta(hours=1))
CONSENTS = Limit("consent", 12, timedelta(hours=1))
COMPANY_CODES = Limit("company code", 10, timedelta(hours=1))
INVITATIONS = Limit("invitation", 60, timedelta(hours=1))
OFFBOARDINGS = Limit("off-boarding", 60, timedelta(hours=1))
OFFBOARDINGS_AT_ONCE = Limit("off-boarding at once", 5, timedelta(days=1))
GROUP_INVITATIONS = Limit("invite into groups", 60, timedelta(days=1))
GROUP_INVITATIONS_TO_ONE = Limit("invite one into a group", 3, timedelta(days=30))
"""Of one group to one nickname or address, whoever invites: no means no."""
JOIN_REQUESTS = Limit("ask to join a group", 10, timedelta(days=1))
SEGMENT_PREVIEWS = Limit("segment preview", 30, timedelta(days=1))
ATTRIBUTE_IMPORTS = Limit("attribute import", 60, timedelta(hours=1))
NOTICES = Limit("notice", 10, timedelta(hours=1))
"""Reports of one address of the net, or of one member."""
REGISTRATIONS = Limit("register", 30, timedelta(hours=1))
LINKS = Limit("forgotten password", 30, timedelta(hours=1))
"""Of one address of the net; mails to one mail address are counted apart (`accounts.mails`)."""

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

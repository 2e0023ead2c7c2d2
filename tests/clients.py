"""Browsers for tests: they speak to the application in this process, so it sees the test's transaction."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import httpx2
from starlette.types import ASGIApp

from community.accounts.models import Account, Session
from community.core.clock import now
from community.http.sessions import cookie_name
from community.members.models import Member
from tests.factories import make_account

BASE_URL = "http://127.0.0.1:8000"


def browser(app: ASGIApp, address: str = "127.0.0.1") -> httpx2.AsyncClient:
    """A guest's browser: follows no redirects, prefers English, and comes from our own pages."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, client=(address, 50_000)),
        base_url=BASE_URL,
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
    )


async def log_in(client: httpx2.AsyncClient, member: Member) -> httpx2.AsyncClient:
    """Give the browser a session of this member, as a log-in would; an account is made if need be."""
    account = await Account.get_or_none(member_id=member.id) or await make_account(member)
    token, moment = secrets.token_urlsafe(32), now()
    await Session.create(
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        account_id=account.id,
        member_id=member.id,
        created_at=moment,
        seen_at=moment,
        expires_at=moment + timedelta(hours=1),
        device="Firefox, Linux",
    )
    client.cookies.set(cookie_name(), token)
    return client

"""For load balancers, process managers, and whoever has found a weakness. Nothing here is about people or texts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from community.core.clock import now
from community.core.db import fetch
from community.settings import settings

VALID = timedelta(days=180)
"""A statement older than a year is not believed (RFC 9116); this one is made anew whenever it is asked for."""


async def alive(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def ready(request: Request) -> Response:
    """Requests can be served: the database answers within a second, and its tables are there.

    The search engine and the mail server are not asked: without them the site still works.
    """
    try:
        async with asyncio.timeout(1):
            await fetch("SELECT value FROM site_stamp WHERE id = 1", {})
    except Exception:  # whatever the driver raises, the answer is the same
        return PlainTextResponse(
            "not ready\n", 503, headers={"Cache-Control": "no-store", "Retry-After": "5"}
        )
    return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})


async def show_security_contact(request: Request) -> Response:
    """Where to report a weakness (RFC 9116). A site that names no contact has no such file."""
    if not settings.security_contact:
        raise HTTPException(404)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {(now() + VALID).date().isoformat()}T00:00:00Z",
        "Preferred-Languages: de, en",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=3600"})

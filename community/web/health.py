"""For load balancers and process managers. The answers name nothing and count nothing."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from community.core.db import fetch


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

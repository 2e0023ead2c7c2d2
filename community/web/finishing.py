"""The end of every way to log in, whatever proved who somebody is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.actions import LoggedIn
from community.accounts.devices import device_family
from community.http import sessions
from community.web.pages import redirect


async def finish_log_in(request: Request, proved: LoggedIn, wanted: str) -> Response:
    """Start the session of whoever has proved who they are, and lead on to `wanted`, a path of this site."""
    response = redirect(wanted, notice="logged-in")
    if sessions.cookie_name() in request.cookies:
        # Whoever was logged in here before, or planted this cookie, is not any more.
        await sessions.end_session(request, response)
    await sessions.start_session(
        response,
        proved.account,
        is_staff=proved.is_staff,
        device=device_family(request.headers.get("user-agent", "")),
    )
    return response

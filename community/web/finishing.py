"""The end of every way to log in, whatever proved who somebody is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.actions import LoggedIn
from community.accounts.devices import device_family
from community.accounts.single_sign_on import note_session
from community.http import sessions
from community.web.pages import redirect


async def finish_log_in(request: Request, proved: LoggedIn, wanted: str, *, arrival: str = "") -> Response:
    """Start the session of whoever has proved who they are, and lead on to `wanted`, a path of this site.

    `arrival` is the token of what the log-in provider said, where somebody came from there.
    """
    response = redirect(wanted, notice="logged-in")
    if sessions.cookie_name() in request.cookies:
        # Whoever was logged in here before, or planted this cookie, is not any more.
        await sessions.end_session(request, response)
    session_hash = await sessions.start_session(
        response,
        proved.account,
        is_staff=proved.is_staff,
        device=device_family(request.headers.get("user-agent", "")),
    )
    if arrival:
        await note_session(arrival, session_hash)
    return response

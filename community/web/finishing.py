"""The end of every way to log in, whatever proved who somebody is."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.actions import LoggedIn
from community.accounts.devices import device_family
from community.accounts.log_in_steps import Purpose, Way
from community.accounts.queries import get_own_account
from community.accounts.second_factors import has_factor, is_compulsory_for, offer_app
from community.accounts.single_sign_on import note_session
from community.http import log_in_steps, sessions, sign_on_cookies, tries
from community.web.pages import redirect


async def finish_log_in(request: Request, proved: LoggedIn, wanted: str, *, arrival: str = "") -> Response:
    """After the first proof: the session, or first the second factor that the account has or must have.

    `wanted` is a path of this site. `arrival` is the token of what the log-in provider said, where somebody came
    from there. Without the second factor there is no session at all, so nothing has to ask whether one was shown.
    """
    account_id, way = proved.account.id, Way.SINGLE_SIGN_ON if arrival else Way.PASSWORD
    if await has_factor(account_id):
        return await _go_on(Purpose.CODE, "/log-in/code", account_id, wanted, way)
    if is_compulsory_for(proved.role):
        await offer_app(account_id)
        return await _go_on(Purpose.SET_UP, "/log-in/set-up", account_id, wanted, way)
    response = redirect(wanted, notice="logged-in")
    await let_in(request, response, proved, way=way, arrival=arrival)
    return response


async def _go_on(purpose: Purpose, path: str, account_id: int, wanted: str, way: Way) -> Response:
    response = redirect(f"{path}?next={quote(wanted, safe='/')}")
    await log_in_steps.begin_step(response, purpose, account_id, way=way)
    return response


async def let_in(
    request: Request,
    response: Response,
    proved: LoggedIn,
    *,
    way: str,
    second_factor: str = "",
    arrival: str = "",
) -> None:
    """Start the session of whoever has proved all that this account asks for; its cookie goes onto `response`."""
    log_in_steps.forget_cookie(response)
    # Only now: whoever knows a password alone is no browser of its owner.
    mail = (await get_own_account(proved.account.member_id)).mail
    tries.remember_browser(response, mail, tries.Known.LOGGED_IN)
    if sessions.cookie_name() in request.cookies:
        # Whoever was logged in here before, or planted this cookie, is not any more.
        await sessions.end_session(request, response)
    session_hash = await sessions.start_session(
        response,
        proved.account,
        is_staff=proved.is_staff,
        device=device_family(request.headers.get("user-agent", "")),
        way=way,
        second_factor=second_factor,
    )
    if way == Way.SINGLE_SIGN_ON:
        # After a second step the browser still holds what it came from the provider with.
        await note_session(arrival or sign_on_cookies.arrival_token(request), session_hash)

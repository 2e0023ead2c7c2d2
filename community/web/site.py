"""Choices about the site itself that everybody has: language and colour mode."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import NotFound
from community.http.state import LANGUAGE_COOKIE, MODE_COOKIE
from community.members import actions
from community.settings import settings
from community.web.forms import read_form
from community.web.pages import redirect, safe_next, viewer_of

A_YEAR = 365 * 24 * 3600


async def choose_language(request: Request) -> Response:
    """Keep the language in a cookie, and for members with the member."""
    code = request.path_params["code"]
    if code not in i18n.languages():
        raise NotFound
    form = await read_form(request)
    viewer = viewer_of(request)
    if viewer.is_member:
        await actions.choose_language(viewer.id, code)
    return remember(redirect(safe_next(form.get("next"))), LANGUAGE_COOKIE, code)


async def choose_mode(request: Request) -> Response:
    """Keep light, dark or "as the system does" (empty)."""
    form = await read_form(request)
    mode = form.get("mode", "") if form.get("mode") in ("light", "dark") else ""
    viewer = viewer_of(request)
    if viewer.is_member:
        await actions.choose_mode(viewer.id, mode)
    return remember(redirect(safe_next(form.get("next"))), MODE_COOKIE, mode)


def remember(response: Response, cookie: str, value: str) -> Response:
    """Keep a choice in the browser for a year."""
    response.set_cookie(
        cookie, value, max_age=A_YEAR, path="/", httponly=True, samesite="lax", secure=settings.is_https
    )
    return response

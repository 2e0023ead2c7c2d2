"""Errors as pages in the reader's language. They say what one can do next, and nothing about what exists."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core.db import IntegrityError
from community.core.errors import Forbidden, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext
from community.core.passwords import TooBusy
from community.core.rate_limits import TooMany
from community.core.viewer import GUEST, Viewer
from community.http.acceptance import AcceptanceNeeded
from community.http.route import LogInNeeded
from community.http.sessions import ShutOut
from community.members.queries import list_profiles_by_ids
from community.web.accepting import ask_first
from community.web.merged import lead_on
from community.web.pages import Head, show
from community.web.shut_out import shut_out


@dataclass(frozen=True, slots=True)
class ErrorPage:
    status: int
    title: str
    text: str
    log_in_url: str = ""
    """Back to this very page; for guests who may have followed a link that a member sent them."""


async def not_found(request: Request, error: Exception) -> Response:
    moved = await lead_on(request, _viewer(request))
    if moved is not None:
        return moved
    title = _("There is nothing here")
    if request.method != "GET" or not _viewer(request).is_guest:
        text = _(
            "The page does not exist, or it is not open to you. Search may find what you are looking for."
        )
        return await _page(request, 404, title, text)
    text = _("The page does not exist, or only members can read it. If you are one, log in to see it.")
    return await _page(request, 404, title, text, log_in_url=_log_in_url(request))


async def forbidden(request: Request, error: Exception) -> Response:
    return await _page(
        request, 403, _("You cannot do this"), _("You may read this page, but not do this here.")
    )


async def rule_broken(request: Request, error: Exception) -> Response:
    return await _page(request, 409, _("This is not possible now"), str(error))


async def log_in_needed(request: Request, error: Exception) -> Response:
    """Members only: to the log-in, and back to where the guest wanted to go (not into a form that was sent)."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": "/log-in"})
    return RedirectResponse(_log_in_url(request), status_code=303)


def _log_in_url(request: Request) -> str:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/log-in?next={quote(wanted if request.method == 'GET' else '/', safe='/')}"


async def left_meanwhile(request: Request, error: Exception) -> Response:
    """The database refuses to write in the name of somebody who has had themselves erased at this very moment."""
    viewer = _viewer(request)
    if viewer.is_guest or await list_profiles_by_ids([viewer.id]):
        raise error
    return await log_in_needed(request, error)


async def http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: unknown paths, wrong methods, broken forms."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
    if error.status_code == 404:
        return await not_found(request, error)
    title, text = _refusal(error.status_code)
    response = await _page(request, error.status_code, title, text)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _refusal(status: int) -> tuple[str, str]:
    if status == 413:
        return (
            _("This is too much at once"),
            _(
                "Nothing was saved. Go back to find your text: it is still in your browser. Please shorten it."
            ),
        )
    return _("This request could not be understood"), _("Please go back, reload the page and try again.")


async def too_busy(request: Request, error: Exception) -> Response:
    response = await _page(
        request,
        503,
        _("Very many log-ins at the moment"),
        _("Please try again in a few seconds. Nothing is lost."),
    )
    response.headers["Retry-After"] = "5"
    return response


async def too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMany)  # noqa: S101 - registered for this type alone
    page = await _page(request, 429, _("Please wait a little"), sentence_about_waiting(error))
    return waiting(page, error)


def sentence_about_waiting(error: TooMany) -> str:
    """Why somebody is to wait, and for how long."""
    minutes = -(-error.seconds // 60)
    return ngettext(
        "That was tried very often. Please wait a minute, then try again.",
        "That was tried very often. Please wait %(count)d minutes, then try again.",
        minutes,
    ) % {"count": minutes}


def waiting(response: Response, error: TooMany) -> Response:
    """The response with the header that tells programs when to try again."""
    response.headers["Retry-After"] = str(error.seconds)
    return response


async def server_error(request: Request, error: Exception) -> Response:
    return await _page(
        request,
        500,
        _("Something went wrong on our side"),
        _("Please try again. What you have typed is still in your browser: go back to find it."),
    )


def _viewer(request: Request) -> Viewer:
    """A guest where the error came before anybody was recognised."""
    viewer: Viewer = request.scope.setdefault("state", {}).setdefault("viewer", GUEST)
    return viewer


async def _page(request: Request, status: int, title: str, text: str, *, log_in_url: str = "") -> Response:
    _viewer(request)
    request.scope["state"].setdefault("spaces", ())
    page = ErrorPage(status, title, text, log_in_url)
    return await show(request, "error.html", page, Head(robots="noindex"), status=status)


HANDLERS = {
    NotFound: not_found,
    Forbidden: forbidden,
    RuleBroken: rule_broken,
    LogInNeeded: log_in_needed,
    AcceptanceNeeded: ask_first,
    TooBusy: too_busy,
    TooMany: too_many,
    ShutOut: shut_out,
    HTTPException: http_error,
    IntegrityError: left_meanwhile,
    Exception: server_error,
}

"""Logging in and out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions
from community.accounts.demo_log_ins import list_demo_log_ins
from community.accounts.passkeys import are_possible
from community.accounts.single_sign_on import find_id_token
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.http import oidc, sessions, tries
from community.spaces.queries import view_of
from community.web.errors import sentence_about_waiting, waiting
from community.web.finishing import finish_log_in
from community.web.forms import read_form
from community.web.pages import redirect, safe_next, show, viewer_of
from community.web.parts import FormState
from community.web.registration import state_without_passwords, without_a_copy


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo community whom one can log in as."""

    nickname: str
    part: str
    """What this person is, in words."""
    mail: str
    password: str


@dataclass(frozen=True, slots=True)
class LogInPage:
    form: FormState
    next: str
    """Where the log-in leads; a path of this site."""
    demo_people: tuple[DemoPerson, ...]
    """Development only."""
    provider: str
    """What the log-in provider is called; empty where there is none."""
    provider_url: str
    has_passkeys: bool
    """Whether the site can have any; nobody is asked whose."""


@dataclass(frozen=True, slots=True)
class LoggedOutPage:
    """Logged out here; at the provider, where other sites may depend on it, only by one's own wish."""

    provider: str
    provider_url: str


async def show_log_in_form(request: Request) -> Response:
    wanted = safe_next(request.query_params.get("next"))
    if viewer_of(request).is_member:
        return redirect(wanted)
    return await _show_form(request, FormState(), wanted, status=200)


async def log_in(request: Request) -> Response:
    """Start a session. A wrong password, an unknown and an unconfirmed address get one and the same answer."""
    fields = await read_form(request)
    wanted = safe_next(fields.get("next"))
    mail = fields.get("mail", "").strip()
    try:
        async with tries.log_in_try(request, mail) as one_try:
            proved = await actions.log_in(mail, fields.get("password", ""))
            if proved is not None:
                one_try.succeeded()
    except TooMany as too_many:
        form = state_without_passwords(fields, {"mail": sentence_about_waiting(too_many)})
        return waiting(await _show_form(request, form, wanted, status=429), too_many)
    if proved is None:
        problem = _("Mail address and password do not fit together. Please check both.")
        return await _show_form(
            request, state_without_passwords(fields, {"mail": problem}), wanted, status=422
        )
    return await finish_log_in(request, proved, wanted)


async def log_out(request: Request) -> Response:
    """End this session. Who came through the log-in provider is told how to end the one there, too."""
    provider, session = oidc.provider(), sessions.session_hash(request)
    id_token = await find_id_token(session) if provider else None
    provider_url = await provider.log_out_url(id_token) if provider and id_token is not None else ""
    if provider and provider_url:
        page = LoggedOutPage(provider.choice.label, provider_url)
        request.state.viewer, request.state.spaces = await view_of(None)
        response = without_a_copy(await show(request, "accounts/logged_out.html", page))
    else:
        response = redirect("/", notice="logged-out")
    await sessions.end_session(request, response)
    # What was typed and not sent lies in the browser; others may use this machine next.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


async def _show_form(request: Request, form: FormState, wanted: str, *, status: int) -> Response:
    parts = _parts()
    people = tuple(
        DemoPerson(log_in.nickname, parts.get(log_in.part, log_in.part), log_in.mail, log_in.password)
        for log_in in list_demo_log_ins()
    )
    provider = oidc.provider()
    page = LogInPage(
        form,
        wanted,
        people,
        provider=provider.choice.label if provider else "",
        provider_url=f"/log-in/provider?next={quote(wanted, safe='')}",
        has_passkeys=are_possible(),
    )
    return await show(request, "accounts/log_in.html", page, status=status)


def _parts() -> dict[str, str]:
    return {
        "small": _("customer of a small company"),
        "large": _("customer of a large company"),
        "expert": _("expert"),
        "moderator": _("moderator"),
        "administrator": _("administrator"),
        "marketing": _("marketing"),
    }

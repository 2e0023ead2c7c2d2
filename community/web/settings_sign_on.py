"""Linking one's account with the log-in provider, and taking the link back."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import sign_ons
from community.accounts.queries import has_password
from community.core.errors import RuleBroken
from community.http import sign_on_cookies
from community.http.sessions import session_hash
from community.web.forms import read_form
from community.web.pages import redirect, show, viewer_of
from community.web.parts import FieldError, FilterLink, FormState
from community.web.proofs import OwnProof, own_proof, problem_with_proof
from community.web.registration import state_without_passwords
from community.web.settings import settings_tabs
from community.web.single_sign_on import provider

OWN_PAGE = "/settings/sign-on"


@dataclass(frozen=True, slots=True)
class SignOnPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    provider: str
    provider_url: str
    """Leads there, to log in with what is to be linked."""
    is_linked: bool
    is_waiting: bool
    """Whether this browser has just come from there, so that linking takes only the own yes."""
    waiting_mail: str
    """Whom the provider named; empty where it says no address."""
    has_password: bool
    """Without one, unlinking would leave no way in."""
    proof: OwnProof


async def show_sign_on(request: Request) -> Response:
    return await _show(request, FormState(), status=200)


async def link(request: Request) -> Response:
    """Open one's account to whom the provider named to this browser, after one's own proof."""
    fields = await read_form(request)
    problems = await problem_with_proof(request, fields)
    arrival = await sign_ons.find_arrival(sign_on_cookies.arrival_token(request))
    if arrival is None:
        return redirect(OWN_PAGE)
    if problems:
        return await _show(request, state_without_passwords(fields, problems), status=422)
    try:
        await sign_ons.link(viewer_of(request).id, arrival.vouched)
    except RuleBroken as problem:
        return await _show(request, FormState({}, (FieldError("", str(problem)),)), status=422)
    await sign_ons.end_arrival(arrival.id)
    response = redirect(OWN_PAGE, notice="saved")
    sign_on_cookies.end_arrival(response)
    return response


async def unlink(request: Request) -> Response:
    fields = await read_form(request)
    problems = await problem_with_proof(request, fields)
    if problems:
        return await _show(request, state_without_passwords(fields, problems), status=422)
    await sign_ons.unlink(viewer_of(request).id, kept_session=session_hash(request))
    return redirect(OWN_PAGE, notice="saved")


async def _show(request: Request, form: FormState, *, status: int) -> Response:
    viewer, label = viewer_of(request), provider().choice.label
    is_linked = await sign_ons.has_sign_on(viewer.id)
    arrival = await sign_ons.find_arrival(sign_on_cookies.arrival_token(request))
    page = SignOnPage(
        tabs=settings_tabs("sign-on"),
        form=form,
        provider=label,
        provider_url=f"/log-in/provider?for=link&next={OWN_PAGE}",
        is_linked=is_linked,
        is_waiting=arrival is not None and not is_linked,
        waiting_mail=arrival.vouched.mail if arrival else "",
        has_password=await has_password(viewer.id),
        proof=await own_proof(request, OWN_PAGE),
    )
    return await show(request, "settings/sign_on.html", page, status=status)

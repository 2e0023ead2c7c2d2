"""The second step of a log-in: the code of a second factor, or setting one up where there has to be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import second_factors
from community.accounts.actions import LoggedIn, find_logged_in
from community.accounts.log_in_steps import Purpose, Step, end_step
from community.accounts.queries import get_own_account
from community.accounts.second_factors import Proof
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.http import tries
from community.http.log_in_steps import find_step
from community.spaces.queries import load_viewer
from community.web.errors import sentence_about_waiting, waiting
from community.web.finishing import let_in
from community.web.forms import read_form
from community.web.pages import redirect, safe_next, show
from community.web.parts import FormState
from community.web.qr import QrCode
from community.web.registration import without_a_copy
from community.web.second_factors import app_offer, codeless, show_codes


@dataclass(frozen=True, slots=True)
class CodePage:
    form: FormState
    next: str
    has_app: bool
    passkey_url: str
    """Where a passkey takes the place of the code; empty: there is none."""
    with_recovery: bool
    """Whether a recovery code is asked for, which has letters."""
    other_url: str
    """The same page with the other kind of code."""


@dataclass(frozen=True, slots=True)
class SetUpPage:
    form: FormState
    next: str
    qr: QrCode
    secret: str
    """As it is typed where there is no camera."""


def begin_again(wanted: str) -> Response:
    """To the log-in: the step was too old, or not of this browser."""
    return redirect(f"/log-in?next={quote(wanted, safe='/')}", notice="log-in-again")


async def show_code_form(request: Request) -> Response:
    wanted = safe_next(request.query_params.get("next"))
    step = await find_step(request, Purpose.CODE)
    if step is None:
        return begin_again(wanted)
    with_recovery = request.query_params.get("with") == "recovery"
    factors = await second_factors.get_factors(step.account_id or 0)
    if factors.app_since is None and factors.passkeys and not with_recovery:
        return redirect(f"/log-in/code/passkey?next={quote(wanted, safe='/')}")
    return await _show_code_form(request, step, FormState(), wanted, with_recovery=with_recovery)


async def enter_code(request: Request) -> Response:
    fields = await read_form(request)
    wanted, with_recovery = safe_next(fields.get("next")), fields.get("with") == "recovery"
    step = await find_step(request, Purpose.CODE)
    proved = await find_logged_in(step.account_id) if step and step.account_id else None
    if step is None or proved is None:
        return begin_again(wanted)
    mail = (await get_own_account(proved.account.member_id)).mail
    try:
        async with tries.code_try(request, mail) as one_try:
            proof = await second_factors.check_code(proved.account.id, fields.get("code", ""))
            if proof is not None:
                one_try.succeeded()
    except TooMany as many:
        form = codeless("code", sentence_about_waiting(many))
        page = await _show_code_form(request, step, form, wanted, with_recovery=with_recovery, status=429)
        return waiting(page, many)
    if proof is None:
        form = codeless("code", _("This code is not right, or it was used already. Please use the next one."))
        return await _show_code_form(request, step, form, wanted, with_recovery=with_recovery, status=422)
    return await complete(request, step, proved, proof, wanted)


async def complete(request: Request, step: Step, proved: LoggedIn, proof: Proof, wanted: str) -> Response:
    """The session, once for each step."""
    if not await end_step(step):
        return begin_again(wanted)
    response = redirect(wanted, notice="logged-in")
    await let_in(request, response, proved, way=step.way, second_factor=proof)
    return response


async def _show_code_form(
    request: Request, step: Step, form: FormState, wanted: str, *, with_recovery: bool, status: int = 200
) -> Response:
    factors = await second_factors.get_factors(step.account_id or 0)
    has_app = factors.app_since is not None
    with_recovery = with_recovery or not has_app
    kind = "" if with_recovery else "&with=recovery"
    page = CodePage(
        form=form,
        next=wanted,
        has_app=has_app,
        passkey_url=f"/log-in/code/passkey?next={quote(wanted, safe='/')}" if factors.passkeys else "",
        with_recovery=with_recovery,
        other_url=f"/log-in/code?next={quote(wanted, safe='/')}{kind}" if has_app else "",
    )
    return without_a_copy(await show(request, "accounts/code.html", page, status=status))


# --- whoever must have a second factor and has none -------------------------------------------------------


async def show_set_up(request: Request) -> Response:
    wanted = safe_next(request.query_params.get("next"))
    step = await find_step(request, Purpose.SET_UP)
    secret = await second_factors.find_offer(step.account_id) if step and step.account_id else None
    if secret is None:
        return begin_again(wanted)
    return await _show_set_up(request, secret, FormState(), wanted)


async def set_up(request: Request) -> Response:
    """The first code of the new app finishes the log-in, and the recovery codes are shown."""
    fields: Mapping[str, str] = await read_form(request)
    wanted = safe_next(fields.get("next"))
    step = await find_step(request, Purpose.SET_UP)
    proved = await find_logged_in(step.account_id) if step and step.account_id else None
    secret = await second_factors.find_offer(proved.account.id) if proved else None
    if step is None or proved is None or secret is None:
        return begin_again(wanted)
    try:
        codes = await second_factors.confirm_app(
            proved.account.id, fields.get("code", ""), kept_session="", only_as_first=True
        )
    except RuleBroken:
        return begin_again(wanted)
    if codes is None:
        form = codeless("code", _("This code is not right. Please check the time of your phone, too."))
        return await _show_set_up(request, secret, form, wanted, status=422)
    request.state.viewer, request.state.spaces = await load_viewer(proved.account.member_id)
    response = await show_codes(request, codes, next_url=wanted)
    await let_in(request, response, proved, way=step.way, second_factor=Proof.APP)
    return response


async def _show_set_up(
    request: Request, secret: str, form: FormState, wanted: str, *, status: int = 200
) -> Response:
    page = SetUpPage(form, wanted, *app_offer(request, secret))
    return without_a_copy(await show(request, "accounts/set_up_factor.html", page, status=status))

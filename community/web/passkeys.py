"""Making, removing and using passkeys. The browser does it by script; everything else goes without."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import log_in_steps as steps
from community.accounts import passkeys, second_factors
from community.accounts.actions import find_logged_in
from community.accounts.log_in_steps import Purpose, Step, Way
from community.accounts.second_factors import Proof
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.http import tries
from community.http.log_in_steps import begin_step, find_step
from community.http.sessions import session_hash
from community.web.finishing import let_in
from community.web.forms import check_length, read_form
from community.web.log_in_code import begin_again, complete
from community.web.pages import path_id, redirect, safe_next, show, templates_of, viewer_of
from community.web.parts import FilterLink, FormState
from community.web.registration import without_a_copy
from community.web.second_factors import OVERVIEW, after_adding, codeless, problem_with_form, show_confirm
from community.web.settings import settings_tabs

MAKE = f"{OVERVIEW}/passkeys/make"


@dataclass(frozen=True, slots=True)
class MakePasskeyPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    options: str
    """What the browser is asked, as JSON."""


@dataclass(frozen=True, slots=True)
class PasskeyLogInPage:
    form: FormState
    next: str
    options: str
    action_url: str
    other_url: str
    """The way without a passkey."""


# --- settings ---------------------------------------------------------------------------------------------


async def show_new_form(request: Request, form: FormState | None = None) -> Response:
    if not passkeys.are_possible():
        raise NotFound
    return await show_confirm(
        request,
        title=_("Add a passkey"),
        text=_(
            "A passkey lies on your phone, your computer or a security key. It opens your account with a "
            "finger, a face or a PIN, and on this site alone."
        ),
        button=_("Go on"),
        form=form,
    )


async def begin_new(request: Request) -> Response:
    wrong = await problem_with_form(request, await read_form(request))
    if wrong or not passkeys.are_possible():
        return await show_new_form(request, wrong)
    account_id = await second_factors.account_id_of(viewer_of(request).id)
    await passkeys.prepare(account_id)
    response = redirect(MAKE)
    await begin_step(response, Purpose.NEW_PASSKEY, account_id)
    return response


async def show_make_form(request: Request) -> Response:
    step = await _own_step(request)
    return await _show_make_form(request, step, FormState(), 200) if step else redirect(OVERVIEW)


async def make_passkey(request: Request) -> Response:
    fields, step = await read_form(request), await _own_step(request)
    if step is None:
        return redirect(OVERVIEW)
    name = fields.get("name", "").strip()
    errors = check_length("name", name, least=1, most=passkeys.LONGEST_NAME)
    if errors:
        return await _show_make_form(request, step, FormState({"name": name}, tuple(errors)), 422)
    try:
        codes = await passkeys.add_passkey(
            step, fields.get("credential", ""), name=name, kept_session=session_hash(request)
        )
    except RuleBroken as broken:
        return await _show_make_form(request, step, codeless("", str(broken)), 422)
    return await after_adding(request, codes)


async def _own_step(request: Request) -> Step | None:
    """The step that this very member began: a cookie of somebody else's does not count."""
    step = await find_step(request, Purpose.NEW_PASSKEY)
    own = await second_factors.account_id_of(viewer_of(request).id)
    return step if step and step.account_id == own else None


async def _show_make_form(request: Request, step: Step, form: FormState, status: int) -> Response:
    options = await passkeys.options_for_new(step, site=templates_of(request).theme.site.name)
    page = MakePasskeyPage(settings_tabs("second-factor"), form, options)
    return without_a_copy(await show(request, "settings/passkey.html", page, status=status))


async def show_remove_form(request: Request, form: FormState | None = None) -> Response:
    return await show_confirm(
        request,
        title=_("Remove the passkey"),
        text=_("It opens nothing any more. All your other sessions are ended."),
        button=_("Remove"),
        form=form,
        is_danger=True,
    )


async def remove_passkey(request: Request) -> Response:
    viewer = viewer_of(request)
    wrong = await problem_with_form(request, await read_form(request))
    if wrong:
        return await show_remove_form(request, wrong)
    try:
        await passkeys.remove_passkey(
            await second_factors.account_id_of(viewer.id),
            path_id(request, "passkey_id"),
            role=viewer.role,
            kept_session=session_hash(request),
        )
    except RuleBroken as broken:
        return await show_remove_form(request, codeless("", str(broken)))
    return redirect(OVERVIEW, notice="second-factor-removed")


# --- logging in -------------------------------------------------------------------------------------------


async def begin_log_in(request: Request) -> Response:
    """The server makes what the passkey will sign: good once, for some minutes, in this browser."""
    wanted = safe_next((await read_form(request)).get("next"))
    await tries.PASSKEYS.take(tries.place_of(request))
    response = redirect(f"/log-in/passkey?next={quote(wanted, safe='/')}")
    await begin_step(response, Purpose.PASSKEY, way=Way.PASSKEY)
    return response


async def show_log_in(request: Request) -> Response:
    wanted = safe_next(request.query_params.get("next"))
    step = await find_step(request, Purpose.PASSKEY)
    return await _show_log_in(request, step, FormState(), wanted, 200) if step else begin_again(wanted)


async def log_in(request: Request) -> Response:
    """With a passkey alone: it is something one has, and it has asked for something one is or knows."""
    fields = await read_form(request)
    wanted, step = safe_next(fields.get("next")), await find_step(request, Purpose.PASSKEY)
    if step is None:
        return begin_again(wanted)
    await tries.PASSKEYS.take(tries.place_of(request))
    account_id = await passkeys.check_answer(step, fields.get("credential", ""))
    proved = await find_logged_in(account_id) if account_id else None
    if proved is None:
        return await _show_log_in(request, step, codeless("", _not_known()), wanted, 422)
    if not await steps.end_step(step):
        return begin_again(wanted)
    response = redirect(wanted, notice="logged-in")
    await let_in(request, response, proved, way=Way.PASSKEY, second_factor=Proof.PASSKEY)
    return response


def _not_known() -> str:
    return _("This passkey is not known here. Please try another one, or log in with your password.")


async def _show_log_in(request: Request, step: Step, form: FormState, wanted: str, status: int) -> Response:
    is_second, other_url = step.purpose == Purpose.CODE, f"/log-in?next={quote(wanted, safe='/')}"
    if is_second:
        has_app = (await second_factors.get_factors(step.account_id or 0)).app_since is not None
        kind = "" if has_app else "&with=recovery"
        other_url = f"/log-in/code?next={quote(wanted, safe='/')}{kind}"
    page = PasskeyLogInPage(
        form=form,
        next=wanted,
        options=await passkeys.options_for_log_in(step),
        action_url="/log-in/code/passkey" if is_second else "/log-in/passkey/answer",
        other_url=other_url,
    )
    return without_a_copy(await show(request, "accounts/passkey.html", page, status=status))


async def show_as_second(request: Request, *, wrong: bool = False) -> Response:
    """The passkey in place of the code, behind the password."""
    wanted = safe_next(request.query_params.get("next"))
    step = await find_step(request, Purpose.CODE)
    if step is None:
        return begin_again(wanted)
    form = codeless("", _not_known()) if wrong else FormState()
    return await _show_log_in(request, step, form, wanted, 422 if wrong else 200)


async def use_as_second(request: Request) -> Response:
    fields = await read_form(request)
    wanted, step = safe_next(fields.get("next")), await find_step(request, Purpose.CODE)
    if step is None or step.account_id is None:
        return begin_again(wanted)
    await tries.PASSKEYS.take(tries.place_of(request))
    account_id = await passkeys.check_answer(step, fields.get("credential", ""))
    proved = await find_logged_in(account_id) if account_id else None
    if proved is None:
        return await show_as_second(request, wrong=True)
    return await complete(request, step, proved, Proof.PASSKEY, wanted)

"""What members set for their log-in besides the password: an app, passkeys, recovery codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import passkeys, recovery_codes, second_factors, totp
from community.core import i18n
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.http.sessions import session_hash
from community.web.forms import read_form
from community.web.pages import redirect, show, templates_of, viewer_of
from community.web.parts import FieldError, FilterLink, FormState
from community.web.proofs import OwnProof, own_proof, problem_with_proof
from community.web.qr import QrCode, qr_code
from community.web.registration import state_without_passwords, without_a_copy
from community.web.settings import settings_tabs

OVERVIEW = "/settings/second-factor"


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    name: str
    added: str
    used: str
    """The day of the last use; empty: never."""
    remove_url: str


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    tabs: tuple[FilterLink, ...]
    is_compulsory: bool
    is_on: bool
    app_since: str
    """The day; empty while there is none."""
    has_passkeys: bool
    """Whether the site can have any."""
    passkeys: tuple[PasskeyLine, ...]
    code_count: int


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Asks again who it is before something is done, so that whoever finds a browser open does nothing."""

    tabs: tuple[FilterLink, ...]
    form: FormState
    title: str
    text: str
    button: str
    action_url: str
    is_danger: bool
    proof: OwnProof


@dataclass(frozen=True, slots=True)
class AppPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    qr: QrCode
    secret: str
    """As it is typed where there is no camera."""


@dataclass(frozen=True, slots=True)
class CodesPage:
    codes: tuple[str, ...]
    next: str


async def show_second_factors(request: Request) -> Response:
    viewer = viewer_of(request)
    factors = await second_factors.get_factors(await second_factors.account_id_of(viewer.id))
    page = SecondFactorPage(
        tabs=settings_tabs("second-factor"),
        is_compulsory=second_factors.is_compulsory_for(viewer.role),
        is_on=factors.is_on,
        app_since=i18n.long_date(factors.app_since) if factors.app_since else "",
        has_passkeys=passkeys.are_possible(),
        passkeys=tuple(
            PasskeyLine(
                name=passkey.name,
                added=i18n.long_date(passkey.created_at),
                used=i18n.long_date(passkey.used_at) if passkey.used_at else "",
                remove_url=f"{OVERVIEW}/passkeys/{passkey.id}/remove",
            )
            for passkey in factors.passkeys
        ),
        code_count=factors.code_count,
    )
    return await show(request, "settings/second_factor.html", page)


# --- asking who it is before each step ------------------------------------------------------------------------


def codeless(field: str, problem: str) -> FormState:
    """A form with its problem and without what was typed: a code is typed anew."""
    return FormState({}, (FieldError(field, problem),))


async def problem_with_form(request: Request, fields: Mapping[str, str]) -> FormState | None:
    """The form to show again where somebody has not proved that it is them."""
    problems = await problem_with_proof(request, fields)
    return state_without_passwords(fields, problems) if problems else None


async def show_confirm(
    request: Request,
    *,
    title: str,
    text: str,
    button: str,
    form: FormState | None = None,
    is_danger: bool = False,
) -> Response:
    """Posts to its own address."""
    page = ConfirmPage(
        tabs=settings_tabs("second-factor"),
        form=form or FormState(),
        title=title,
        text=text,
        button=button,
        action_url=request.url.path,
        is_danger=is_danger,
        proof=await own_proof(request, request.url.path),
    )
    status = 422 if form else 200
    return await show(request, "settings/second_factor_confirm.html", page, status=status)


# --- the app ----------------------------------------------------------------------------------------------


async def show_app_form(request: Request, form: FormState | None = None) -> Response:
    return await show_confirm(
        request,
        title=_("Set up an app"),
        text=_(
            "An app on your phone shows a new code every half minute. Any app for such codes will do. "
            "If you have set one up already, the new one takes its place."
        ),
        button=_("Go on"),
        form=form,
    )


async def begin_app(request: Request) -> Response:
    """Make a secret, after the password, and show it."""
    wrong = await problem_with_form(request, await read_form(request))
    if wrong:
        return await show_app_form(request, wrong)
    await second_factors.offer_app(await second_factors.account_id_of(viewer_of(request).id))
    return redirect(f"{OVERVIEW}/app/scan")


async def show_scan(request: Request) -> Response:
    secret = await second_factors.find_offer(await second_factors.account_id_of(viewer_of(request).id))
    if secret is None:
        return redirect(f"{OVERVIEW}/app")
    return await _show_scan(request, secret, FormState(), status=200)


async def confirm_app(request: Request) -> Response:
    fields = await read_form(request)
    account_id = await second_factors.account_id_of(viewer_of(request).id)
    secret = await second_factors.find_offer(account_id)
    if secret is None:
        return redirect(f"{OVERVIEW}/app")
    codes = await second_factors.confirm_app(
        account_id, fields.get("code", ""), kept_session=session_hash(request)
    )
    if codes is None:
        form = codeless("code", _("This code is not right. Please check the time of your phone, too."))
        return await _show_scan(request, secret, form, status=422)
    return await after_adding(request, codes)


async def after_adding(request: Request, codes: tuple[str, ...]) -> Response:
    """The recovery codes if there are new ones, else back to the overview."""
    if codes:
        return await show_codes(request, codes, next_url=OVERVIEW)
    return redirect(OVERVIEW, notice="second-factor-added")


async def _show_scan(request: Request, secret: str, form: FormState, *, status: int) -> Response:
    page = AppPage(settings_tabs("second-factor"), form, *app_offer(request, secret))
    return without_a_copy(await show(request, "settings/second_factor_app.html", page, status=status))


def app_offer(request: Request, secret: str) -> tuple[QrCode, str]:
    """The secret as a picture, and in groups as it is typed."""
    address = totp.uri(secret, templates_of(request).theme.site.name)
    return qr_code(address), " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


async def show_remove_app_form(request: Request, form: FormState | None = None) -> Response:
    return await show_confirm(
        request,
        title=_("Remove the app"),
        text=_("Its codes open nothing any more. All your other sessions are ended."),
        button=_("Remove"),
        form=form,
        is_danger=True,
    )


async def remove_app(request: Request) -> Response:
    viewer = viewer_of(request)
    wrong = await problem_with_form(request, await read_form(request))
    if wrong:
        return await show_remove_app_form(request, wrong)
    account_id = await second_factors.account_id_of(viewer.id)
    try:
        await second_factors.remove_app(account_id, role=viewer.role, kept_session=session_hash(request))
    except RuleBroken as broken:
        return await show_remove_app_form(request, codeless("", str(broken)))
    return redirect(OVERVIEW, notice="second-factor-removed")


# --- recovery codes ---------------------------------------------------------------------------------------


async def show_renew_form(request: Request, form: FormState | None = None) -> Response:
    return await show_confirm(
        request,
        title=_("New recovery codes"),
        text=_("You get ten new codes. The codes you have now become worthless."),
        button=_("Make new codes"),
        form=form,
    )


async def renew_codes(request: Request) -> Response:
    wrong = await problem_with_form(request, await read_form(request))
    if wrong:
        return await show_renew_form(request, wrong)
    try:
        codes = await second_factors.renew_codes(await second_factors.account_id_of(viewer_of(request).id))
    except RuleBroken as broken:
        return await show_renew_form(request, codeless("", str(broken)))
    return await show_codes(request, codes, next_url=OVERVIEW)


async def show_codes(request: Request, codes: tuple[str, ...], *, next_url: str) -> Response:
    """The only time that the codes are seen."""
    return without_a_copy(await show(request, "settings/recovery_codes.html", CodesPage(codes, next_url)))


async def download_codes(request: Request) -> Response:
    """The codes of the page as a file. The server does not know them any more, so the page sends them along."""
    codes = (await read_form(request)).get("codes", "").split()
    if not 0 < len(codes) <= recovery_codes.HOW_MANY or not all(map(recovery_codes.SHOWN.fullmatch, codes)):
        raise NotFound
    site = templates_of(request).theme.site.name
    lines = [_("Recovery codes for %(site)s; each can be used once.") % {"site": site}, "", *codes, ""]
    headers = {"Content-Disposition": 'attachment; filename="recovery-codes.txt"'}
    return without_a_copy(
        Response("\r\n".join(lines), media_type="text/plain; charset=utf-8", headers=headers)
    )

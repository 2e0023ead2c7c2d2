"""A forgotten password: asking for a link, and choosing a new password with it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions
from community.accounts.links import LinkEnded, Purpose, find_link_member
from community.accounts.queries import get_own_account, list_words_behind
from community.accounts.rules import problem_with_mail
from community.core import i18n, passwords
from community.core.i18n import gettext as _
from community.http import tries
from community.web.forms import read_form
from community.web.pages import redirect, show
from community.web.parts import FormState, Link
from community.web.registration import (
    password_hint,
    show_link_ended,
    show_mail_sent,
    state_without_passwords,
    without_a_copy,
)


@dataclass(frozen=True, slots=True)
class ForgottenPasswordPage:
    form: FormState


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    form: FormState
    token: str
    password_hint: str


async def show_forgotten_form(request: Request) -> Response:
    return await show(request, "accounts/forgotten_password.html", ForgottenPasswordPage(FormState()))


async def request_reset(request: Request) -> Response:
    """Answers the same whether or not the address has an account."""
    fields = await read_form(request)
    mail = fields.get("mail", "").strip()
    problem = problem_with_mail(mail)
    if problem:
        page = ForgottenPasswordPage(state_without_passwords(fields, {"mail": problem}))
        return await show(request, "accounts/forgotten_password.html", page, status=422)
    await tries.LINKS.take(tries.place_of(request))
    await actions.request_password_reset(mail, language=i18n.language())
    return redirect("/forgotten-password/sent")


async def show_reset_sent(request: Request) -> Response:
    return await show_mail_sent(
        request,
        title=_("Check your mail"),
        text=_(
            "If there is an account with this address, a mail with a link is on its way. It lasts one hour."
        ),
        again=Link(_("Try another address"), "/forgotten-password"),
    )


async def show_new_password_form(request: Request) -> Response:
    """Looks at the link without using it up."""
    token = request.query_params.get("token", "")
    if await find_link_member(token, Purpose.RESET) is None:
        return await show_link_ended(request, LinkEnded())
    return await _show_form(request, FormState(), token, status=200)


async def choose_new_password(request: Request) -> Response:
    fields = await read_form(request)
    token, password = fields.get("token", ""), fields.get("password", "")
    member_id = await find_link_member(token, Purpose.RESET)
    if member_id is None:
        return await show_link_ended(request, LinkEnded())
    problem = passwords.problem_with(password, await list_words_behind(member_id))
    if problem:
        form = state_without_passwords(fields, {"password": problem})
        return await _show_form(request, form, token, status=422)
    try:
        await actions.reset_password(token, password)
    except LinkEnded as ended:
        return await show_link_ended(request, ended)
    response = redirect("/log-in", notice="password-changed")
    # Whoever is locked out because others try passwords gets in here again.
    mail = (await get_own_account(member_id)).mail
    tries.remember_browser(response, mail, tries.Known.NEW_PASSWORD)
    return response


async def _show_form(request: Request, form: FormState, token: str, *, status: int) -> Response:
    page = NewPasswordPage(form, token, password_hint())
    return without_a_copy(await show(request, "accounts/new_password.html", page, status=status))

"""Registering, and confirming a mail address."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions, registration
from community.accounts.links import LinkEnded, Purpose, find_link_member
from community.accounts.registration import NicknameTaken
from community.accounts.rules import CONFIRMATION_LASTS, RegistrationWish, problems_with_registration
from community.core import i18n, passwords
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.vault_keys import token_hash
from community.http import tries
from community.http.route import LogInNeeded
from community.http.sessions import cookie_name
from community.members.queries import list_staff_names
from community.settings import settings
from community.web.forms import read_form
from community.web.pages import redirect, show, templates_of, viewer_of
from community.web.parts import FieldError, FormState, Link

BROWSER_COOKIE = "registration"
LONGEST_COOKIE = 100


@dataclass(frozen=True, slots=True)
class RegistrationPage:
    """The form; `password_hint` says what a password must be."""

    form: FormState
    password_hint: str


@dataclass(frozen=True, slots=True)
class MailSentPage:
    """What to do next, in words that are true whether or not a mail was sent."""

    title: str
    text: str
    again: Link
    mail_box_url: str
    """Development only: where mails can be read."""


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """A button, because programs that scan mails open every link."""

    token: str
    nickname: str
    """Of the account that comes to be; empty where the link confirms a new address."""


@dataclass(frozen=True, slots=True)
class LinkEndedPage:
    text: str
    ways: tuple[Link, ...]


def password_hint() -> str:
    return _("At least %(count)d characters. Several words that do not belong together work well.") % {
        "count": passwords.SHORTEST
    }


async def show_registration_form(request: Request) -> Response:
    if viewer_of(request).is_member:
        return redirect("/")
    return await _show_form(request, FormState(), status=200)


async def register(request: Request) -> Response:
    """Keep the registration. The answer does not depend on whether the address has an account."""
    fields = await read_form(request)
    wish = RegistrationWish(
        nickname=fields.get("nickname", "").strip(),
        mail=fields.get("mail", "").strip(),
        password=fields.get("password", ""),
        real_name=fields.get("real_name", "").strip(),
        company=fields.get("company", "").strip(),
    )
    problems = problems_with_registration(wish, await reserved_names(request))
    browser = browser_of(request)
    if not problems:
        await tries.REGISTRATIONS.take(tries.place_of(request))
        try:
            await registration.register(wish, language=i18n.language(), browser=browser)
        except NicknameTaken as taken:
            problems = {"nickname": str(taken)}
    if problems:
        return await _show_form(request, state_without_passwords(fields, problems), status=422)
    response = redirect("/register/sent")
    keep_browser(response, browser)
    return response


def browser_of(request: Request) -> str:
    """By what a browser is known that sends its registration again."""
    return request.cookies.get(BROWSER_COOKIE, "")[:LONGEST_COOKIE] or secrets.token_urlsafe(32)


def keep_browser(response: Response, browser: str) -> None:
    response.set_cookie(
        BROWSER_COOKIE,
        browser,
        max_age=int(CONFIRMATION_LASTS.total_seconds()),
        path="/register",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


async def reserved_names(request: Request) -> tuple[str, ...]:
    """Names that no customer's nickname may look like: staff, and the company that runs the site."""
    site = templates_of(request).theme.site
    company = (site.name, site.brand, site.team, site.operator)
    return (*await list_staff_names(), *(name for name in company if name))


def state_without_passwords(fields: Mapping[str, str], problems: Mapping[str, str]) -> FormState:
    """A form to show again: everything typed but passwords, which never go back into a page."""
    kept = {name: value for name, value in fields.items() if "password" not in name}
    return FormState(kept, tuple(FieldError(name, text) for name, text in problems.items()))


async def _show_form(request: Request, form: FormState, *, status: int) -> Response:
    page = RegistrationPage(form, password_hint())
    return await show(request, "accounts/register.html", page, status=status)


async def show_registration_sent(request: Request) -> Response:
    return await show_mail_sent(
        request,
        title=_("Check your mail"),
        text=_("We have sent you a mail. Please open it and confirm your address; then you can log in."),
        again=Link(_("Register again"), "/register"),
    )


async def show_mail_sent(request: Request, *, title: str, text: str, again: Link) -> Response:
    """The page after every form that may lead to a mail."""
    mail_box_url = "/dev/mail" if settings.development else ""
    page = MailSentPage(title, text, again, mail_box_url)
    return await show(request, "accounts/mail_sent.html", page)


async def show_confirm_form(request: Request) -> Response:
    """Looks at the link without using it up."""
    token = request.query_params.get("token", "")
    nickname = await registration.find_registered_nickname(token)
    if nickname is None and not await _opens_new_mail(request, token):
        return await show_link_ended(request, LinkEnded())
    response = await show(request, "accounts/confirm.html", ConfirmPage(token, nickname or ""))
    return without_a_copy(response)


async def confirm(request: Request) -> Response:
    """Use the link up: the address of a registration, or the new address of an account."""
    token = (await read_form(request)).get("token", "")
    session = request.cookies.get(cookie_name(), "")
    try:
        if await _opens_new_mail(request, token):
            await actions.confirm_new_mail(token, kept_session=token_hash(session))
            return redirect("/settings/mail", notice="saved")
        await registration.confirm_registration(token)
    except RuleBroken as problem:
        return await show_link_ended(request, problem)
    return redirect("/" if viewer_of(request).is_member else "/log-in", notice="confirmed")


async def _opens_new_mail(request: Request, token: str) -> bool:
    """Whether this link confirms a new address of whoever is logged in; a guest is led to the log-in first.

    Only the account's owner confirms: mail that went to a mistyped address must not hand the account over.
    """
    member_id = await find_link_member(token, Purpose.NEW_MAIL)
    if member_id is not None and viewer_of(request).is_guest:
        raise LogInNeeded
    return member_id is not None and member_id == viewer_of(request).id


async def show_link_ended(request: Request, problem: RuleBroken) -> Response:
    """Why a link of a mail opens nothing, and the ways on from here."""
    ways = (
        Link(_("Log in"), "/log-in"),
        Link(_("Register"), "/register"),
        Link(_("Forgotten password"), "/forgotten-password"),
    )
    return await show(request, "accounts/link_ended.html", LinkEndedPage(str(problem), ways), status=410)


def without_a_copy(response: Response) -> Response:
    """For pages that hold the secret of a link: no browser and no proxy keeps them."""
    response.headers["Cache-Control"] = "private, no-store"
    if "etag" in response.headers:
        del response.headers["etag"]
    return response

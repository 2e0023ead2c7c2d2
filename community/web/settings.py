"""What members set for themselves: profile, privacy, password, mail address, sessions, language."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions, queries, rules
from community.accounts.queries import OwnAccount, OwnSession
from community.accounts.reveals import list_own_reveals
from community.core import i18n, nicknames, passwords
from community.core.clock import now
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.http import oidc
from community.http.sessions import IDLE, STAFF_IDLE, session_hash
from community.http.state import LANGUAGE_COOKIE
from community.members import actions as member_actions
from community.members.queries import Profile, get_profile
from community.settings import settings
from community.threads.queries import AuthorRow
from community.web import people
from community.web.forms import read_form
from community.web.pages import path_id, redirect, show, viewer_of
from community.web.parts import Author, Choice, FilterLink, FormState
from community.web.proofs import OwnProof, own_proof, problem_with_proof
from community.web.registration import password_hint, reserved_names, state_without_passwords
from community.web.reveals import causes
from community.web.site import remember


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """The nickname, and everything that others see of the member."""

    tabs: tuple[FilterLink, ...]
    form: FormState
    author: Author
    facts: tuple[tuple[str, str], ...]
    nickname: str
    changeable_from: str
    """The day from which the nickname may be changed again; empty: it may be changed now."""


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    public: tuple[tuple[str, str], ...]
    """What everybody sees: name of the thing, and what is shown."""
    private: tuple[tuple[str, str], ...]
    """What lies in the vault, with the member's own values; nobody else sees this page."""
    hides_ranks: bool
    reveals: tuple[tuple[str, str], ...]
    """When staff have looked at who the member is, and for what cause."""


@dataclass(frozen=True, slots=True)
class PasswordPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    password_hint: str
    proof: OwnProof


@dataclass(frozen=True, slots=True)
class MailPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    mail: str
    """The member's own address."""
    sent: bool
    """Whether a link was asked for just now."""
    mail_box_url: str
    """Development only."""
    proof: OwnProof


@dataclass(frozen=True, slots=True)
class SessionRow:
    device: str
    way: str
    """How the log-in was made, in words; empty for those from before this was kept."""
    since: str
    seen: str
    """A day: more precise times would be kept for nothing."""
    is_current: bool
    end_url: str


@dataclass(frozen=True, slots=True)
class SessionsPage:
    tabs: tuple[FilterLink, ...]
    sessions: tuple[SessionRow, ...]
    has_others: bool


@dataclass(frozen=True, slots=True)
class LanguagePage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    choices: tuple[Choice, ...]


def settings_tabs(current: str) -> tuple[FilterLink, ...]:
    """The pages of the settings."""
    # What one looks like, how one logs in, whom one belongs to, what one has agreed to and has.
    labels = {
        "profile": _("Profile"),
        "privacy": _("Privacy"),
        "language": _("Language"),
        "notifications": _("Notifications"),
        "following": _("Following"),
        "mail": _("Mail address"),
        "password": _("Password"),
        "second-factor": _("Second factor"),
        "sign-on": _("Single sign-on"),
        "sessions": _("Sessions"),
        "company": _("Company"),
        "attributes": _("Attributes"),
        "consents": _("Consents"),
        "data": _("Your data"),
    }
    if oidc.provider() is None:
        del labels["sign-on"]
    return tuple(
        FilterLink(label, f"/settings/{name}", current=name == current) for name, label in labels.items()
    )


async def show_settings(request: Request) -> Response:
    return redirect("/settings/profile")


# --- profile ------------------------------------------------------------------------------------------


async def show_profile(request: Request) -> Response:
    return await _show_profile(request, FormState(), status=200)


async def change_nickname(request: Request) -> Response:
    viewer = viewer_of(request)
    fields = await read_form(request)
    nickname = fields.get("nickname", "").strip()
    if nickname == viewer.handle:
        return redirect("/settings/profile")
    account = await queries.get_own_account(viewer.id)
    own_words = () if viewer.is_staff else (account.mail, *await queries.own_words(viewer.id))
    problem = nicknames.problem_with(
        nickname, own_words=own_words, reserved_names=await reserved_names(request)
    )
    if problem is None:
        try:
            await actions.change_nickname(viewer.id, nickname)
            return redirect("/settings/profile", notice="saved")
        except RuleBroken as broken:
            problem = str(broken)
    return await _show_profile(request, state_without_passwords(fields, {"nickname": problem}), status=422)


async def _show_profile(request: Request, form: FormState, *, status: int) -> Response:
    viewer = viewer_of(request)
    profile = await get_profile(viewer.handle)
    account = await queries.get_own_account(viewer.id)
    changeable_at = account.nickname_changeable_at
    page = ProfilePage(
        tabs=settings_tabs("profile"),
        form=form,
        author=_author(profile),
        facts=_public_facts(profile),
        nickname=profile.nickname,
        changeable_from=i18n.long_date(changeable_at) if changeable_at else "",
    )
    return await show(request, "settings/profile.html", page, status=status)


def _author(profile: Profile) -> Author:
    """The member as others see them beside every post."""
    return people.author(
        AuthorRow(
            id=profile.id,
            nickname=profile.nickname,
            role=profile.role,
            staff_name=profile.staff_name,
            staff_field=profile.staff_field,
            photo=profile.photo,
            seed=profile.seed,
            year_joined=profile.year_joined,
            solution_count=profile.solution_count,
            hides_ranks=profile.hides_ranks,
            rank=profile.rank,
        )
    )


def _public_facts(profile: Profile) -> tuple[tuple[str, str], ...]:
    """What the profile says, in the order of the profile."""
    return (
        (_("Member since"), str(profile.year_joined)),
        (_("Kudos"), i18n.number(profile.kudos_count)),
        (_("Solutions"), i18n.number(profile.solution_count)),
        *(() if profile.hides_ranks else ((_("Points"), i18n.number(profile.points)),)),
    )


# --- privacy ------------------------------------------------------------------------------------------


async def show_privacy(request: Request) -> Response:
    viewer = viewer_of(request)
    account = await queries.get_own_account(viewer.id)
    profile = await get_profile(viewer.handle)
    page = PrivacyPage(
        tabs=settings_tabs("privacy"),
        form=FormState(),
        public=_seen_by_all(profile),
        private=_seen_by_nobody(account),
        hides_ranks=viewer.hides_ranks,
        reveals=tuple(
            (i18n.long_date(reveal.shown_at), causes()[reveal.cause][0])
            for reveal in await list_own_reveals(viewer.id)
        ),
    )
    return await show(request, "settings/privacy.html", page)


def _seen_by_all(profile: Profile) -> tuple[tuple[str, str], ...]:
    rows = [
        (_("Nickname"), profile.nickname),
        (_("Picture"), _("drawn from a random number; it says nothing about you")),
        *_public_facts(profile),
        (_("Your posts"), _("to whoever may read the space they stand in")),
    ]
    if profile.staff_name:
        rows.insert(1, (_("Name"), profile.staff_name))
        rows[2] = (_("Picture"), _("your photo, as you are staff"))
    return tuple(rows)


def _seen_by_nobody(account: OwnAccount) -> tuple[tuple[str, str], ...]:
    nothing = _("not given")
    return (
        (_("Mail address"), account.mail),
        (_("Real name"), account.real_name or nothing),
        (_("Company"), account.company or nothing),
    )


async def change_privacy(request: Request) -> Response:
    fields = await read_form(request)
    hidden = bool(fields.get("hides_ranks"))
    await member_actions.choose_whether_ranks_show(viewer_of(request).id, hidden=hidden)
    return redirect("/settings/privacy", notice="saved")


# --- password -----------------------------------------------------------------------------------------


async def show_password_form(request: Request) -> Response:
    return await _show_password_form(request, FormState(), status=200)


async def change_password(request: Request) -> Response:
    viewer = viewer_of(request)
    fields = await read_form(request)
    new = fields.get("new_password", "")
    problem = passwords.problem_with(new, await queries.list_words_behind(viewer.id, viewer.handle))
    if problem:
        form = state_without_passwords(fields, {"new_password": problem})
        return await _show_password_form(request, form, status=422)
    problems = await problem_with_proof(request, fields)
    if problems:
        return await _show_password_form(request, state_without_passwords(fields, problems), status=422)
    await actions.change_password(viewer.id, new=new, kept_session=session_hash(request))
    return redirect("/settings/password", notice="password-changed")


async def _show_password_form(request: Request, form: FormState, *, status: int) -> Response:
    proof = await own_proof(request, "/settings/password")
    page = PasswordPage(settings_tabs("password"), form, password_hint(), proof)
    return await show(request, "settings/password.html", page, status=status)


# --- mail address -------------------------------------------------------------------------------------


async def show_mail_form(request: Request) -> Response:
    return await _show_mail_form(request, FormState(), status=200)


async def change_mail(request: Request) -> Response:
    """Answers the same whether or not the new address has an account."""
    viewer = viewer_of(request)
    fields = await read_form(request)
    mail = fields.get("mail", "").strip()
    problem = rules.problem_with_mail(mail)
    if not problem and not viewer.is_staff and rules.shows_in_nickname(viewer.handle, (mail,)):
        problem = _("Your nickname would show this address. Please change your nickname first.")
    if problem:
        return await _show_mail_form(request, state_without_passwords(fields, {"mail": problem}), status=422)
    problems = await problem_with_proof(request, fields)
    if problems:
        return await _show_mail_form(request, state_without_passwords(fields, problems), status=422)
    await actions.request_new_mail(viewer.id, mail=mail, language=i18n.language())
    return redirect("/settings/mail?sent=1")


async def _show_mail_form(request: Request, form: FormState, *, status: int) -> Response:
    account = await queries.get_own_account(viewer_of(request).id)
    page = MailPage(
        tabs=settings_tabs("mail"),
        form=form,
        mail=account.mail,
        sent=request.query_params.get("sent") == "1",
        mail_box_url="/dev/mail" if settings.development else "",
        proof=await own_proof(request, "/settings/mail"),
    )
    return await show(request, "settings/mail.html", page, status=status)


# --- sessions -----------------------------------------------------------------------------------------


async def show_sessions(request: Request) -> Response:
    viewer = viewer_of(request)
    idle = STAFF_IDLE if viewer.is_staff else IDLE
    own = await queries.list_own_sessions(viewer.id, current=session_hash(request), used_after=now() - idle)
    rows = tuple(
        SessionRow(
            device=session.device or _("Unknown device"),
            way=_way(session),
            since=i18n.long_date(session.created_at),
            seen=i18n.long_date(session.seen_at),
            is_current=session.is_current,
            end_url=f"/settings/sessions/{session.id}/end",
        )
        for session in own
    )
    page = SessionsPage(settings_tabs("sessions"), rows, has_others=any(not row.is_current for row in rows))
    return await show(request, "settings/sessions.html", page)


def _way(session: OwnSession) -> str:
    ways = {"password": _("Password"), "passkey": _("Passkey"), "single-sign-on": _("Single sign-on")}
    factors = {"app": _("code of the app"), "passkey": _("passkey"), "recovery": _("recovery code")}
    way, factor = ways.get(session.way, ""), factors.get(session.second_factor, "")
    if session.way == "passkey" or not factor:
        return way
    return _("%(first)s and %(second)s") % {"first": way, "second": factor} if way else factor


async def end_session(request: Request) -> Response:
    await actions.end_session(viewer_of(request).id, path_id(request, "session_id"))
    return redirect("/settings/sessions", notice="saved")


async def end_other_sessions(request: Request) -> Response:
    await actions.end_other_sessions(viewer_of(request).id, kept_session=session_hash(request))
    return redirect("/settings/sessions", notice="saved")


# --- language -----------------------------------------------------------------------------------------


async def show_language_form(request: Request) -> Response:
    choices = tuple(
        Choice(code, name, selected=code == i18n.language()) for code, name in i18n.language_names().items()
    )
    page = LanguagePage(settings_tabs("language"), FormState(), choices)
    return await show(request, "settings/language.html", page)


async def choose_language(request: Request) -> Response:
    code = (await read_form(request)).get("language", "")
    if code not in i18n.languages():
        raise NotFound
    await member_actions.choose_language(viewer_of(request).id, code)
    return remember(redirect("/settings/language", notice="saved"), LANGUAGE_COOKIE, code)

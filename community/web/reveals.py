"""Revealing an identity: asking with a reason, the second person's decision, and the one time it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions, reveals
from community.accounts.queries import Identity
from community.accounts.reveals import Cause, RevealRow, RevealWish
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import long_date
from community.core.viewer import STAFF_ROLES, Viewer
from community.decisions.work import WorkKind
from community.http import tries
from community.members.queries import Profile, get_profile
from community.moderation.queue import find_other_holder
from community.web.forms import check_length, read_form
from community.web.moderation_queue import moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link, When
from community.web.people import profile_url
from community.web.registration import state_without_passwords, without_a_copy

LONGEST_DECISION = 500


@dataclass(frozen=True, slots=True)
class RevealLine:
    url: str
    nickname: str
    asker: str
    cause: str
    state: str
    when: When
    is_open: bool


@dataclass(frozen=True, slots=True)
class RevealsPage:
    links: tuple[Link, ...]
    reveals: tuple[RevealLine, ...]


@dataclass(frozen=True, slots=True)
class AskRevealPage:
    crumbs: tuple[Crumb, ...]
    nickname: str
    url: str
    back_url: str
    form: FormState
    causes: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RevealPage:
    """A request. What the viewer may do about it: decide, have it shown, or only read."""

    crumbs: tuple[Crumb, ...]
    heading: str
    nickname: str
    member: Link
    facts: tuple[tuple[str, str], ...]
    reason: str
    form: FormState
    decide_url: str
    show_url: str
    waits_for_others: bool
    holder: str
    """Who else is on it."""


@dataclass(frozen=True, slots=True)
class IdentityPage:
    crumbs: tuple[Crumb, ...]
    nickname: str
    facts: tuple[tuple[str, str], ...]


def causes() -> dict[str, tuple[str, str]]:
    """Why an identity may be revealed, each with what it covers."""
    return {
        Cause.AUTHORITY: (
            _("Order of a court or an authority"),
            _("With its file number. It may also demand that the member is told later."),
        ),
        Cause.DANGER: (_("Danger to somebody"), _("Threats, announcements of harm to oneself or to others.")),
        Cause.OFFENCE: (
            _("Serious violation of law"),
            _("Fraud, insult, betrayed secrets, where our company has to act against a person."),
        ),
        Cause.OWN_WISH: (
            _("The member asked for it"),
            _("They wrote to us and want help that needs their name."),
        ),
    }


def _url(reveal_id: int) -> str:
    return f"/moderation/reveals/{reveal_id}"


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Moderation"), "/moderation"), Crumb(_("Identities"), "/moderation/reveals"))


async def list_reveals(request: Request) -> Response:
    rows = await reveals.list_reveals()
    page = RevealsPage(links=moderation_links(), reveals=tuple(_line(row) for row in rows))
    return await show(request, "moderation/reveals.html", page, Head(section="moderation"))


def _line(row: RevealRow) -> RevealLine:
    return RevealLine(
        url=_url(row.id),
        nickname=row.nickname or _("Former member"),
        asker=row.asker or _("Former member"),
        cause=causes()[row.cause][0],
        state=_state(row),
        when=When.of(row.asked_at),
        is_open=row.is_open,
    )


def _state(row: RevealRow) -> str:
    if row.shown_at is not None:
        return _("shown")
    if row.is_approved:
        return _("approved")
    if row.is_approved is False:
        return _("refused")
    return _("waits for a second person") if row.is_open else _("not decided in time")


# --- asking -----------------------------------------------------------------------------------------------


async def show_ask_form(request: Request) -> Response:
    profile = await _customer(request.query_params.get("member", ""))
    return await _show_ask_form(request, profile, FormState())


async def _customer(nickname: str) -> Profile:
    """The member asked about; staff have nothing to reveal."""
    profile = await get_profile(nickname)
    if profile.role in STAFF_ROLES:
        raise NotFound
    return profile


async def ask_reveal(request: Request) -> Response:
    viewer, fields = viewer_of(request), dict(await read_form(request))
    profile = await _customer(fields.get("member", ""))
    errors, tell_at = _check_wish(fields)
    if errors:
        return await _show_ask_form(request, profile, FormState(fields, tuple(errors)), status=422)
    await tries.REVEALS.take(viewer.id)
    wish = RevealWish(
        cause=Cause(fields["cause"]),
        reason=fields["reason"],
        reference=fields.get("reference", ""),
        tell_at=tell_at,
        silence_reason=fields.get("silence_reason", ""),
    )
    try:
        reveal_id = await reveals.ask_reveal(profile.id, wish, by=viewer)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_ask_form(request, profile, form, status=409)
    return redirect(_url(reveal_id), notice="saved")


def _check_wish(fields: dict[str, str]) -> tuple[list[FieldError], datetime | None]:
    errors, tell_at = [], None
    if fields.get("cause", "") not in set(Cause):
        errors.append(FieldError("cause", _("Please choose one of these.")))
    reason = fields.get("reason", "")
    errors += check_length("reason", reason, least=reveals.SHORTEST_REASON, most=reveals.LONGEST_REASON)
    errors += check_length("reference", fields.get("reference", ""), least=0, most=reveals.LONGEST_REFERENCE)
    errors += check_length("silence_reason", fields.get("silence_reason", ""), least=0, most=LONGEST_DECISION)
    if fields.get("tell_at", "").strip():
        try:
            tell_at = datetime.combine(date.fromisoformat(fields["tell_at"].strip()), time(8), tzinfo=UTC)
        except ValueError:
            errors.append(FieldError("tell_at", _("Please write the date as year, month, day: 2027-12-31.")))
    return errors, tell_at


async def _show_ask_form(
    request: Request, profile: Profile, form: FormState, *, status: int = 200
) -> Response:
    page = AskRevealPage(
        crumbs=_crumbs(),
        nickname=profile.nickname,
        url="/moderation/reveals/new",
        back_url=profile_url(profile.nickname),
        form=form,
        causes=tuple(Choice(value, label, hint) for value, (label, hint) in causes().items()),
    )
    return await show(request, "moderation/reveal_ask.html", page, Head(section="moderation"), status=status)


# --- deciding and showing ---------------------------------------------------------------------------------


async def show_reveal(request: Request) -> Response:
    row = await reveals.get_reveal(path_id(request, "reveal_id"))
    return await _show_reveal(request, row, FormState())


async def decide_reveal(request: Request) -> Response:
    viewer, reveal_id = viewer_of(request), path_id(request, "reveal_id")
    row = await reveals.get_reveal(reveal_id)
    fields = dict(await read_form(request))
    approved, reason = fields.get("do") == "approve", fields.get("reason", "")
    errors = check_length("reason", reason, least=3, most=LONGEST_DECISION)
    if errors:
        return await _show_reveal(request, row, FormState(fields, tuple(errors)), status=422)
    try:
        await reveals.decide_reveal(reveal_id, approved=approved, by=viewer, reason=reason)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_reveal(request, await reveals.get_reveal(reveal_id), form, status=409)
    return redirect("/moderation/reveals", notice="done")


async def show_identity(request: Request) -> Response:
    """The identity, in the answer to a form and under no address, so that nothing keeps or shows it again."""
    viewer, reveal_id = viewer_of(request), path_id(request, "reveal_id")
    row = await reveals.get_reveal(reveal_id)
    fields = dict(await read_form(request))
    await tries.OWN_PASSWORD.take(viewer.id)
    if not await actions.is_own_password(viewer.id, fields.get("password", "")):
        form = state_without_passwords(fields, {"password": _("This is not your password.")})
        return await _show_reveal(request, row, form, status=422)
    try:
        identity = await reveals.show_identity(reveal_id, by=viewer)
    except RuleBroken as error:
        return await _show_reveal(request, row, FormState({}, (FieldError("", str(error)),)), status=409)
    page = IdentityPage(crumbs=_crumbs(), nickname=identity.nickname, facts=_identity_facts(identity))
    return without_a_copy(await show(request, "moderation/identity.html", page, Head(section="moderation")))


def _identity_facts(identity: Identity) -> tuple[tuple[str, str], ...]:
    nothing = _("not given")
    facts = [
        (_("Mail address"), identity.mail),
        (_("Real name"), identity.real_name or nothing),
        (_("Company"), identity.company or identity.stated_company or nothing),
    ]
    if identity.company and identity.stated_company not in ("", identity.company):
        facts.append((_("Company as the member wrote it"), identity.stated_company))
    return tuple(facts)


async def _show_reveal(request: Request, row: RevealRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    nickname = row.nickname or _("Former member")
    holder = await find_other_holder(viewer, WorkKind.REVEAL, f"reveal:{row.id}")
    page = RevealPage(
        crumbs=_crumbs(),
        heading=_("Who is behind %(name)s?") % {"name": nickname},
        nickname=nickname,
        member=Link(nickname, profile_url(row.nickname) if row.nickname else ""),
        facts=_facts(row),
        reason=row.reason,
        form=form,
        decide_url=f"{_url(row.id)}/decide" if _may_decide(row, viewer) and not holder else "",
        show_url=f"{_url(row.id)}/show" if row.can_be_shown_to(viewer) else "",
        waits_for_others=row.is_open and row.asked_by == viewer.id,
        holder=holder,
    )
    return await show(request, "moderation/reveal.html", page, Head(section="moderation"), status=status)


def _may_decide(row: RevealRow, viewer: Viewer) -> bool:
    return row.is_open and row.asked_by != viewer.id


def _facts(row: RevealRow) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("State"), _state(row)),
        (_("Asked by"), row.asker or _("Former member")),
        (_("Asked on"), long_date(row.asked_at)),
        (_("Cause"), causes()[row.cause][0]),
    ]
    if row.reference:
        facts.append((_("File number"), row.reference))
    if row.tell_at is not None:
        later = _("on %(date)s, because: %(reason)s")
        facts.append(
            (_("The member is told"), later % {"date": long_date(row.tell_at), "reason": row.silence_reason})
        )
    else:
        facts.append((_("The member is told"), _("as soon as the identity is shown")))
    if row.decided_at is not None:
        facts.append((_("Decided by"), row.decider or _("Former member")))
        facts.append((_("Decided on"), long_date(row.decided_at)))
    if row.shown_at is not None:
        facts.append((_("Shown on"), long_date(row.shown_at)))
    return tuple(facts)


def ask_url(nickname: str) -> str:
    """Where staff ask who is behind a nickname."""
    return f"/moderation/reveals/new?member={quote(nickname)}"

"""What a company's administrators do: invite, let in, part with colleagues. They see how many, never who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.rules import problem_with_mail
from community.companies import actions, invitations, membership, queries
from community.companies.invitations import OwnInvitation
from community.companies.membership import Person
from community.companies.rules import FEWEST_USES, LONGEST_CODE, MOST_USES, JoiningBy, shown_count
from community.core import i18n
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.http import tries
from community.web.forms import read_form
from community.web.pages import path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState

URL = "/settings/company/colleagues"
DAYS = (7, 14, 30, LONGEST_CODE.days)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    mail: str
    real_name: str
    approve_url: str
    refuse_url: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    what: str
    """The address, or the code, as whoever looks has typed or made it."""
    kind: str
    until: str
    end_url: str


@dataclass(frozen=True, slots=True)
class ColleaguesPage:
    crumbs: tuple[Crumb, ...]
    company: str
    count: str
    waiting: tuple[WaitingRow, ...]
    invitations: tuple[InvitationRow, ...]
    invite_form: FormState
    code_form: FormState
    fewest_uses: int
    most_uses: int
    days: tuple[Choice, ...]
    domains: tuple[str, ...]
    joining: tuple[Choice, ...]
    joining_form: FormState
    offboard_form: FormState


def joining_choices() -> dict[JoiningBy, tuple[str, str]]:
    """What a confirmed address of a company's domain opens, each with what that means."""
    return {
        JoiningBy.AT_ONCE: (_("They belong to the company at once"), _("Everybody has such an address.")),
        JoiningBy.APPROVAL: (
            _("The company’s administrators decide"),
            _("They see mail address and real name of whoever asks, not the nickname."),
        ),
        JoiningBy.CLOSED: (_("Nothing"), _("By invitation only.")),
    }


async def _administrator(request: Request) -> Person:
    """Whoever asks, if they act for a company; for everybody else there is no such page."""
    person = await membership.get_person(viewer_of(request).id)
    if not person.administered_id:
        raise NotFound
    return person


async def show_colleagues(request: Request) -> Response:
    return await _show(request, await _administrator(request))


async def _show(
    request: Request,
    person: Person,
    *,
    invite_form: FormState | None = None,
    code_form: FormState | None = None,
    offboard_form: FormState | None = None,
    status: int = 200,
) -> Response:
    company = await queries.get_company(person.administered_id)
    waiting = await queries.list_waiting(company.id)
    page = ColleaguesPage(
        crumbs=(Crumb(_("Settings"), "/settings"), Crumb(_("Company"), "/settings/company")),
        company=company.name,
        count=shown_count(await queries.get_colleague_count(company.id)),
        waiting=tuple(
            WaitingRow(
                mail=one.mail,
                real_name=one.real_name,
                approve_url=f"{URL}/waiting/{one.id}/approve",
                refuse_url=f"{URL}/waiting/{one.id}/refuse",
            )
            for one in waiting
        ),
        invitations=tuple(_row(one) for one in await invitations.list_own_invitations(person)),
        invite_form=invite_form or FormState(),
        code_form=code_form or FormState(),
        fewest_uses=FEWEST_USES,
        most_uses=MOST_USES,
        days=tuple(
            Choice(str(days), _("for %(count)s days") % {"count": i18n.number(days)}, selected=days == 14)
            for days in DAYS
        ),
        domains=tuple(name for _id, name in company.domains),
        joining=tuple(Choice(value, label, hint) for value, (label, hint) in joining_choices().items()),
        joining_form=FormState({"joining": str(company.joining)}),
        offboard_form=offboard_form or FormState(),
    )
    return await show(request, "settings/colleagues.html", page, status=status)


def _row(one: OwnInvitation) -> InvitationRow:
    if one.code:
        kind = _("code for %(count)s people") % {"count": i18n.number(one.uses)}
    else:
        kind = _("as administrator") if one.makes_administrator else _("as colleague")
    return InvitationRow(
        what=one.code or one.mail,
        kind=kind,
        until=i18n.long_date(one.expires_at),
        end_url=f"{URL}/invitations/{one.id}/end",
    )


async def invite(request: Request) -> Response:
    """Answers the same for every address: nothing about it is looked up."""
    person, fields = await _administrator(request), await read_form(request)
    mail = fields.get("mail", "").strip()
    problem = problem_with_mail(mail)
    if problem:
        return await _show(request, person, invite_form=_state(fields, "mail", problem), status=422)
    await tries.INVITATIONS.take(person.account_id)
    await invitations.invite_by_mail(
        person.administered_id,
        mail,
        by=person,
        language=i18n.language(),
        as_administrator=bool(fields.get("administrator")),
    )
    return redirect(URL, notice="invited")


def _state(fields: Mapping[str, str], field: str, problem: str) -> FormState:
    return FormState(dict(fields), (FieldError(field, problem),))


async def make_code(request: Request) -> Response:
    person, fields = await _administrator(request), await read_form(request)
    typed, days = fields.get("uses", "").strip(), fields.get("days", "")
    uses = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    if not FEWEST_USES <= uses <= MOST_USES:
        problem = _("Please write a number from %(least)s to %(most)s.") % {
            "least": FEWEST_USES,
            "most": MOST_USES,
        }
        return await _show(request, person, code_form=_state(fields, "uses", problem), status=422)
    if days not in map(str, DAYS):
        problem = _("Please choose one of these.")
        return await _show(request, person, code_form=_state(fields, "days", problem), status=422)
    await tries.INVITATIONS.take(person.account_id)
    await invitations.make_code(person.administered_id, by=person, uses=uses, lasts=timedelta(days=int(days)))
    return redirect(URL, notice="saved")


async def end_invitation(request: Request) -> Response:
    await invitations.end_invitation(await _administrator(request), path_id(request, "invitation_id"))
    return redirect(URL, notice="saved")


async def approve(request: Request) -> Response:
    person = await _administrator(request)
    await membership.approve(person.administered_id, path_id(request, "joining_id"))
    return redirect(URL, notice="colleague-approved")


async def refuse(request: Request) -> Response:
    person = await _administrator(request)
    await membership.refuse(person.administered_id, path_id(request, "joining_id"))
    return redirect(URL, notice="colleague-refused")


async def offboard(request: Request) -> Response:
    """Answers the same for every address: who it is, the worker finds out, some time later."""
    person, fields = await _administrator(request), await read_form(request)
    mail, at_once = fields.get("leaver", "").strip(), bool(fields.get("at_once"))
    problem = problem_with_mail(mail)
    if problem:
        return await _show(request, person, offboard_form=_state(fields, "leaver", problem), status=422)
    await tries.OFFBOARDINGS.take(person.account_id)
    if at_once:
        await tries.OFFBOARDINGS_AT_ONCE.take(membership.name_for_tries(person.administered_id))
    await membership.offboard(person.administered_id, mail, language=i18n.language(), at_once=at_once)
    return redirect(URL, notice="offboarded-at-once" if at_once else "offboarded")


async def choose_joining(request: Request) -> Response:
    person, fields = await _administrator(request), await read_form(request)
    if fields.get("joining") not in set(JoiningBy):
        raise NotFound
    await actions.choose_joining(person.administered_id, JoiningBy(fields["joining"]))
    return redirect(URL, notice="saved")

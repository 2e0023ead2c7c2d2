"""One's own company: joining it, leaving it, the link of an invitation. Every page shows the viewer's own only."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.links import LinkEnded
from community.companies import invitations, membership
from community.companies.invitations import OpenInvitation
from community.companies.membership import Person
from community.companies.permissions import can_belong_to_company
from community.companies.queries import get_own_company
from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.http import tries
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import FieldError, FilterLink, FormState, Link
from community.web.registration import show_link_ended, without_a_copy
from community.web.settings import settings_tabs

URL = "/settings/company"


@dataclass(frozen=True, slots=True)
class CompanyPage:
    tabs: tuple[FilterLink, ...]
    state: str
    """"staff", or a state of `OwnCompany`."""
    company: str
    mail: str
    is_administrator: bool
    code_form: FormState
    leave_form: FormState


@dataclass(frozen=True, slots=True)
class InvitationPage:
    company: str
    makes_administrator: bool
    is_for_viewer: bool
    is_guest: bool
    token: str
    ways: tuple[Link, ...]


async def show_company(request: Request) -> Response:
    return await _show(request)


async def _show(
    request: Request,
    *,
    code_form: FormState | None = None,
    leave_form: FormState | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    person = await membership.get_person(viewer.id)
    own = await get_own_company(person)
    page = CompanyPage(
        tabs=settings_tabs("company"),
        state=own.state if can_belong_to_company(viewer) else "staff",
        company=own.name,
        mail=person.mail,
        is_administrator=person.is_administrator,
        code_form=code_form or FormState(),
        leave_form=leave_form or FormState(),
    )
    return await show(request, "settings/company.html", page, status=status)


async def _joining_person(request: Request) -> Person:
    viewer = viewer_of(request)
    authorize(can_belong_to_company(viewer))
    return await membership.get_person(viewer.id)


async def join_by_domain(request: Request) -> Response:
    await _joining_person(request)
    at_once = await membership.join_by_domain(viewer_of(request).id)
    return redirect(URL, notice="company-joined" if at_once else "company-asked")


async def use_code(request: Request) -> Response:
    """Wrong codes count for the account and for the address of the net: a code cannot be found by trying."""
    person, fields = await _joining_person(request), await read_form(request)
    errors = check_length("code", fields.get("code", ""), least=1, most=40)
    if not errors:
        await tries.COMPANY_CODES.take(person.account_id)
        await tries.COMPANY_CODES.take(tries.place_of(request))
        try:
            at_once = await invitations.use_code(fields["code"], person)
            return redirect(URL, notice="company-joined" if at_once else "company-asked")
        except RuleBroken as problem:
            errors = [FieldError("code", str(problem))]
    return await _show(request, code_form=FormState(dict(fields), tuple(errors)), status=422)


async def take_request_back(request: Request) -> Response:
    await membership.take_request_back(viewer_of(request).id)
    return redirect(URL, notice="saved")


async def leave_company(request: Request) -> Response:
    person, fields = await membership.get_person(viewer_of(request).id), await read_form(request)
    if person.is_administrator and not fields.get("sure"):
        return await _ask_whether_sure(request)
    await membership.leave_company(viewer_of(request).id)
    return redirect(URL, notice="company-left")


async def step_down(request: Request) -> Response:
    if not (await read_form(request)).get("sure"):
        return await _ask_whether_sure(request)
    await membership.step_down(viewer_of(request).id)
    return redirect(URL, notice="saved")


async def _ask_whether_sure(request: Request) -> Response:
    """For everybody who acts for a company: only to the last one would tell them whether there are others."""
    problem = FieldError("sure", _("Please confirm that you know what ends with it."))
    return await _show(request, leave_form=FormState({}, (problem,)), status=422)


# --- the link of an invitation ----------------------------------------------------------------------------


async def show_invitation(request: Request) -> Response:
    """Looks at the link without using it up: programs that scan mails open every link."""
    viewer, token = viewer_of(request), request.query_params.get("token", "")
    mail = (await membership.get_person(viewer.id)).mail if viewer.is_member else ""
    invitation = await invitations.find_invitation(token, mail)
    if invitation is None:
        return await show_link_ended(request, LinkEnded())
    page = InvitationPage(
        # Whoever the link was forwarded to need not learn who is a customer.
        company=invitation.company if invitation.is_for_viewer else "",
        makes_administrator=invitation.makes_administrator,
        is_for_viewer=invitation.is_for_viewer and can_belong_to_company(viewer),
        is_guest=viewer.is_guest,
        token=token,
        ways=_ways(invitation, token, is_guest=viewer.is_guest),
    )
    return without_a_copy(await show(request, "accounts/invitation.html", page, Head(robots="noindex")))


def _ways(invitation: OpenInvitation, token: str, *, is_guest: bool) -> tuple[Link, ...]:
    if is_guest:
        log_in = f"/log-in?next={quote(f'/join?token={token}', safe='')}"
        return (Link(_("Log in"), log_in), Link(_("Register"), "/register"))
    return () if invitation.is_for_viewer else (Link(_("Mail address"), "/settings/mail"),)


async def accept_invitation(request: Request) -> Response:
    person, fields = await _joining_person(request), await read_form(request)
    try:
        await invitations.accept_invitation(fields.get("token", ""), person)
    except RuleBroken as problem:
        return await show_link_ended(request, problem)
    return redirect(URL, notice="company-joined")

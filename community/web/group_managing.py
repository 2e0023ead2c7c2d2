"""Looking after a group: what it is for, who helps, who is invited, let in and taken out.

No page here lists who belongs to the group, and none changes because an invitation was accepted: whoever invites an
address must not see which nickname comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import invitations as mail_invitations
from community.accounts.rules import problem_with_mail
from community.core import i18n
from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext
from community.core.vault_keys import normalised_address
from community.groups import actions, invitations, queries, requests
from community.groups.actions import LONGEST_DESCRIPTION
from community.groups.invitations import FEWEST_USES, LONGEST_LINK, MOST_USES
from community.groups.models import GroupRole
from community.groups.permissions import can_fill_group, can_own_group
from community.groups.queries import GroupView
from community.groups.requests import LONGEST_NOTE
from community.http import tries
from community.members.queries import Profile, get_profile
from community.settings import settings
from community.web.forms import check_length, read_form
from community.web.groups import load_group, role_names
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link
from community.web.people import profile_url
from community.web.registration import without_a_copy
from community.web.writing import say_mute


@dataclass(frozen=True, slots=True)
class RequestCard:
    person: Link
    note: str
    url: str
    field: str
    """Name of the field for the reason: each on the page has its own."""


@dataclass(frozen=True, slots=True)
class ManagerLine:
    person: Link
    role: str
    end_url: str


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """One that can be withdrawn, whatever has become of it."""

    text: str
    hint: str
    end_url: str


@dataclass(frozen=True, slots=True)
class ManagePage:
    group: GroupView
    url: str
    crumbs: tuple[Crumb, ...]
    owns: bool
    forms: dict[str, FormState]
    requests: tuple[RequestCard, ...]
    managers: tuple[ManagerLine, ...]
    roles: tuple[Choice, ...]
    invitations: tuple[InvitationLine, ...]
    admin_url: str


@dataclass(frozen=True, slots=True)
class LinkMadePage:
    crumbs: tuple[Crumb, ...]
    link: str
    text: str
    back_url: str


FORMS = ("details", "requests", "invite", "mail", "link", "out")


async def show_managing(request: Request) -> Response:
    return await _show(request, await _load(request))


async def change_details(request: Request) -> Response:
    group = await _load(request, owner=True)
    fields = dict(await read_form(request))
    errors = check_length("description", fields.get("description", ""), least=0, most=LONGEST_DESCRIPTION)
    muted = say_mute(viewer_of(request), None)
    errors += [FieldError("description", muted)] if muted else []
    if errors:
        return await _show(request, group, details=FormState(fields, tuple(errors)))
    await actions.change_details(
        group.id, description=fields.get("description", ""), shows_members=fields.get("shows_members") == "1"
    )
    return redirect(_url(group), notice="saved")


async def decide_request(request: Request) -> Response:
    group, request_id = await _load(request), path_id(request, "request_id")
    fields = dict(await read_form(request))
    name = f"reason-{request_id}"
    errors = check_length(name, fields.get(name, ""), least=0, most=LONGEST_NOTE)
    if errors:
        return await _show(request, group, requests=FormState(fields, tuple(errors)))
    try:
        await requests.decide_request(
            group.id, request_id, accepted=fields.get("do") == "accept", reason=fields.get(name, "")
        )
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, group, status=409, requests=form)
    return redirect(_url(group), notice="request-decided")


async def invite_member(request: Request) -> Response:
    """Invite a nickname, or offer it a role; the same answer whether or not it belongs to the group."""
    group = await _load(request)
    viewer, fields = viewer_of(request), dict(await read_form(request))
    role = fields.get("role", GroupRole.MEMBER)
    if role != GroupRole.MEMBER:
        authorize(can_own_group(viewer, group) and role in set(GroupRole))
    profile = await _find(fields.get("nickname", ""))
    if profile is None:
        return await _show(request, group, invite=_unknown(fields, "nickname"))
    await tries.GROUP_INVITATIONS.take(viewer.id)
    await tries.GROUP_INVITATIONS_TO_ONE.take(group.id, profile.id)
    await invitations.invite_member(group.id, profile.id, role=GroupRole(role), by=viewer.id)
    return redirect(_url(group), notice="invited")


async def invite_by_mail(request: Request) -> Response:
    """Invite an address; the same answer for every one, whether or not it has an account."""
    group = await _load(request)
    viewer, fields = viewer_of(request), dict(await read_form(request))
    mail = fields.get("mail", "").strip()
    problem = problem_with_mail(mail)
    if problem:
        return await _show(request, group, mail=FormState(fields, (FieldError("mail", problem),)))
    await tries.GROUP_INVITATIONS.take(viewer.id)
    await tries.GROUP_INVITATIONS_TO_ONE.take(group.id, normalised_address(mail))
    await mail_invitations.invite_by_mail(group.id, mail, by=viewer.id, language=i18n.language())
    return redirect(_url(group), notice="invited")


async def make_link(request: Request) -> Response:
    """The link is on the page that answers, and nowhere else afterwards."""
    group = await _load(request)
    viewer, fields = viewer_of(request), dict(await read_form(request))
    uses, days = _number(fields.get("uses", "")), _number(fields.get("days", ""))
    errors = _check_number("uses", uses, FEWEST_USES, MOST_USES)
    errors += _check_number("days", days, 1, LONGEST_LINK)
    if errors:
        return await _show(request, group, link=FormState(fields, tuple(errors)))
    await tries.GROUP_INVITATIONS.take(viewer.id)
    token = await invitations.make_link(group.id, by=viewer.id, uses=uses, days=days)
    page = LinkMadePage(
        crumbs=_crumbs(group, Crumb(_("Look after the group"), _url(group))),
        link=f"{settings.base_url}/group-invitation?token={token}",
        text=_link_text(uses, days),
        back_url=_url(group),
    )
    return without_a_copy(await show(request, "groups/link_made.html", page, Head(section="groups")))


async def take_out(request: Request) -> Response:
    """Take somebody out by nickname; the same answer whether or not they belonged to the group."""
    group = await _load(request)
    fields = dict(await read_form(request))
    profile = await _find(fields.get("out", ""))
    if profile is None:
        return await _show(request, group, out=_unknown(fields, "out"))
    viewer = viewer_of(request)
    if profile.id != viewer.id and profile.id in {one.id for one in await queries.list_managers(group.id)}:
        # Curators take out neither each other nor those they are answerable to.
        authorize(can_own_group(viewer, group))
    await actions.remove_member(group.id, profile.id)
    return redirect("/groups" if profile.id == viewer.id else _url(group), notice="taken-out-of-group")


async def end_role(request: Request) -> Response:
    """Let somebody be a plain member again; one's own role as well."""
    group, member_id = await _load(request), path_id(request, "member_id")
    viewer = viewer_of(request)
    authorize(can_own_group(viewer, group) or member_id == viewer.id)
    await actions.end_role(group.id, member_id)
    goes_on = member_id != viewer.id or viewer.is_administrator
    return redirect(_url(group) if goes_on else f"/groups/{group.slug}", notice="saved")


async def withdraw_invitation(request: Request) -> Response:
    group = await _load(request)
    await invitations.withdraw_invitation(group.id, path_id(request, "invitation_id"))
    return redirect(_url(group), notice="invitation-withdrawn")


async def withdraw_mail_invitation(request: Request) -> Response:
    group = await _load(request)
    await mail_invitations.withdraw_mail_invitation(
        group.id, path_id(request, "invitation_id"), by=viewer_of(request).id
    )
    return redirect(_url(group), notice="invitation-withdrawn")


async def end_link(request: Request) -> Response:
    group = await _load(request)
    await invitations.end_link(group.id, path_id(request, "link_id"))
    return redirect(_url(group), notice="invitation-withdrawn")


async def _load(request: Request, *, owner: bool = False) -> GroupView:
    viewer, group = viewer_of(request), await load_group(request)
    authorize(can_own_group(viewer, group) if owner else can_fill_group(viewer, group))
    return group


def _url(group: GroupView) -> str:
    return f"/groups/{group.slug}/manage"


def _crumbs(group: GroupView, *more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(_("Groups"), "/groups"), Crumb(group.name, f"/groups/{group.slug}"), *more)


async def _find(nickname: str) -> Profile | None:
    try:
        return await get_profile(nickname.strip())
    except NotFound:
        return None


def _unknown(fields: dict[str, str], field: str) -> FormState:
    return FormState(fields, (FieldError(field, _("There is no member with this nickname.")),))


def _number(typed: str) -> int:
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0


def _check_number(field: str, value: int, least: int, most: int) -> list[FieldError]:
    if least <= value <= most:
        return []
    text = _("Please write a number from %(least)d to %(most)d.") % {"least": least, "most": most}
    return [FieldError(field, text)]


def _link_text(uses: int, days: int) -> str:
    return ngettext(
        "It lets up to %(uses)d people in, for %(days)d day.",
        "It lets up to %(uses)d people in, for %(days)d days.",
        days,
    ) % {"uses": uses, "days": days}


async def _show(request: Request, group: GroupView, *, status: int = 0, **forms: FormState) -> Response:
    viewer, url = viewer_of(request), f"/groups/{group.slug}"
    owns = can_own_group(viewer, group)
    given = {name: FormState() for name in FORMS} | {
        "details": FormState(
            {"description": group.description} | ({"shows_members": "1"} if group.shows_members else {})
        ),
        "link": FormState({"uses": "20", "days": "14"}),
    }
    page = ManagePage(
        group=group,
        url=url,
        crumbs=_crumbs(group),
        owns=owns,
        forms=given | forms,
        requests=tuple(
            RequestCard(
                Link(one.nickname, profile_url(one.nickname)),
                one.note,
                f"{url}/requests/{one.id}",
                f"reason-{one.id}",
            )
            for one in await requests.list_open_requests(group.id)
        ),
        managers=tuple(
            ManagerLine(
                Link(one.name, profile_url(one.nickname)),
                role_names()[one.role],
                f"{url}/roles/{one.id}/end" if owns or one.id == viewer.id else "",
            )
            for one in await queries.list_managers(group.id)
        ),
        roles=tuple(Choice(role, name) for role, name in reversed(role_names().items())) if owns else (),
        invitations=await _list_invitations(group, viewer.id),
        admin_url=f"/admin/groups/{group.slug}" if viewer.is_administrator else "",
    )
    status = status or (422 if forms else 200)
    answer = await show(request, "groups/manage.html", page, Head(section="groups"), status=status)
    # Addresses that were typed stand here.
    return without_a_copy(answer)


async def _list_invitations(group: GroupView, member_id: int) -> tuple[InvitationLine, ...]:
    url, names = f"/groups/{group.slug}", role_names()
    until = _("until %(date)s")
    lines = [
        InvitationLine(
            text=_("Link for up to %(count)d people") % {"count": link.most_uses},
            hint=until % {"date": i18n.long_date(link.expires_at)},
            end_url=f"{url}/links/{link.id}/end",
        )
        for link in await invitations.list_links(group.id)
    ]
    lines += [
        InvitationLine(
            text=f"{sent.nickname} ({names[sent.role]})",
            hint=until % {"date": i18n.long_date(sent.expires_at)},
            end_url=f"{url}/invitations/{sent.id}/withdraw",
        )
        for sent in await invitations.list_sent_invitations(group.id)
    ]
    lines += [
        InvitationLine(
            text=sent.mail,
            hint=until % {"date": i18n.long_date(sent.expires_at)},
            end_url=f"{url}/mail-invitations/{sent.id}/withdraw",
        )
        for sent in await mail_invitations.list_own_mail_invitations(group.id, member_id)
    ]
    return tuple(lines)

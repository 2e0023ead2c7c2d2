"""Administration of people: by nickname only. Roles of staff, expert status; never who somebody is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from starlette.requests import Request
from starlette.responses import Response

from community.core.db import in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import long_date, number
from community.core.viewer import STAFF_ROLES, Role
from community.http.sessions import end_sessions_of_member
from community.members import roles
from community.members.directory import MemberLine, find_members, list_staff
from community.members.queries import Profile, get_profile
from community.ranks.experts import (
    Expertise,
    grant_expert,
    leave_to_rule,
    list_expertise,
    revoke_expert,
)
from community.spaces.queries import SpaceCard
from community.web.admin import admin_crumbs
from community.web.forms import check_length, read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link
from community.web.people import profile_url

LONGEST_STAFF_NAME = 60
LONGEST_STAFF_FIELD = 120
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class PersonLine:
    link: Link
    role: str
    staff_name: str
    year_joined: str
    solutions: str
    kudos: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    crumbs: tuple[Crumb, ...]
    query: str
    heading: str
    people: tuple[PersonLine, ...]


@dataclass(frozen=True, slots=True)
class ExpertLine:
    space: str
    until: str
    revoke_url: str
    """Empty where the status is revoked."""
    leave_url: str
    """Where staff let the rule of the space decide again, once they have revoked the status."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    nickname: str
    crumbs: tuple[Crumb, ...]
    profile_url: str
    facts: tuple[tuple[str, str], ...]
    is_self: bool
    """One's own role is for others to change."""
    role_url: str
    role_form: FormState
    roles: tuple[Choice, ...]
    is_staff: bool
    expert_url: str
    """Where expert status is granted; empty for staff."""
    badges_url: str
    expert_form: FormState
    spaces: tuple[Choice, ...]
    experts: tuple[ExpertLine, ...]


def role_names() -> dict[str, tuple[str, str]]:
    return {
        Role.CUSTOMER: (_("Customer"), _("Seen under the nickname alone")),
        Role.MODERATOR: (_("Moderator"), _("Keeps order in all spaces")),
        Role.MARKETING: (_("Marketing"), _("Writes as staff where groups allow it")),
        Role.ADMINISTRATOR: (_("Administrator"), _("Keeps order, and administers spaces, groups and people")),
    }


async def list_people(request: Request) -> Response:
    """Members whose nickname begins with what was asked for; without a question all staff."""
    query = request.query_params.get("q", "").strip()[:60]
    lines = await find_members(query) if query else await list_staff()
    page = PeoplePage(
        crumbs=admin_crumbs(),
        query=query,
        heading=_("Found") if query else _("Staff"),
        people=tuple(_line(line) for line in lines),
    )
    return await show(request, "admin/people.html", page, Head(section="admin"))


def _line(line: MemberLine) -> PersonLine:
    return PersonLine(
        link=Link(line.nickname, _url(line.nickname)),
        role=role_names()[line.role][0],
        staff_name=line.staff_name,
        year_joined=str(line.year_joined),
        solutions=number(line.solution_count),
        kudos=number(line.kudos_count),
    )


def _url(nickname: str) -> str:
    return profile_url(nickname).replace("/members/", "/admin/people/", 1)


async def show_person(request: Request) -> Response:
    profile = await get_profile(request.path_params["nickname"])
    return await _show(request, profile)


# --- roles ------------------------------------------------------------------------------------------------


async def change_role(request: Request) -> Response:
    viewer = viewer_of(request)
    profile = await get_profile(request.path_params["nickname"])
    fields = dict(await read_form(request))
    errors = _check_role(fields)
    if errors:
        return await _show(request, profile, role_form=FormState(fields, tuple(errors)), status=422)
    try:
        async with in_transaction():
            await roles.change_role(
                profile.id,
                role=Role(fields["role"]),
                staff_name=fields.get("staff_name", ""),
                staff_field=fields.get("staff_field", ""),
                by=viewer,
                reason=fields["reason"],
            )
            await end_sessions_of_member(profile.id)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, profile, role_form=form, status=409)
    return redirect(_url(profile.nickname), notice="done")


def _check_role(fields: dict[str, str]) -> list[FieldError]:
    role = fields.get("role", "")
    if role not in set(Role):
        return [FieldError("role", _("Please choose one of these."))]
    least = 3 if role in STAFF_ROLES else 0
    return [
        *check_length("staff_name", fields.get("staff_name", ""), least=least, most=LONGEST_STAFF_NAME),
        *check_length("staff_field", fields.get("staff_field", ""), least=0, most=LONGEST_STAFF_FIELD),
        *check_length("reason", fields.get("reason", ""), least=3, most=LONGEST_REASON),
    ]


# --- experts ----------------------------------------------------------------------------------------------


async def grant_expert_status(request: Request) -> Response:
    viewer = viewer_of(request)
    profile = await get_profile(request.path_params["nickname"])
    fields = dict(await read_form(request))
    spaces: tuple[SpaceCard, ...] = request.state.spaces
    space = next((space for space in spaces if space.slug == fields.get("space")), None)
    errors = []
    if space is None:
        errors.append(FieldError("space", _("Please choose a space.")))
    try:
        until = _end_of_day(fields.get("until", ""))
    except ValueError:
        errors.append(FieldError("until", _("Please write the date as year, month, day: 2027-12-31.")))
    if errors or space is None:
        return await _show(request, profile, expert_form=FormState(fields, tuple(errors)), status=422)
    try:
        await grant_expert(profile.id, space.id, until=until, by=viewer)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("until", str(error)),))
        return await _show(request, profile, expert_form=form, status=409)
    return redirect(_url(profile.nickname), notice="saved")


def _end_of_day(text: str) -> datetime | None:
    """The last moment of a day; None where none is given. `ValueError` for what is no date."""
    if not text.strip():
        return None
    return datetime.combine(date.fromisoformat(text.strip()), time(23, 59, 59), tzinfo=UTC)


async def revoke_expert_status(request: Request) -> Response:
    return await _end_expert_status(request, revoke_expert, revoked=False)


async def leave_expert_status_to_rule(request: Request) -> Response:
    return await _end_expert_status(request, leave_to_rule, revoked=True)


async def _end_expert_status(
    request: Request, act: Callable[..., Awaitable[None]], *, revoked: bool
) -> Response:
    profile = await get_profile(request.path_params["nickname"])
    space_id = path_id(request, "space_id")
    known = {each.space_id for each in await list_expertise(profile.id) if each.is_revoked == revoked}
    if space_id not in known:
        raise NotFound
    await act(profile.id, space_id, by=viewer_of(request))
    return redirect(_url(profile.nickname), notice="saved")


# --- the page ---------------------------------------------------------------------------------------------


async def _show(
    request: Request,
    profile: Profile,
    *,
    role_form: FormState | None = None,
    expert_form: FormState | None = None,
    status: int = 200,
) -> Response:
    url = _url(profile.nickname)
    is_staff = profile.role in STAFF_ROLES
    values = {"role": profile.role, "staff_name": profile.staff_name, "staff_field": profile.staff_field}
    page = PersonPage(
        nickname=profile.nickname,
        crumbs=admin_crumbs(Crumb(_("People"), "/admin/people")),
        profile_url=profile_url(profile.nickname),
        facts=(
            (_("Role"), role_names()[profile.role][0]),
            (_("Member since"), str(profile.year_joined)),
            (_("Solutions"), number(profile.solution_count)),
            (_("Kudos"), number(profile.kudos_count)),
        ),
        is_self=profile.id == viewer_of(request).id,
        role_url=f"{url}/role",
        role_form=role_form or FormState(values),
        roles=tuple(Choice(value, label, hint) for value, (label, hint) in role_names().items()),
        is_staff=is_staff,
        expert_url="" if is_staff else f"{url}/experts",
        badges_url=f"{url}/badges",
        expert_form=expert_form or FormState(),
        spaces=tuple(Choice(space.slug, space.name) for space in request.state.spaces),
        experts=tuple(_expert_line(each, url) for each in await list_expertise(profile.id)),
    )
    return await show(request, "admin/person.html", page, Head(section="admin"), status=status)


def _expert_line(expertise: Expertise, url: str) -> ExpertLine:
    own = f"{url}/experts/{expertise.space_id}"
    if expertise.is_revoked:
        return ExpertLine(expertise.space_name, _("revoked; no rule grants it again"), "", f"{own}/leave")
    if expertise.expires_at is None:
        until = _("until revoked")
    elif expertise.has_ended:
        until = _("ended on %(date)s") % {"date": long_date(expertise.expires_at)}
    else:
        until = _("until %(date)s") % {"date": long_date(expertise.expires_at)}
    origin = _("by rule") if expertise.by_rule else _("by staff")
    return ExpertLine(expertise.space_name, f"{until} ({origin})", f"{own}/revoke", "")

"""Badges: which there are, who would get them, and those that staff give by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import long_date, ngettext, number
from community.members.queries import get_profile
from community.ranks import badges
from community.ranks.badges import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    MOST_REACHED,
    BadgeDraft,
    BadgePreview,
    BadgeView,
    Measure,
)
from community.ranks.usual_badges import usual_badges
from community.web.admin import admin_crumbs
from community.web.forms import check_length, number_wanted, read_form, read_number
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link
from community.web.people import profile_url

URL = "/admin/badges"
HEAD = Head(section="admin")
LONGEST_REASON = 300
HAND = "hand"
"""How a form names `Measure.HAND`, whose value is empty."""


@dataclass(frozen=True, slots=True)
class BadgeLine:
    badge: Link
    description: str
    rule: str
    holders: str


@dataclass(frozen=True, slots=True)
class BadgesPage:
    crumbs: tuple[Crumb, ...]
    badges: tuple[BadgeLine, ...]
    new_url: str
    usual_url: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    gaining: str
    gaining_members: tuple[Link, ...]
    losing: str
    losing_members: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class BadgePage:
    heading: str
    crumbs: tuple[Crumb, ...]
    url: str
    form: FormState
    measures: tuple[Choice, ...]
    preview: PreviewView | None
    remove_url: str
    holders: str


@dataclass(frozen=True, slots=True)
class GivenLine:
    name: str
    since: str
    badge_id: int


@dataclass(frozen=True, slots=True)
class MemberBadgesPage:
    nickname: str
    crumbs: tuple[Crumb, ...]
    url: str
    form: FormState
    choices: tuple[Choice, ...]
    given: tuple[GivenLine, ...]
    revoke_url: str
    badges_url: str


def measure_names() -> dict[Measure, tuple[str, str]]:
    """What a badge can be for, with an explanation."""
    return {
        Measure.SOLUTIONS: (_("Solutions"), _("Accepted answers to questions of others.")),
        Measure.KUDOS: (_("Kudos"), _("Kudos for all posts together.")),
        Measure.POST_KUDOS: (_("Kudos for one post"), _("Kudos that a single post has got.")),
        Measure.HAND: (_("By hand"), _("You give it on the member’s page, with a reason.")),
    }


def rule_in_words(draft: BadgeDraft) -> str:
    """ "10 solutions"; "given by staff" for a badge by hand."""
    count = draft.reached
    texts = {
        Measure.HAND: _("given by staff"),
        Measure.SOLUTIONS: ngettext("%(num)s solution", "%(num)s solutions", count),
        Measure.KUDOS: ngettext("%(num)s kudos received", "%(num)s kudos received", count),
        Measure.POST_KUDOS: ngettext("%(num)s kudos for one post", "%(num)s kudos for one post", count),
    }
    text = texts[draft.measure]
    return text if draft.measure == Measure.HAND else text % {"num": number(count)}


# --- which badges there are -------------------------------------------------------------------------------


async def list_badges(request: Request) -> Response:
    known = await badges.list_badge_kinds()
    page = BadgesPage(
        crumbs=admin_crumbs(),
        badges=tuple(
            BadgeLine(
                Link(badge.draft.name, f"{URL}/{badge.id}"),
                badge.draft.description,
                rule_in_words(badge.draft),
                number(badge.holders),
            )
            for badge in known
        ),
        new_url=f"{URL}/new",
        usual_url="" if known else f"{URL}/usual",
    )
    return await show(request, "admin/badges.html", page, HEAD)


async def add_usual(request: Request) -> Response:
    """Begin with the usual milestones, where there is no badge yet."""
    if not await badges.list_badge_kinds():
        for draft in usual_badges():
            await badges.add_badge(draft, by=viewer_of(request))
    return redirect(URL, notice="saved")


async def show_new(request: Request) -> Response:
    return await _show(request, None, FormState({"measure": str(Measure.SOLUTIONS), "reached": "1"}))


async def add_badge(request: Request) -> Response:
    return await _save(request, None)


async def show_badge(request: Request) -> Response:
    badge = await badges.get_badge_kind(path_id(request, "badge_id"))
    return await _show(request, badge, FormState(_values(badge.draft)))


async def change_badge(request: Request) -> Response:
    return await _save(request, await badges.get_badge_kind(path_id(request, "badge_id")))


async def remove_badge(request: Request) -> Response:
    await badges.remove_badge(path_id(request, "badge_id"), by=viewer_of(request))
    return redirect(URL, notice="saved")


async def _save(request: Request, badge: BadgeView | None) -> Response:
    """Save what the form says, or show who would get it."""
    viewer, fields = viewer_of(request), dict(await read_form(request))
    draft, errors = _read(fields)
    if draft is None:
        return await _show(request, badge, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "preview":
        preview = await badges.preview_badge(badge.id if badge else None, draft)
        return await _show(request, badge, FormState(fields), preview=preview)
    try:
        if badge is None:
            badge_id = await badges.add_badge(draft, by=viewer)
        else:
            badge_id = badge.id
            await badges.change_badge(badge_id, draft, by=viewer)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("name", str(error)),))
        return await _show(request, badge, form, status=409)
    return redirect(f"{URL}/{badge_id}", notice="saved")


def _values(draft: BadgeDraft) -> dict[str, str]:
    return {
        "name": draft.name,
        "description": draft.description,
        "measure": str(draft.measure) or HAND,
        "reached": str(draft.reached) if draft.reached else "",
    }


def _read(fields: Mapping[str, str]) -> tuple[BadgeDraft | None, list[FieldError]]:
    name, description = (" ".join(fields.get(field, "").split()) for field in ("name", "description"))
    errors = check_length("name", name, least=2, most=LONGEST_NAME)
    errors += check_length("description", description, least=2, most=LONGEST_DESCRIPTION)
    measure, reached = _measure(fields.get("measure", "")), 0
    if measure is None:
        errors.append(FieldError("measure", _("Please choose one of these.")))
    elif measure != Measure.HAND:
        found = read_number(fields.get("reached", ""), least=1, most=MOST_REACHED)
        reached = found or 0
        if found is None:
            errors.append(FieldError("reached", number_wanted(1, MOST_REACHED)))
    if errors or measure is None:
        return None, errors
    return BadgeDraft(name, description, measure, reached), []


def _measure(text: str) -> Measure | None:
    if text == HAND:
        return Measure.HAND
    return next((measure for measure in Measure if measure == text and measure != Measure.HAND), None)


async def _show(
    request: Request,
    badge: BadgeView | None,
    form: FormState,
    *,
    preview: BadgePreview | None = None,
    status: int = 200,
) -> Response:
    url = f"{URL}/{badge.id}" if badge else f"{URL}/new"
    holders = badge.holders if badge else 0
    page = BadgePage(
        heading=badge.draft.name if badge else _("New badge"),
        crumbs=admin_crumbs(Crumb(_("Badges"), URL)),
        url=url,
        form=form,
        measures=tuple(
            Choice(str(measure) or HAND, label, hint) for measure, (label, hint) in measure_names().items()
        ),
        preview=_preview(preview) if preview else None,
        remove_url=f"{url}/remove" if badge else "",
        holders=ngettext("%(num)s member has it.", "%(num)s members have it.", holders)
        % {"num": number(holders)},
    )
    return await show(request, "admin/badge.html", page, HEAD, status=status)


def _preview(preview: BadgePreview) -> PreviewView:
    gaining, losing = preview.gaining_count, preview.losing_count
    return PreviewView(
        gaining=ngettext("%(num)s member would get it.", "%(num)s members would get it.", gaining)
        % {"num": number(gaining)}
        if gaining
        else _("Nobody would get it now."),
        gaining_members=tuple(Link(name, profile_url(name)) for name in preview.gaining),
        losing=ngettext("%(num)s member would lose it.", "%(num)s members would lose it.", losing)
        % {"num": number(losing)}
        if losing
        else "",
        losing_members=tuple(Link(name, profile_url(name)) for name in preview.losing),
    )


# --- by hand ----------------------------------------------------------------------------------------------


async def show_member(request: Request) -> Response:
    return await _show_member(request, FormState())


async def grant_badge(request: Request) -> Response:
    profile = await get_profile(request.path_params["nickname"])
    fields = dict(await read_form(request))
    chosen = {str(badge.id): badge.id for badge in await _by_hand()}.get(fields.get("badge", ""))
    errors = check_length("reason", fields.get("reason", ""), least=3, most=LONGEST_REASON)
    if chosen is None:
        errors.insert(0, FieldError("badge", _("Please choose one of these.")))
    if errors or chosen is None:
        return await _show_member(request, FormState(fields, tuple(errors)), status=422)
    try:
        await badges.grant_badge(chosen, profile.id, by=viewer_of(request), reason=fields["reason"])
    except RuleBroken as error:
        form = FormState(fields, (FieldError("badge", str(error)),))
        return await _show_member(request, form, status=409)
    return redirect(_member_url(profile.nickname), notice="saved")


async def revoke_badge(request: Request) -> Response:
    profile = await get_profile(request.path_params["nickname"])
    fields = dict(await read_form(request))
    held = {str(badge.badge_id): badge.badge_id for badge in await badges.list_given_by_hand(profile.id)}
    if fields.get("badge", "") not in held:
        raise NotFound
    errors = check_length("reason", fields.get("reason", ""), least=3, most=LONGEST_REASON)
    if errors:
        return await _show_member(request, FormState({}, tuple(errors)), status=422)
    await badges.revoke_badge(
        held[fields["badge"]], profile.id, by=viewer_of(request), reason=fields["reason"]
    )
    return redirect(_member_url(profile.nickname), notice="saved")


async def _by_hand() -> list[BadgeView]:
    return [badge for badge in await badges.list_badge_kinds() if badge.draft.measure == Measure.HAND]


def _member_url(nickname: str) -> str:
    return profile_url(nickname).replace("/members/", "/admin/people/", 1) + "/badges"


async def _show_member(request: Request, form: FormState, *, status: int = 200) -> Response:
    profile = await get_profile(request.path_params["nickname"])
    url = _member_url(profile.nickname)
    person = Crumb(profile.nickname, url.removesuffix("/badges"))
    page = MemberBadgesPage(
        nickname=profile.nickname,
        crumbs=admin_crumbs(Crumb(_("People"), "/admin/people"), person),
        url=url,
        form=form,
        choices=tuple(Choice(str(badge.id), badge.draft.name) for badge in await _by_hand()),
        given=tuple(
            GivenLine(each.name, long_date(each.granted_at), each.badge_id)
            for each in await badges.list_given_by_hand(profile.id)
        ),
        revoke_url=f"{url}/revoke",
        badges_url=URL,
    )
    return await show(request, "admin/member_badges.html", page, HEAD, status=status)

"""One member as moderators see them: what they have written, what was decided, and which sanctions they are under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import STAFF_ROLES
from community.members.queries import Profile, get_profile
from community.moderation import people, sanctioning
from community.sanctions import queries
from community.sanctions.actions import LONGEST_NOTE, LONGEST_REASON, SHORTEST_REASON, Wish, mark_of
from community.sanctions.queries import SanctionRow
from community.sanctions.rules import PRESETS, TIMED, Kind, end_of, end_of_days, propose
from community.waiting.forecast import foresee
from community.web.foreseen import ForeseenView, foreseen_view
from community.web.forms import check_length, read_form
from community.web.grounds import ground_choices, read_ground
from community.web.moderation_queue import moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link, When
from community.web.people import conduct_url, profile_url
from community.web.reveals import ask_url
from community.web.sanction_words import kind_hints, kind_names, scope_of, state_of

OWN_DATE = "own"
EVERYWHERE = "-"


@dataclass(frozen=True, slots=True)
class SanctionView:
    """A sanction for staff. Empty addresses: it cannot be changed or lifted any more."""

    member: Link
    kind: str
    scope: str
    state: str
    holds: bool
    reason: str
    note: str
    imposed_by: str
    when: When
    lift_reason: str
    lifted_by: str
    change_url: str
    lift_url: str


@dataclass(frozen=True, slots=True)
class FlaggedView:
    link: Link
    when: When | None
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    crumbs: tuple[Crumb, ...]
    nickname: str
    links: tuple[Link, ...]
    facts: tuple[tuple[str, str], ...]
    is_staff: bool
    sanctions: tuple[SanctionView, ...]
    foreseen: tuple[ForeseenView, ...]
    """What would become of the next text; empty for staff, whose texts no rule holds."""
    flagged: tuple[FlaggedView, ...]
    impose_url: str
    """Empty where nobody can be sanctioned by this viewer: staff, and oneself."""


@dataclass(frozen=True, slots=True)
class SanctionsPage:
    links: tuple[Link, ...]
    sanctions: tuple[SanctionView, ...]


@dataclass(frozen=True, slots=True)
class ImposePage:
    crumbs: tuple[Crumb, ...]
    nickname: str
    url: str
    back_url: str
    form: FormState
    kinds: tuple[Choice, ...]
    spaces: tuple[Choice, ...]
    days: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    proposal: str
    seen: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Another end, or none of it any more."""

    crumbs: tuple[Crumb, ...]
    heading: str
    explanation: str
    url: str
    back_url: str
    button: str
    form: FormState
    sanction: SanctionView
    days: tuple[Choice, ...]
    """Empty where the sanction is lifted."""
    seen: str


def _crumbs(nickname: str = "") -> tuple[Crumb, ...]:
    first = (Crumb(_("Moderation"), "/moderation"), Crumb(_("Sanctions"), "/moderation/sanctions"))
    return (*first, Crumb(nickname, conduct_url(nickname))) if nickname else first


async def list_holding(request: Request) -> Response:
    """Whoever is under a sanction now."""
    rows = await queries.list_holding()
    page = SanctionsPage(moderation_links(), tuple(_view(row) for row in rows))
    return await show(request, "moderation/sanctions.html", page, Head(section="moderation"))


async def show_member(request: Request) -> Response:
    viewer = viewer_of(request)
    profile = await get_profile(request.path_params["nickname"])
    conduct = await people.get_conduct(viewer, profile.id)
    is_staff = profile.role in STAFF_ROLES
    page = MemberPage(
        crumbs=_crumbs(),
        nickname=profile.nickname,
        links=_links(profile, is_staff=is_staff),
        facts=(
            (_("Member since"), str(profile.year_joined)),
            (_("Posts"), number(conduct.post_count)),
            (_("Solutions"), number(profile.solution_count)),
            (_("Kudos received"), number(profile.kudos_count)),
            (_("Hidden posts"), number(conduct.hidden_count)),
            (_("Posts with upheld flags"), number(conduct.upheld_count)),
            (_("Posts with dismissed flags"), number(conduct.dismissed_count)),
        ),
        is_staff=is_staff,
        sanctions=tuple(_view(row) for row in await queries.list_sanctions(profile.id)),
        foreseen=() if is_staff else tuple(foreseen_view(each) for each in await foresee(profile.id, viewer)),
        flagged=tuple(
            FlaggedView(
                Link(post.thread_title, f"/posts/{post.post_id}"),
                When.of(post.decided_at) if post.decided_at else None,
                post.is_hidden,
            )
            for post in await people.list_flagged(viewer, profile.id)
        ),
        impose_url="" if is_staff or profile.id == viewer.id else f"{conduct_url(profile.nickname)}/sanction",
    )
    return await show(request, "moderation/member.html", page, Head(section="moderation"))


def _links(profile: Profile, *, is_staff: bool) -> tuple[Link, ...]:
    links = [
        Link(_("Public page"), profile_url(profile.nickname)),
        Link(_("Log about this member"), f"/moderation/log?subject={quote(f'member:{profile.id}')}"),
    ]
    if not is_staff:
        links.append(Link(_("Ask who is behind this nickname"), ask_url(profile.nickname)))
    return tuple(links)


def _view(row: SanctionRow) -> SanctionView:
    holds = row.holds(now())
    base = f"/moderation/sanctions/{row.id}"
    return SanctionView(
        member=Link(row.nickname, conduct_url(row.nickname)),
        kind=kind_names()[row.kind],
        scope=scope_of(row),
        state=state_of(row),
        holds=holds,
        reason=row.reason,
        note=row.note,
        imposed_by=row.imposed_by or _("Former member"),
        when=When.of(row.imposed_at),
        lift_reason=row.lift_reason,
        lifted_by=row.lifted_by if row.lifted_at else "",
        change_url=f"{base}/change" if holds and row.kind in TIMED else "",
        lift_url=f"{base}/lift" if holds or (row.kind == Kind.WARNING and not row.lifted_at) else "",
    )


# --- imposing ---------------------------------------------------------------------------------------------


async def _customer(request: Request) -> Profile:
    """Staff have no such page; the action refuses them in any case."""
    profile = await get_profile(request.path_params["nickname"])
    if profile.role in STAFF_ROLES or profile.id == viewer_of(request).id:
        raise NotFound
    return profile


async def show_impose_form(request: Request) -> Response:
    profile = await _customer(request)
    proposal = propose(await queries.count_earlier(profile.id))
    form = FormState({"kind": proposal.kind, "days": str(proposal.days or PRESETS[1]), "space": EVERYWHERE})
    return await _show_impose_form(request, profile, form)


async def impose(request: Request) -> Response:
    """Impose what the form says, or show it again; who comes second sees what the first has done."""
    profile = await _customer(request)
    fields = dict(await read_form(request))
    wish, errors = _read_wish(request, fields)
    if wish is None:
        return await _show_impose_form(request, profile, FormState(fields, tuple(errors)), status=422)
    try:
        await sanctioning.impose(profile.id, wish, by=viewer_of(request))
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_impose_form(request, profile, form, status=409)
    return redirect(conduct_url(profile.nickname), notice="done")


def _read_wish(request: Request, fields: Mapping[str, str]) -> tuple[Wish | None, list[FieldError]]:
    errors, kind = [], fields.get("kind", "")
    if kind not in set(Kind):
        errors.append(FieldError("kind", _("Please choose one of these.")))
    spaces = {space.slug: space.id for space in request.state.spaces} | {EVERYWHERE: None}
    if kind == Kind.MUTE and fields.get("space", EVERYWHERE) not in spaces:
        errors.append(FieldError("space", _("Please choose a space.")))
    ends_at, end_errors = _read_end(fields) if kind in TIMED else (None, [])
    errors += end_errors
    ground, wrong = read_ground(fields)
    errors += wrong
    errors += check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    errors += check_length("note", fields.get("note", ""), least=0, most=LONGEST_NOTE)
    if errors or ground is None:
        return None, errors
    wish = Wish(
        kind=Kind(kind),
        reason=fields["reason"],
        note=fields.get("note", ""),
        ends_at=ends_at,
        space_id=spaces[fields.get("space", EVERYWHERE)] if kind == Kind.MUTE else None,
        ground=ground,
        is_prompted=fields.get("prompted") == "1",
        seen=fields.get("seen", ""),
    )
    return wish, []


def _read_end(fields: Mapping[str, str]) -> tuple[datetime | None, list[FieldError]]:
    """From a number of days that is offered, or the date that was typed."""
    days = fields.get("days", "")
    if days in {str(each) for each in PRESETS}:
        return end_of_days(int(days), now()), []
    if days != OWN_DATE:
        return None, [FieldError("days", _("Please choose one of these."))]
    try:
        return end_of(date.fromisoformat(fields.get("ends_on", "").strip())), []
    except ValueError:
        return None, [
            FieldError("ends_on", _("Please write the date as year, month, day: 2027-12-31.")),
        ]


def _days() -> tuple[Choice, ...]:
    return (
        *(
            Choice(str(days), ngettext("for %(num)s day", "for %(num)s days", days) % {"num": number(days)})
            for days in PRESETS
        ),
        Choice(OWN_DATE, _("until a date of your own")),
    )


async def _show_impose_form(
    request: Request, profile: Profile, form: FormState, *, status: int = 200
) -> Response:
    spaces = [Choice(space.slug, space.name) for space in request.state.spaces]
    page = ImposePage(
        crumbs=_crumbs(profile.nickname),
        nickname=profile.nickname,
        url=f"{conduct_url(profile.nickname)}/sanction",
        back_url=conduct_url(profile.nickname),
        form=form,
        kinds=tuple(Choice(kind, name, kind_hints()[kind]) for kind, name in kind_names().items()),
        spaces=(Choice(EVERYWHERE, _("Everywhere")), *spaces),
        days=_days(),
        grounds=ground_choices(),
        proposal=_say_proposal(await queries.count_earlier(profile.id)),
        seen=form.value("seen") if status == 422 else mark_of(await queries.list_sanctions(profile.id)),
    )
    head = Head(section="moderation")
    return await show(request, "moderation/sanction.html", page, head, status=status)


def _say_proposal(earlier: int) -> str:
    proposal = propose(earlier)
    name = kind_names()[proposal.kind]
    if proposal.days:
        days = ngettext("for %(num)s day", "for %(num)s days", proposal.days) % {"num": number(proposal.days)}
        name = _("%(kind)s %(days)s") % {"kind": name, "days": days}
    if not earlier:
        return _("There was no sanction within a year. Usual first step: %(step)s. You decide.") % {
            "step": name
        }
    sentence = ngettext(
        "There was %(num)s sanction within a year. Usual next step: %(step)s. You decide.",
        "There were %(num)s sanctions within a year. Usual next step: %(step)s. You decide.",
        earlier,
    )
    return sentence % {"num": number(earlier), "step": name}


# --- changing and lifting ---------------------------------------------------------------------------------


async def show_change_form(request: Request) -> Response:
    row = await queries.get_sanction(path_id(request, "sanction_id"))
    return await _show_change(request, row, FormState({"days": str(PRESETS[1])}), lifts=False)


async def change(request: Request) -> Response:
    row = await queries.get_sanction(path_id(request, "sanction_id"))
    fields = dict(await read_form(request))
    ends_at, errors = _read_end(fields)
    errors += check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    if errors or ends_at is None:
        return await _show_change(request, row, FormState(fields, tuple(errors)), lifts=False, status=422)
    try:
        await sanctioning.change(
            row.id,
            ends_at=ends_at,
            reason=fields["reason"],
            by=viewer_of(request),
            seen=fields.get("seen", ""),
        )
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_change(request, row, form, lifts=False, status=409)
    return redirect(conduct_url(row.nickname), notice="done")


async def show_lift_form(request: Request) -> Response:
    row = await queries.get_sanction(path_id(request, "sanction_id"))
    return await _show_change(request, row, FormState(), lifts=True)


async def lift(request: Request) -> Response:
    row = await queries.get_sanction(path_id(request, "sanction_id"))
    fields = dict(await read_form(request))
    errors = check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    if errors:
        return await _show_change(request, row, FormState(fields, tuple(errors)), lifts=True, status=422)
    try:
        await sanctioning.lift(
            row.id, reason=fields["reason"], by=viewer_of(request), seen=fields.get("seen", "")
        )
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_change(request, row, form, lifts=True, status=409)
    return redirect(conduct_url(row.nickname), notice="done")


async def _show_change(
    request: Request, row: SanctionRow, form: FormState, *, lifts: bool, status: int = 200
) -> Response:
    nickname = row.nickname
    page = ChangePage(
        crumbs=_crumbs(nickname),
        heading=_("Lift the sanction of %(name)s") % {"name": nickname}
        if lifts
        else _("Change the end for %(name)s") % {"name": nickname},
        explanation=_(
            "From now on it holds no more, and does not count for the next one. The member is told why."
        )
        if lifts
        else _("The new end counts from now. The member is told."),
        url=f"/moderation/sanctions/{row.id}/{'lift' if lifts else 'change'}",
        back_url=conduct_url(nickname),
        button=_("Lift") if lifts else _("Change the end"),
        form=form,
        sanction=_view(await queries.get_sanction(row.id)),
        days=() if lifts else _days(),
        seen=form.value("seen") if status == 422 else mark_of(await queries.list_sanctions(row.member_id)),
    )
    return await show(
        request, "moderation/sanction_change.html", page, Head(section="moderation"), status=status
    )

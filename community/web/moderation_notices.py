"""Notices for those who decide about them: the list with its clock, and one notice about a nickname or FAQ entry."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import full_date, ngettext, number
from community.core.i18n import gettext as _
from community.decisions.work import WorkKind
from community.moderation import notices
from community.moderation.models import FlagState
from community.moderation.notice_queries import CHOICES, NoticeRow, count_notices, get_notice, list_notices
from community.moderation.notice_rules import ABOUT_LIVES
from community.moderation.queue import find_work, list_undecidable
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON
from community.web.forms import check_length, read_form
from community.web.grounds import ground_choices, read_ground
from community.web.moderation_items import Desk, desk_of, view_of_work
from community.web.moderation_queue import WorkView, moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FilterLink, FormState, Link, When
from community.web.reporting import kind_name

UPHOLD, DISMISS = "uphold", "dismiss"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    url: str
    reference: str
    kind: str
    place: str
    """The address that was reported."""
    when: When
    state: str
    is_late: bool
    is_stuck: bool
    """Nobody is left who may decide; only administrators are told, for they can appoint somebody."""


@dataclass(frozen=True, slots=True)
class NoticesPage:
    links: tuple[Link, ...]
    filters: tuple[FilterLink, ...]
    notices: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True)
class NoticePage:
    crumbs: tuple[Crumb, ...]
    reference: str
    place: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    is_late: bool
    is_about_lives: bool
    is_open: bool
    may_decide: bool
    form: FormState
    choices: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    decide_url: str
    log_url: str
    work: WorkView | None
    """Its item of the queue, with the desk; None once it is decided."""
    desk: Desk | None


async def show_notices(request: Request) -> Response:
    viewer = viewer_of(request)
    choice = request.query_params.get("show", "open")
    if choice not in CHOICES:
        raise NotFound
    counts = await count_notices(viewer)
    stuck = await list_undecidable(WorkKind.NOTICE) if viewer.is_administrator else set()
    labels = {"open": _("Open"), "decided": _("Decided"), "late": _("Late")}
    page = NoticesPage(
        links=moderation_links(),
        filters=tuple(
            FilterLink(
                labels[name],
                "/moderation/notices" if name == "open" else f"/moderation/notices?show={name}",
                current=name == choice,
                count=counts[name],
            )
            for name in CHOICES
        ),
        notices=tuple(_line(row, is_stuck=row.id in stuck) for row in await list_notices(viewer, choice)),
    )
    return await show(request, "moderation/notices.html", page, Head(section="moderation"))


def _line(row: NoticeRow, *, is_stuck: bool) -> NoticeLine:
    return NoticeLine(
        # A post is decided about with all that others have said against it.
        url=f"/moderation/posts/{row.post_id}"
        if row.post_id and row.state == FlagState.OPEN
        else f"/moderation/notices/{row.id}",
        reference=row.reference,
        kind=kind_name(row.kind),
        place=row.url,
        when=When.of(row.knew_at),
        state=_state(row),
        is_late=row.is_late,
        is_stuck=is_stuck,
    )


def _state(row: NoticeRow) -> str:
    if row.dealt_at is None:
        return _("Late: it should be dealt with by now") if row.is_late else _("Open")
    hours = max(0, int((row.dealt_at - row.knew_at).total_seconds() // 3600))
    took = _("within an hour")
    if hours:
        took = ngettext("after %(num)s hour", "after %(num)s hours", hours) % {"num": number(hours)}
    decided = _("Agreed") if row.state == FlagState.UPHELD else _("Dismissed")
    return f"{decided}, {took}"


async def show_notice(request: Request) -> Response:
    row = await get_notice(path_id(request, "notice_id"), viewer_of(request))
    if row.post_id is not None and row.state == FlagState.OPEN:
        return redirect(f"/moderation/posts/{row.post_id}")
    return await _show(request, row, FormState())


async def decide_notice(request: Request) -> Response:
    """Of two who decide at once, one does; the other is told so and keeps what they have typed."""
    viewer = viewer_of(request)
    row = await get_notice(path_id(request, "notice_id"), viewer)
    fields = dict(await read_form(request))
    decision, reason = fields.get("decision", ""), fields.get("reason", "")
    errors = check_length("reason", reason, least=SHORTEST_REASON, most=LONGEST_REASON)
    ground, wrong = read_ground(fields) if decision == UPHOLD else (None, [])
    errors[:0] = wrong
    if decision not in (UPHOLD, DISMISS):
        errors.insert(0, FieldError("decision", _("Please choose what should happen.")))
    if errors:
        return await _show(request, row, FormState(fields, tuple(errors)), status=422)
    try:
        if row.post_id is not None:
            raise Conflict(_("This has been decided meanwhile."))
        if decision == UPHOLD:
            await notices.uphold_notice(row.id, by=viewer, reason=reason, ground=ground)
        else:
            await notices.dismiss_notice(row.id, by=viewer, reason=reason)
    except RuleBroken as error:
        row = await get_notice(row.id, viewer)
        return await _show(request, row, FormState(fields, (FieldError("", str(error)),)), status=409)
    return redirect("/moderation/next" if "next" in fields else "/moderation", notice="done")


async def _show(request: Request, row: NoticeRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    item = await find_work(viewer, WorkKind.NOTICE, notices.item_of_notice(row.id))
    work = await view_of_work(request, item) if item else None
    page = NoticePage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Notices"), "/moderation/notices")),
        reference=row.reference,
        place=row.url,
        paragraphs=tuple(line for line in row.text.split("\n") if line.strip()),
        facts=(
            (_("What is wrong with it"), kind_name(row.kind)),
            (_("Known since"), full_date(row.knew_at)),
            (_("Dealt with"), full_date(row.dealt_at) if row.dealt_at else _("not yet")),
            (_("State"), _state(row)),
            *(((_("Reason"), row.reason),) if row.reason else ()),
        ),
        is_late=row.is_late,
        is_about_lives=row.kind in ABOUT_LIVES,
        is_open=row.state == FlagState.OPEN,
        may_decide=await notices.may_decide_notice(row.id, viewer.id),
        form=form,
        choices=_choices(row),
        grounds=ground_choices(),
        decide_url=f"/moderation/notices/{row.id}/decide",
        log_url=f"/moderation/log?subject={row.subject}",
        work=work,
        desk=await desk_of(viewer, work) if work else None,
    )
    return await show(request, "moderation/notice.html", page, Head(section="moderation"), status=status)


def _choices(row: NoticeRow) -> tuple[Choice, ...]:
    kind = row.subject.partition(":")[0]
    uphold = {
        "faq": Choice(UPHOLD, _("Agree and withdraw the entry"), _("Nobody but editors can read it.")),
        "member": Choice(
            UPHOLD, _("Agree and tell the member"), _("They learn the reason, and that they can object.")
        ),
    }.get(
        kind, Choice(UPHOLD, _("Agree"), _("The post is gone already. Whoever reported learns the reason."))
    )
    return (uphold, Choice(DISMISS, _("Dismiss"), _("Only whoever has reported it learns the reason.")))

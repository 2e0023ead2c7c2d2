"""Objecting to a decision, and deciding about objections: somebody who had nothing to do with it before does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.accounts.statement_links import PATH
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.statements import Standing, StatementRow, find_standing, get_statement
from community.decisions.work import WorkKind
from community.members.queries import list_profiles_by_ids
from community.moderation import appeals
from community.moderation.appeal_queries import (
    CHOICES,
    AppealRow,
    count_appeals,
    get_appeal,
    list_appeals,
    may_decide,
)
from community.moderation.models import AppealState, Measure
from community.moderation.notice_queries import get_notice, get_notice_by_token, get_own_notice
from community.moderation.queue import find_work, list_undecidable
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON
from community.moderation.statements import find_concerned_content
from community.moderation.taking_back import find_sanctioned
from community.web.decisions import Link as StatementLink
from community.web.decisions import find_by_link, show_statement, statement_facts
from community.web.forms import check_length, read_form
from community.web.grounds import ground_choices, read_ground
from community.web.measures import words_of
from community.web.moderation_items import Desk, desk_of, view_of_work
from community.web.moderation_queue import WorkView, moderation_links
from community.web.objections import LONGEST_TEXT, SHORTEST_TEXT, heading_of
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FilterLink, FormState, Link, When
from community.web.people import conduct_url
from community.web.report_status import show_status_of
from community.web.reporting import kind_name

REJECT, GRANT = "reject", "grant"


# --- objecting --------------------------------------------------------------------------------------------


async def appeal_statement(request: Request) -> Response:
    viewer = viewer_of(request)
    row = await get_statement(path_id(request, "statement_id"), viewer)
    if row.member_id != viewer.id:
        raise NotFound
    fields = dict(await read_form(request))
    return await _appeal_statement(request, row, fields, then=f"/decisions/{row.id}")


async def appeal_statement_by_link(request: Request) -> Response:
    """By whoever cannot log in, and holds the link of the statement."""
    fields = dict(await read_form(request))
    row, link = await find_by_link(fields.get("token", ""))
    then = f"{PATH}?token={quote(link.token, safe='')}"
    return await _appeal_statement(request, row, fields, link=link, then=then)


async def _appeal_statement(
    request: Request,
    row: StatementRow,
    fields: dict[str, str],
    *,
    link: StatementLink | None = None,
    then: str,
) -> Response:
    text = fields.get("text", "")
    errors = check_length("text", text, least=SHORTEST_TEXT, most=LONGEST_TEXT)
    if errors:
        form = FormState(fields, tuple(errors))
        return await show_statement(request, row, form, link=link, status=422)
    try:
        await appeals.appeal_statement(row.id, text=text, by=row.member_id)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await show_statement(request, row, form, link=link, status=409)
    return redirect(then, notice="appealed")


async def appeal_own_notice(request: Request) -> Response:
    notice = await get_own_notice(path_id(request, "notice_id"), viewer_of(request))
    return await _appeal_notice(request, notice.id, f"/notices/{notice.id}", token="")


async def appeal_by_link(request: Request) -> Response:
    """By whoever holds the link of the report."""
    token = dict(await read_form(request)).get("token", "")
    notice = await get_notice_by_token(token)
    return await _appeal_notice(
        request, notice.id, f"/report/status?token={quote(token, safe='')}", token=token
    )


async def _appeal_notice(request: Request, notice_id: int, back: str, *, token: str) -> Response:
    fields = dict(await read_form(request))
    text = fields.get("text", "")
    errors = check_length("text", text, least=SHORTEST_TEXT, most=LONGEST_TEXT)
    status = 422
    if not errors:
        try:
            await appeals.appeal_notice(notice_id, text=text)
            return redirect(back, notice="appealed")
        except RuleBroken as error:
            errors, status = [FieldError("", str(error))], 409
    form = FormState(fields, tuple(errors))
    notice = (
        await get_notice_by_token(token) if token else await get_own_notice(notice_id, viewer_of(request))
    )
    return await show_status_of(request, notice, token=token, form=form, status=status)


# --- deciding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppealLine:
    url: str
    label: str
    when: When
    state: str
    is_stuck: bool
    """Nobody is left who may decide; only administrators are told, for they can appoint somebody."""


@dataclass(frozen=True, slots=True)
class AppealsPage:
    links: tuple[Link, ...]
    filters: tuple[FilterLink, ...]
    appeals: tuple[AppealLine, ...]


@dataclass(frozen=True, slots=True)
class AppealPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    """What was decided before, and why."""
    html: Markup
    is_open: bool
    may_decide: bool
    outcome: str
    reason: str
    form: FormState
    choices: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    """Where granting restricts somebody."""
    decide_url: str
    log_url: str
    member: Link | None
    """Where a sanction is looked at in full; None for other decisions."""
    work: WorkView | None
    """Its item of the queue, with the desk; None for those who cannot decide about it."""
    desk: Desk | None


async def show_appeals(request: Request) -> Response:
    viewer = viewer_of(request)
    choice = request.query_params.get("show", "open")
    if choice not in CHOICES:
        raise NotFound
    counts = await count_appeals(viewer)
    stuck = await list_undecidable(WorkKind.APPEAL) if viewer.is_administrator else set()
    labels = {"open": _("Open"), "decided": _("Decided")}
    page = AppealsPage(
        links=moderation_links(),
        filters=tuple(
            FilterLink(
                labels[name],
                "/moderation/appeals" if name == "open" else f"/moderation/appeals?show={name}",
                current=name == choice,
                count=counts[name],
            )
            for name in CHOICES
        ),
        appeals=tuple(
            AppealLine(
                f"/moderation/appeals/{row.id}",
                heading_of(row),
                When.of(row.filed_at),
                outcome_of(row.state),
                is_stuck=row.id in stuck,
            )
            for row in await list_appeals(viewer, choice)
        ),
    )
    return await show(request, "moderation/appeals.html", page, Head(section="moderation"))


def outcome_of(state: str) -> str:
    return {
        AppealState.GRANTED: _("The objection was right; the decision is changed."),
        AppealState.REJECTED: _("The decision stays as it is."),
        AppealState.SETTLED: _("It was settled in another way before anybody decided."),
    }.get(AppealState(state), "")


async def show_appeal(request: Request) -> Response:
    row = await get_appeal(path_id(request, "appeal_id"), viewer_of(request))
    return await _show(request, row, FormState())


async def decide_appeal(request: Request) -> Response:
    """Of two who decide at once, one does; the other keeps what they have typed."""
    viewer = viewer_of(request)
    row = await get_appeal(path_id(request, "appeal_id"), viewer)
    fields = dict(await read_form(request))
    decision, reason = fields.get("decision", ""), fields.get("reason", "")
    errors = check_length("reason", reason, least=SHORTEST_REASON, most=LONGEST_REASON)
    restricts = row.notice_id is not None and decision not in ("", REJECT)
    ground, wrong = read_ground(fields) if restricts else (None, [])
    errors[:0] = wrong
    if decision not in {choice.value for choice in _choices(row)}:
        errors.insert(0, FieldError("decision", _("Please choose what should happen.")))
    if errors:
        return await _show(request, row, FormState(fields, tuple(errors)), status=422)
    standing = Standing.HOLDS
    try:
        if decision == REJECT:
            await appeals.reject_appeal(row.id, by=viewer, reason=reason)
        else:
            measure = Measure(decision) if decision in set(Measure) else Measure.HIDE
            standing = await appeals.grant_appeal(
                row.id, by=viewer, reason=reason, measure=measure, ground=ground
            )
    except RuleBroken as error:
        row = await get_appeal(row.id, viewer)
        return await _show(request, row, FormState(fields, (FieldError("", str(error)),)), status=409)
    then = "/moderation/next" if "next" in fields else "/moderation"
    return redirect(then, notice="done" if standing is Standing.HOLDS else "granted_alone")


async def _show(request: Request, row: AppealRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    facts, html = await _decided_before(row, viewer)
    sanctioned = await find_sanctioned(row.subject)
    item = await find_work(viewer, WorkKind.APPEAL, appeals.item_of_appeal(row.id))
    work = await view_of_work(request, item) if item else None
    page = AppealPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Objections"), "/moderation/appeals")),
        heading=heading_of(row),
        paragraphs=tuple(line for line in row.text.split("\n") if line.strip()),
        facts=((_("Received"), full_date(row.filed_at)), *facts, *_decided(row.decided_at)),
        html=html,
        is_open=row.state == AppealState.OPEN,
        may_decide=await may_decide(row, viewer),
        outcome=outcome_of(row.state),
        reason=row.reason,
        form=form,
        choices=_choices(row, await _standing_of(row)),
        grounds=ground_choices() if row.notice_id is not None else (),
        decide_url=f"/moderation/appeals/{row.id}/decide",
        log_url=f"/moderation/log?subject={sanctioned or row.subject}",
        member=await _member(sanctioned),
        work=work,
        desk=await desk_of(viewer, work) if work else None,
    )
    return await show(request, "moderation/appeal.html", page, Head(section="moderation"), status=status)


async def _member(subject: str) -> Link | None:
    """ "member:123" as a link to what moderators see of this nickname."""
    if not subject:
        return None
    member_id = int(subject.partition(":")[2])
    nickname = (await list_profiles_by_ids([member_id])).get(member_id)
    return Link(nickname, conduct_url(nickname)) if nickname else None


def _decided(decided_at: datetime | None) -> tuple[tuple[str, str], ...]:
    return ((_("Decided"), full_date(decided_at)),) if decided_at else ()


async def _decided_before(row: AppealRow, viewer: Viewer) -> tuple[tuple[tuple[str, str], ...], Markup]:
    if row.statement_id is not None:
        statement = await get_statement(row.statement_id, viewer)
        content = await find_concerned_content(statement, viewer)
        html = Markup(content.body_html if content else "")  # noqa: S704 - cleaned when it was written
        return statement_facts(statement), html
    try:
        notice = await get_notice(row.notice_id or 0, viewer)
    except NotFound:
        return (), Markup()
    return (
        (_("What was reported"), notice.url),
        (_("What is wrong with it"), kind_name(notice.kind)),
        (_("What the report says"), notice.text),
        (_("Why it was decided so"), notice.reason),
    ), Markup()


async def _standing_of(row: AppealRow) -> Standing:
    return Standing.HOLDS if row.statement_id is None else await find_standing(row.statement_id)


def _choices(row: AppealRow, standing: Standing = Standing.HOLDS) -> tuple[Choice, ...]:
    reject = Choice(REJECT, _("The decision stays"), _("Only whoever objected learns the reason."))
    if row.notice_id is None:
        return _grant_choice(row, standing), reject
    kind = row.subject.partition(":")[0]
    if kind == "post":
        return (
            Choice(Measure.HIDE, _("The report is right: hide the post"), _("The author learns the reason.")),
            Choice(
                Measure.LOCK, _("The report is right: lock the thread"), _("The author learns the reason.")
            ),
            Choice(
                Measure.NOTE, _("The report is right: only tell the author"), _("The post stays as it is.")
            ),
            reject,
        )
    return (Choice(GRANT, _("The report is right"), _("Those concerned learn the reason.")), reject)


def _grant_choice(row: AppealRow, standing: Standing) -> Choice:
    if standing is Standing.RENEWED:
        right = _("The objection is right")
        return Choice(
            GRANT, right, _("A later decision about the same holds; nothing is changed about that.")
        )
    if standing is Standing.LIFTED:
        right = _("The objection is right")
        return Choice(GRANT, right, _("It was lifted already. The member learns the reason."))
    return Choice(
        GRANT,
        _("The objection is right: undo it"),
        words_of(row.act).granting
        or _("What was restricted comes back with all that hung on it. Both sides learn the reason."),
    )

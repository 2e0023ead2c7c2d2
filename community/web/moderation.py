"""A post that members have flagged, and the decision about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.decisions.queries import list_log
from community.decisions.work import WorkKind
from community.moderation import actions, queries
from community.moderation.models import Measure
from community.moderation.notes import Subject, list_notes
from community.moderation.notice_rules import ABOUT_LIVES
from community.moderation.queries import QueueItem
from community.moderation.queue import find_work
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON, item_of
from community.threads.models import PostKind
from community.web.flags import flag_reasons
from community.web.forms import check_length, read_form
from community.web.grounds import ground_choices, read_ground
from community.web.lists import thread_url
from community.web.moderation_items import Desk, desk_of, view_of_work
from community.web.moderation_log import LogEntryView, entry_views
from community.web.moderation_queue import WorkView
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Author, Choice, Crumb, FieldError, FormState, InternalComment, Link, When
from community.web.people import author
from community.web.post_views import internal_comment
from community.web.reporting import kind_name

DISMISS = "dismiss"

Age = Literal["", "soon", "late"]


@dataclass(frozen=True, slots=True)
class FlagView:
    reason: str
    note: str
    reporter: str
    reference: str
    when: When


@dataclass(frozen=True, slots=True)
class ItemView:
    """A post with everything one needs to decide about its flags."""

    label: str
    thread_title: str
    post_url: str
    space: Link
    author: Author
    when: When
    html: Markup
    hidden: bool
    flags: tuple[FlagView, ...]
    flag_count: str
    upheld_before: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    crumbs: tuple[Crumb, ...]
    item: ItemView
    work: WorkView
    desk: Desk
    form: FormState
    choices: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    """On what a decision can rest; not asked where flags are dismissed."""
    decide_url: str
    flag_ids: str
    """The flags that the decision is about: those on the page, not what may come in meanwhile."""
    history: tuple[LogEntryView, ...]
    notes: tuple[InternalComment, ...]
    notes_url: str
    is_about_lives: bool
    """Then the police may have to be told."""


def _item_view(item: QueueItem) -> ItemView:
    count = len(item.flags)
    return ItemView(
        label={PostKind.OPENING: _("Opening post"), PostKind.COMMENT: _("Comment")}.get(
            PostKind(item.post_kind), _("Answer")
        ),
        thread_title=item.thread_title,
        # A comment or an answer stands under its own address; a hidden one is still shown to moderators.
        post_url=thread_url(item.thread_id, item.thread_slug)
        if item.post_kind == PostKind.OPENING
        else f"/posts/{item.post_id}",
        space=Link(item.space_name, f"/spaces/{item.space_slug}"),
        author=author(item.author),
        when=When.of(item.created_at),
        html=Markup(item.body_html),  # noqa: S704 - cleaned when it was written
        hidden=item.is_hidden,
        flags=tuple(_flag_views(item)),
        flag_count=ngettext("%(num)s flag", "%(num)s flags", count) % {"num": number(count)},
        upheld_before=_upheld_before(item.upheld_before),
    )


def _flag_views(item: QueueItem) -> list[FlagView]:
    reasons = flag_reasons()
    return [
        FlagView(
            reason=kind_name(flag.kind) if flag.kind else reasons.get(flag.reason, (flag.reason, ""))[0],
            note=flag.note,
            reporter=flag.reporter
            or (_("Without an account") if flag.is_from_outside else _("Former member")),
            reference=flag.reference,
            when=When.of(flag.created_at),
        )
        for flag in item.flags
    ]


def _upheld_before(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "Flags were upheld about %(num)s other post under this nickname.",
        "Flags were upheld about %(num)s other posts under this nickname.",
        count,
    ) % {"num": number(count)}


# --- one item ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecidedPage:
    """For whoever comes too late: who has decided, and what was typed."""

    crumbs: tuple[Crumb, ...]
    message: str
    reason: str
    log_url: str


async def show_item(request: Request) -> Response:
    """What is decided already is found in the log."""
    viewer, post_id = viewer_of(request), path_id(request, "post_id")
    try:
        item = await queries.get_item(post_id, viewer)
    except NotFound:
        if await queries.is_decided(post_id, viewer):
            return redirect(_log_url(post_id))
        raise
    return await _show_item(request, item, FormState())


async def _load(post_id: int, viewer: Viewer) -> QueueItem:
    """The item; `Conflict` where somebody else was quicker and nothing is left to decide."""
    try:
        return await queries.get_item(post_id, viewer)
    except NotFound:
        if await queries.is_decided(post_id, viewer):
            raise Conflict(await actions.who_decided(post_id)) from None
        raise


def _log_url(post_id: int) -> str:
    return f"/moderation/log?subject=post:{post_id}"


async def decide_item(request: Request) -> Response:
    """Uphold or dismiss the flags that stood on the page. Who comes second is told who came first."""
    viewer = viewer_of(request)
    post_id = path_id(request, "post_id")
    fields = dict(await read_form(request))
    try:
        item = await _load(post_id, viewer)
    except RuleBroken as error:
        return await _refused(request, post_id, fields, error)
    decision, reason = fields.get("decision", ""), fields.get("reason", "")
    errors = check_length("reason", reason, least=SHORTEST_REASON, most=LONGEST_REASON)
    if decision != DISMISS and decision not in set(Measure):
        errors.insert(0, FieldError("decision", _("Please choose what should happen.")))
    ground, wrong = (None, []) if decision == DISMISS else read_ground(fields)
    errors[:0] = wrong
    if errors:
        return await _show_item(request, item, FormState(fields, tuple(errors)), status=422)
    flag_ids = _read_ids(fields.get("flags", ""))
    try:
        if decision == DISMISS:
            await actions.dismiss_flags(post_id, flag_ids, by=viewer, reason=reason)
        else:
            await actions.uphold_flags(
                post_id, flag_ids, measure=Measure(decision), by=viewer, reason=reason, ground=ground
            )
    except RuleBroken as error:
        return await _refused(request, post_id, fields, error)
    return redirect("/moderation/next" if "next" in fields else "/moderation", notice="done")


def _read_ids(text: str) -> tuple[int, ...]:
    parts = text.split(",")[: queries.MOST_FLAGS]
    return tuple(int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 16)


async def _refused(request: Request, post_id: int, fields: dict[str, str], error: RuleBroken) -> Response:
    """The page as it is now, with what was typed; where nothing is open any more, a page that says who decided."""
    try:
        item = await queries.get_item(post_id, viewer_of(request))
    except NotFound:
        page = DecidedPage(
            crumbs=(Crumb(_("Moderation"), "/moderation"),),
            message=str(error),
            reason=fields.get("reason", ""),
            log_url=_log_url(post_id),
        )
        return await show(request, "moderation/decided.html", page, Head(section="moderation"), status=409)
    form = FormState(fields, (FieldError("", str(error)),))
    return await _show_item(request, item, form, status=409)


async def _show_item(request: Request, item: QueueItem, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    lines = await list_log(viewer, subject=f"post:{item.post_id}", size=20)
    lines += await list_log(viewer, subject=f"thread:{item.thread_id}", size=20)
    lines.sort(key=lambda line: line.id, reverse=True)
    work = await find_work(viewer, WorkKind.FLAG, item_of(item.post_id))
    if work is None:
        raise NotFound
    view, about = await view_of_work(request, work), Subject(post_id=item.post_id)
    page = ItemPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        item=_item_view(item),
        work=view,
        desk=await desk_of(viewer, view),
        form=form,
        choices=_choices(item, form),
        grounds=ground_choices(),
        decide_url=f"/moderation/posts/{item.post_id}/decide",
        flag_ids=",".join(str(flag.id) for flag in item.flags),
        history=await entry_views(viewer, lines),
        notes=tuple(internal_comment(row) for row in reversed(await list_notes(about, viewer))),
        notes_url=f"/moderation/posts/{item.post_id}/notes",
        is_about_lives=any(flag.kind in ABOUT_LIVES for flag in item.flags),
    )
    return await show(request, "moderation/item.html", page, Head(section="moderation"), status=status)


def _choices(item: QueueItem, form: FormState) -> tuple[Choice, ...]:
    """What can follow; hiding what is hidden and locking what is locked are not offered."""
    hide = Choice(
        Measure.HIDE,
        _("Uphold and hide the thread")
        if item.post_kind == PostKind.OPENING
        else _("Uphold and hide the post"),
        _("Nobody but moderators can read it. The author learns the reason."),
    )
    lock = Choice(
        Measure.LOCK,
        _("Uphold and lock the thread"),
        _("It can be read, but not answered. The author learns the reason."),
    )
    note = Choice(
        Measure.NOTE,
        _("Uphold and only tell the author"),
        _("The post stays as it is. The author learns the reason."),
    )
    dismiss = Choice(
        DISMISS, _("Dismiss"), _("The post stays as it is. Only those who flagged it learn the reason.")
    )
    offered = [note, dismiss]
    if not item.is_locked:
        offered.insert(0, lock)
    if not item.is_hidden:
        offered.insert(0, hide)
    return tuple(offered)

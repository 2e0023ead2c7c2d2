"""Texts that wait, for staff: one of them as it will look, and what a second person does with it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.differences import Segment, differences
from community.core.errors import Conflict, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.decisions.claims import TakenBySomebody
from community.decisions.four_eyes import find_bar
from community.decisions.work import WorkKind
from community.moderation.queue import find_work
from community.threads.queries import get_body
from community.waiting import actions, queries
from community.waiting.actions import LONGEST_REASON, SHORTEST_REASON
from community.waiting.models import TextKind, TextState, Why
from community.waiting.permissions import can_refuse_text, can_release_text, can_write_along
from community.waiting.queries import TextRow
from community.web.forms import check_length, read_form, version_of
from community.web.grounds import ground_choices, read_ground
from community.web.moderation import DecidedPage
from community.web.moderation_items import Desk, desk_of, view_of_work
from community.web.moderation_queue import WorkView
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import AttachmentView, Author, Choice, Crumb, FieldError, FormState, Link, Text, When
from community.web.people import author
from community.web.waiting import (
    TextForm,
    check_wording,
    files_out,
    form_values,
    held_files,
    label_of,
    place_of_text,
    published_url,
    why_names,
    wording_of,
)
from community.web.writing import is_fragment, rendered, show_preview

HERE = "/moderation/waiting"
LIST = "/moderation?kind=text"


@dataclass(frozen=True, slots=True)
class WaitingTextPage:
    """A waiting text as it will look, with what this viewer can do with it. Empty addresses: nothing."""

    crumbs: tuple[Crumb, ...]
    heading: str
    why: str
    hits: tuple[str, ...]
    """The rules that hold it, in words."""
    place: Link
    author: Author
    when: When
    title: str
    text: Text
    tags: tuple[str, ...]
    language: str
    edit_reason: str
    title_changes: tuple[Segment, ...]
    changes: tuple[Segment, ...]
    """Of an edit, against the post as it stands now."""
    bar: str
    """Why the viewer cannot release it."""
    form: FormState
    version: int
    post_version: int
    release_url: str
    refuse_url: str
    grounds: tuple[Choice, ...]
    """On what refusing it can rest; none is asked for among colleagues."""
    edit_url: str
    own_url: str
    """Where the author goes on with it; for the author alone."""
    files: tuple[AttachmentView, ...] = ()
    files_out: tuple[AttachmentView, ...] = ()
    work: WorkView | None = None
    """Its item of the queue, with the desk; None for those who cannot decide about it."""
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class MendTextPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    form: TextForm


# --- one text ---------------------------------------------------------------------------------------------


async def list_texts(_request: Request) -> Response:
    """They stand in the queue, with everything else that waits."""
    return redirect(LIST)


async def show_text(request: Request) -> Response:
    text = await queries.get_waiting(path_id(request, "text_id"), viewer_of(request))
    if text.state != TextState.WAITING:
        return await _show_decided(request, text, status=200)
    return await _show_text(request, text, FormState())


async def release_text(request: Request) -> Response:
    """Publish what stood on the page. Who comes second is told who came first."""
    viewer, text_id = viewer_of(request), path_id(request, "text_id")
    fields = dict(await read_form(request))
    await queries.get_waiting(text_id, viewer)
    try:
        await actions.release_text(
            text_id,
            version=version_of(fields),
            post_version=version_of(fields, "post_version"),
            by=viewer,
        )
    except RuleBroken as error:
        return await _refused(request, text_id, fields, error)
    return redirect("/moderation/next" if "next" in fields else LIST, notice="done")


async def refuse_text(request: Request) -> Response:
    viewer, text_id = viewer_of(request), path_id(request, "text_id")
    fields = dict(await read_form(request))
    text = await queries.get_waiting(text_id, viewer)
    ground, errors = read_ground(fields) if text.why == Why.HELD else (None, [])
    errors += check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    if errors and text.state == TextState.WAITING:
        return await _show_text(request, text, FormState(fields, tuple(errors)), status=422)
    try:
        await actions.refuse_text(
            text_id, version=version_of(fields), by=viewer, reason=fields.get("reason", ""), ground=ground
        )
    except RuleBroken as error:
        return await _refused(request, text_id, fields, error)
    return redirect("/moderation/next" if "next" in fields else LIST, notice="done")


async def _refused(request: Request, text_id: int, fields: dict[str, str], error: RuleBroken) -> Response:
    """The page as it is now, with what was typed; once it is decided, a page that says by whom."""
    text = await queries.get_waiting(text_id, viewer_of(request))
    if text.state != TextState.WAITING:
        return await _show_decided(request, text, reason=fields.get("reason", ""), status=409)
    form = FormState(fields, (FieldError("", str(error)),))
    return await _show_text(request, text, form, status=409)


async def _show_decided(request: Request, text: TextRow, *, reason: str = "", status: int) -> Response:
    if text.state == TextState.RELEASED and status == 200:
        return redirect(published_url(text))
    page = DecidedPage(
        crumbs=_crumbs(),
        message=actions.who_decided(text),
        reason=reason,
        log_url=f"/moderation/log?subject=text:{text.id}",
    )
    return await show(request, "moderation/decided.html", page, Head(section="moderation"), status=status)


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(_("Moderation"), "/moderation"), Crumb(_("Waiting texts"), LIST), *more)


async def _show_text(request: Request, text: TextRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    is_edit = text.kind == TextKind.EDIT and text.post_id is not None
    bar = await find_bar(viewer, text.writers) if text.why == Why.FOUR_EYES else ""
    if viewer.id == text.author_id:
        bar = _("You have written this, so somebody else has to decide about it.")
    url = f"{HERE}/{text.id}"
    row = await find_work(viewer, WorkKind.TEXT, f"text:{text.id}")
    work = await view_of_work(request, row) if row else None
    is_free = work is None or not work.holder
    page = WaitingTextPage(
        crumbs=_crumbs(),
        heading=label_of(text),
        why=why_names()[text.why],
        hits=tuple(f"{hit['name']}: {', '.join(hit['found'])}" for hit in text.hits),
        place=place_of_text(text),
        author=author(text.author),
        when=When.of(text.submitted_at),
        title=text.title if text.has_title else "",
        text=await rendered(viewer, text.body),
        files=await held_files(text),
        files_out=await files_out(text),
        tags=text.tags,
        language=text.language,
        edit_reason=text.edit_reason,
        title_changes=differences(text.thread_title, text.title)
        if is_edit and text.has_title and text.title != text.thread_title
        else (),
        changes=differences(await get_body(text.post_id or 0), text.body) if is_edit else (),
        bar=bar,
        form=form,
        version=text.version,
        post_version=text.newest_post_version,
        release_url=f"{url}/release" if is_free and can_release_text(viewer, text) and not bar else "",
        refuse_url=f"{url}/refuse" if is_free and can_refuse_text(viewer, text) else "",
        grounds=ground_choices() if text.why == Why.HELD else (),
        edit_url=f"{url}/edit" if is_free and can_write_along(viewer, text) else "",
        own_url=f"/waiting/{text.id}" if viewer.id == text.author_id else "",
        work=work,
        desk=await desk_of(viewer, work) if work else None,
    )
    return await show(
        request, "moderation/waiting_text.html", page, Head(section="moderation"), status=status
    )


# --- mending it -------------------------------------------------------------------------------------------


async def show_edit_form(request: Request) -> Response:
    viewer = viewer_of(request)
    text = await queries.get_waiting(path_id(request, "text_id"), viewer)
    if text.state != TextState.WAITING:
        return await _show_decided(request, text, status=200)
    authorize(can_write_along(viewer, text))
    return await _show_form(request, text, FormState(form_values(text)))


async def write_along(request: Request) -> Response:
    """Save the change as a writer of the text from then on, or show the form again."""
    viewer = viewer_of(request)
    text = await queries.get_waiting(path_id(request, "text_id"), viewer)
    fields = dict(await read_form(request))
    if text.state != TextState.WAITING:
        return await _show_decided(request, text, reason=fields.get("body", ""), status=409)
    authorize(can_write_along(viewer, text))
    if fields.get("do") == "preview":
        preview = await rendered(viewer_of(request), fields.get("body", ""))
        if is_fragment(request):
            return await show_preview(request, preview)
        return await _show_form(request, text, FormState(fields), preview=preview)
    errors = check_wording(text, fields)
    if errors:
        return await _show_form(request, text, FormState(fields, tuple(errors)), status=422)
    try:
        await actions.write_along(text.id, wording_of(fields), version=version_of(fields), by=viewer)
    except (Conflict, TakenBySomebody) as error:
        text = await queries.get_waiting(text.id, viewer)
        if text.state != TextState.WAITING:
            return await _show_decided(request, text, reason=fields["body"], status=409)
        form = FormState(fields | {"version": str(text.version)}, (FieldError("body", str(error)),))
        return await _show_form(request, text, form, status=409)
    return redirect(f"{HERE}/{text.id}", notice="done")


async def _show_form(
    request: Request, text: TextRow, form: FormState, *, preview: Text = (), status: int = 200
) -> Response:
    choose_language(request, text.language)
    url = f"{HERE}/{text.id}"
    page = MendTextPage(
        crumbs=_crumbs(Crumb(label_of(text), url)),
        heading=_("Mend the text"),
        form=TextForm(
            url=f"{url}/edit",
            state=form,
            has_title=text.has_title,
            language=text.language,
            button=_("Save change"),
            cancel_url=url,
            preview=preview,
        ),
    )
    return await show(
        request, "moderation/waiting_edit.html", page, Head(section="moderation"), status=status
    )

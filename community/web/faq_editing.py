"""Writing the FAQ, for moderators and administrators: draft, edit, review, release, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import Conflict, NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.faq import actions, editorial, permissions, rules
from community.faq.claims import list_holders
from community.faq.editorial import EditorialEntry
from community.faq.first_text import text_from_thread
from community.faq.listing import list_editorial
from community.faq.models import EntryState
from community.faq.related import list_candidates
from community.faq.rules import EntryText, split_ids
from community.faq.schedules import list_schedules
from community.faq.source_queries import EditorialSource, list_editorial_sources, seen_of, wants_clearance
from community.threads.queries import ThreadView, get_post_page, get_thread
from community.web.faq_check import check_of
from community.web.faq_desk import (
    LIST_URL,
    desk_of,
    form_values,
    history_page,
    new_desk,
    shown_fields,
    text_differences,
)
from community.web.faq_languages import languages_of
from community.web.faq_proposals import find_proposed
from community.web.faq_readability import reading_of
from community.web.faq_related import picker_of
from community.web.faq_sources import views_of_thread
from community.web.faq_text import preview_of, read_number, read_text
from community.web.faq_together import together_of
from community.web.faq_views import TextDifference
from community.web.forms import read_form
from community.web.pages import Head, path_id, read_id, redirect, show, viewer_of
from community.web.parts import FieldError, FormState, Link

HEAD = Head(section="faq", robots="noindex")


# --- a new entry ------------------------------------------------------------------------------------------


async def show_new(request: Request) -> Response:
    """The form for an entry from the thread `?thread=`, filled with what the thread says, or for `?question=`."""
    viewer, thread = viewer_of(request), await _thread(request)
    text = await text_from_thread(thread, viewer) if thread else _asked_text(request)
    return await _show_new(request, thread, FormState(form_values(text)))


async def create_entry(request: Request) -> Response:
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    thread = await _thread(request)
    fields = await read_form(request)
    if fields.get("do") == "preview":
        return await _show_new(request, thread, FormState(dict(fields)), preview=preview_of(fields))
    text, errors = await read_text(fields)
    if errors:
        return await _show_new(request, thread, FormState(dict(fields), tuple(errors)), status=422)
    try:
        entry_id = await actions.draft_entry(thread, text, by=viewer)
    except RuleBroken as error:
        form = FormState(dict(fields), (FieldError("", str(error)),))
        return await _show_new(request, thread, form, status=409)
    return redirect(f"{LIST_URL}/{entry_id}", notice="saved")


async def _show_new(
    request: Request,
    thread: ThreadView | None,
    form: FormState,
    *,
    preview: Markup | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    others = await list_editorial(viewer, thread_id=thread.id) if thread else ()
    made_from = f"thread={thread.id}" if thread else f"question={quote(_question(request))}"
    page = new_desk(
        f"{LIST_URL}/new?{made_from}",
        form,
        await editorial.list_all_categories(),
        views_of_thread(thread, await get_post_page(thread, viewer, page=1)) if thread else (),
        tuple(Link(line.question, f"{LIST_URL}/{line.id}") for line in others),
        preview,
        reading=await reading_of(form.values),
    )
    block = "preview" if preview is not None else ""
    return await show(request, "faq/edit.html", page, HEAD, status=status, block=block)


def _question(request: Request) -> str:
    """What people search for and an entry is to answer."""
    return request.query_params.get("question", "").strip()[: rules.LONGEST_QUESTION]


def _asked_text(request: Request) -> EntryText:
    """An entry of which only the question is there; with a capital, as a question begins."""
    question, language = _question(request), request.query_params.get("language", "")
    return EntryText(
        question=question[:1].upper() + question[1:],
        short_answer="",
        language=language if language in i18n.languages() else i18n.language(),
        audience=rules.PUBLIC_AUDIENCE,
    )


async def _thread(request: Request) -> ThreadView | None:
    """The thread that an entry is made from; None for one that begins with its question."""
    if "thread" not in request.query_params and _question(request):
        return None
    return await get_thread(_thread_id(request), viewer_of(request))


def _thread_id(request: Request) -> int:
    thread_id = read_id(request.query_params.get("thread", ""))
    if thread_id is None:
        raise NotFound
    return thread_id


# --- an entry in work -------------------------------------------------------------------------------------


async def show_entry(request: Request) -> Response:
    return await show_desk(request, await find_entry(request))


async def show_history(request: Request) -> Response:
    """Every version: who wrote it, what it changed, who released it."""
    entry = await find_entry(request)
    rows = await editorial.list_entry_revisions(viewer_of(request), entry.id)
    ids = {number for row in rows for number in split_ids(row.text.related)}
    titles = {one.id: one.question for one in (await list_candidates(viewer_of(request), ids)).values()}
    page = history_page(entry, rows, await editorial.list_all_categories(), titles)
    return await show(request, "faq/history.html", page, HEAD)


async def save_entry(request: Request) -> Response:
    """Save a new version, or show how it will look; a conflict shows both texts and loses none."""
    entry, fields = await find_entry(request), await read_form(request)
    authorize(permissions.can_edit_faq(viewer_of(request)))
    if fields.get("do") == "preview":
        return await show_desk(request, entry, FormState(dict(fields)), preview=preview_of(fields))
    if fields.get("do") == "find":
        return await show_desk(request, entry, FormState(dict(fields)))
    text, errors = await read_text(fields)
    if errors:
        return await show_desk(request, entry, FormState(dict(fields), tuple(errors)), status=422)
    try:
        await _save(request, entry, text, fields)
    except RuleBroken as error:
        return await _show_unsaved(request, entry, text, fields, error)
    return redirect(f"{LIST_URL}/{entry.id}", notice="saved")


async def send_for_review(request: Request) -> Response:
    """Save what was changed and ask for a second person. A text that is sent unchanged stays its writer's."""
    viewer = viewer_of(request)
    entry, fields = await find_entry(request), await read_form(request)
    authorize(permissions.can_edit_faq(viewer))
    text, errors = await read_text(fields)
    cleared = fields.get("cleared") == "1"
    sources = await list_editorial_sources(viewer, entry.id)
    errors += _check_for_review(text, sources, cleared=cleared)
    if errors:
        form = FormState(dict(fields), tuple(errors))
        return await show_desk(request, entry, form, sources=sources, status=422)
    version, seen = read_number(fields, "version"), _seen(fields)
    try:
        if text != entry.text:
            version = await _save(request, entry, text, fields)
    except RuleBroken as error:
        return await _show_unsaved(request, entry, text, fields, error)
    try:
        await actions.send_for_review(entry.id, version=version, by=viewer, cleared=cleared, seen=seen)
    except RuleBroken as error:
        # What was typed is saved, or was nothing new.
        return await show_refused(request, error)
    return redirect(f"{LIST_URL}/{entry.id}", notice="sent-for-review")


async def send_back(request: Request) -> Response:
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    reason, field = _reason(fields), "back-reason"
    if not reason:
        return await show_desk_with(request, {}, FieldError(field, _("Please say why.")), 422)
    try:
        await actions.send_back(entry.id, version=read_number(fields, "version"), by=viewer, reason=reason)
    except RuleBroken as error:
        return await show_refused(request, error, {field: reason})
    return redirect(f"{LIST_URL}/{entry.id}", notice="done")


async def release_entry(request: Request) -> Response:
    """Publish the version that the releaser has seen."""
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    if entry.stage == EntryState.IN_REVIEW:
        authorize(permissions.can_release_entry(viewer, entry))
    try:
        await actions.release_entry(entry.id, version=read_number(fields, "version"), by=viewer)
    except RuleBroken as error:
        return await show_refused(request, error)
    return redirect(f"{LIST_URL}/{entry.id}", notice="released")


async def withdraw_entry(request: Request) -> Response:
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    reason, field = _reason(fields), "withdraw-reason"
    if not reason:
        return await show_desk_with(request, {}, FieldError(field, _("Please say why.")), 422)
    try:
        await actions.withdraw_entry(entry.id, by=viewer, reason=reason)
    except RuleBroken as error:
        return await show_refused(request, error, {field: reason})
    return redirect(f"{LIST_URL}/{entry.id}", notice="done")


async def restore_entry(request: Request) -> Response:
    entry = await find_entry(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    try:
        await actions.restore_entry(entry.id, by=viewer)
    except RuleBroken as error:
        return await show_refused(request, error)
    return redirect(f"{LIST_URL}/{entry.id}", notice="done")


# --- what the handlers share ------------------------------------------------------------------------------


async def find_entry(request: Request) -> EditorialEntry:
    return await editorial.get_editorial(viewer_of(request), path_id(request, "entry_id"))


async def _save(request: Request, entry: EditorialEntry, text: EntryText, fields: Mapping[str, str]) -> int:
    return await actions.edit_entry(
        entry.id,
        text,
        version=read_number(fields, "version"),
        by=viewer_of(request),
        seen=_seen(fields),
        digest=fields.get("digest", ""),
    )


async def show_desk(
    request: Request,
    entry: EditorialEntry,
    form: FormState | None = None,
    *,
    sources: tuple[EditorialSource, ...] | None = None,
    preview: Markup | None = None,
    conflict: tuple[TextDifference, ...] = (),
    status: int = 200,
) -> Response:
    """`sources` are those of the entry, where they were loaded already."""
    viewer = viewer_of(request)
    if sources is None:
        sources = await list_editorial_sources(viewer, entry.id)
    schedule = (await list_schedules([entry.id])).get(entry.id)
    held = (await list_holders([entry.id])).get(entry.id)
    holder = held[1] if held and held[0] != viewer.id else ""
    form = form or FormState(form_values(entry.text, version=entry.version, seen=seen_of(sources)))
    texts = (entry.text, entry.published) if entry.published else (entry.text,)
    page = desk_of(
        entry,
        viewer,
        await editorial.list_all_categories(),
        sources,
        await editorial.list_feedback(viewer, entry.id),
        form=form,
        reading=await reading_of(form.values),
        preview=preview,
        conflict=conflict,
        proposed=await find_proposed(request, entry.id),
        holder=holder,
        together=await together_of(viewer, entry, schedule, held),
        check=await check_of(viewer, entry, sources, holder=holder),
        translations=await languages_of(viewer, entry),
        schedule=schedule,
        related=await picker_of(viewer, form, besides=entry.id, texts=texts),
    )
    block = "preview" if preview is not None else ""
    return await show(request, "faq/edit.html", page, HEAD, status=status, block=block)


async def show_refused(
    request: Request, error: RuleBroken, typed: Mapping[str, str] | None = None
) -> Response:
    """The desk as it is now, with why a step was refused, and what was typed into its form."""
    return await show_desk_with(request, typed or {}, FieldError("", str(error)), 409)


async def show_desk_with(
    request: Request, typed: Mapping[str, str], error: FieldError, status: int
) -> Response:
    """The desk as it is now, with what was typed into another form than that of the text, and what is wrong there."""
    entry = await find_entry(request)
    sources = await list_editorial_sources(viewer_of(request), entry.id)
    shown = form_values(entry.text, version=entry.version, seen=seen_of(sources))
    return await show_desk(
        request, entry, FormState(shown | dict(typed), (error,)), sources=sources, status=status
    )


async def _show_unsaved(
    request: Request, entry: EditorialEntry, text: EntryText, fields: Mapping[str, str], error: RuleBroken
) -> Response:
    """What was typed, with why it is not saved now."""
    if isinstance(error, Conflict):
        return await _show_conflict(request, text, fields, error)
    return await show_desk(request, entry, FormState(dict(fields), (FieldError("", str(error)),)), status=409)


async def _show_conflict(
    request: Request, text: EntryText, fields: Mapping[str, str], error: Conflict
) -> Response:
    """What was typed, against what somebody else has saved meanwhile; sent again, it becomes the next version.

    A yes was given to what stood there before: it has to be given anew.
    """
    entry = await find_entry(request)
    sources = await list_editorial_sources(viewer_of(request), entry.id)
    typed = {name: value for name, value in fields.items() if name != "cleared"}
    shown = shown_fields(typed, entry, seen=seen_of(sources))
    return await show_desk(
        request,
        entry,
        FormState(shown, (FieldError("", str(error)),)),
        sources=sources,
        conflict=text_differences(entry.text, text, await editorial.list_all_categories()),
        status=409,
    )


def _check_for_review(
    text: EntryText, sources: tuple[EditorialSource, ...], *, cleared: bool
) -> list[FieldError]:
    errors = []
    if text.category_id is None:
        errors.append(
            FieldError("category", _("Please choose a category before somebody else looks at the entry."))
        )
    if not cleared and wants_clearance(text.audience, sources):
        errors.append(FieldError("cleared", _("Please confirm that the text gives nothing away.")))
    return errors


def _seen(fields: Mapping[str, str]) -> str:
    return fields.get("seen", "")[:64]


def _reason(fields: Mapping[str, str]) -> str:
    reason = fields.get("reason", "").strip()
    if len(reason) > rules.LONGEST_REASON:
        raise HTTPException(400)
    return reason

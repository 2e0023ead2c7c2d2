"""Answering, commenting, and choosing the solution."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.core.submissions import fingerprint, once
from community.core.viewer import Viewer
from community.threads import actions, marks, permissions, queries, reminders
from community.threads.actions import LONGEST_BODY, SHORTEST_TEXT
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.waiting import publishing
from community.web.attaching import Attached, field_of, forget_unused, take_files
from community.web.canned_answers import insert_into
from community.web.errors import sentence_about_waiting, waiting
from community.web.forms import check_length, read_form
from community.web.limiting import count_post
from community.web.pages import choose_language, path_id, redirect, viewer_of
from community.web.parts import CommentForm, FieldError, FormState, PersonalHint, Text, When
from community.web.posts import LONGEST_COMMENT, place_of
from community.web.thread_page import page_url, thread_url
from community.web.threads import make_composer, show_thread_page
from community.web.uploads import FormWithFiles, read_form_with_files
from community.web.writing import (
    find_hints,
    is_fragment,
    notice_of,
    rendered,
    say_mute,
    show_preview,
    submission_key,
    waiting_url,
)


async def add_answer(request: Request) -> Response:
    """Publish an answer, or show the form again with preview, errors or a question; nothing typed gets lost."""
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    choose_language(request, thread.language)
    async with read_form_with_files(request) as form:
        if not permissions.can_answer(viewer, thread):
            body = _body(form)
            if say_mute(viewer, thread.space_id):
                await actions.save_draft(f"answer:{thread.id}", by=viewer.id, body=body)
            return await _show_form_again(request, thread, body, error=_closed(thread, viewer), status=409)
        attached = await take_files(form, viewer, f"answer:{thread.id}")
    return await _add_answer(request, thread, form, attached)


def _body(form: FormWithFiles) -> str:
    return form.fields.get("body", "").strip()


async def _add_answer(
    request: Request, thread: ThreadView, form: FormWithFiles, attached: Attached
) -> Response:
    viewer, fields, body = viewer_of(request), form.fields, _body(form)
    if attached.is_all or attached.errors:
        status = 422 if attached.errors else 200
        return await _show_form_again(request, thread, body, attached=attached, status=status)
    if fields.get("do") == "insert" and viewer.is_staff:
        return await _insert_canned(request, thread, body, fields.get("canned", ""), attached)
    if fields.get("do") in ("preview", "draft"):
        return await _keep_answer(request, thread, body, attached, previewed=fields["do"] == "preview")
    errors = check_length("body", body, least=SHORTEST_TEXT, most=LONGEST_BODY)
    if errors:
        return await _show_form_again(request, thread, body, error=errors[0].message, attached=attached)
    hints = await find_hints(viewer, fields)
    if hints:
        return await _show_form_again(request, thread, body, hints=hints, attached=attached)

    async def work() -> str:
        attached.demand_all()
        posted = await publishing.add_answer(thread, body=body, by=viewer, files=attached.ids)
        if posted.waits:
            return waiting_url(posted)
        page = await queries.page_of_answer(posted.id, viewer)
        return f"{page_url(thread, page, 'oldest')}#post-{posted.id}"

    place = f"answer:{thread.id}"
    said = fingerprint(place, body, attached.said)
    try:
        await count_post(request)
        url = await once(viewer.id, submission_key(fields, place), said, work)
    except TooMany as too_many:
        sentence = sentence_about_waiting(too_many)
        page = await _show_form_again(request, thread, body, error=sentence, status=429)
        return waiting(page, too_many)
    except RuleBroken as broken:
        told = (FieldError(field_of(broken), str(broken)),)
        return await _show_form_again(request, thread, body, errors=told, status=409)
    await forget_unused(attached, viewer)
    return redirect(url, notice=notice_of(url))


def _closed(thread: ThreadView, viewer: Viewer) -> str:
    return say_mute(viewer, thread.space_id) or (
        _("This thread is locked.") if thread.locked_at else _("This thread takes no answers at the moment.")
    )


async def _keep_answer(
    request: Request, thread: ThreadView, body: str, attached: Attached, *, previewed: bool
) -> Response:
    """Save what was typed as a draft and show it again, as a preview too if that was asked for."""
    viewer = viewer_of(request)
    await actions.save_draft(f"answer:{thread.id}", by=viewer.id, body=body)
    preview = await rendered(viewer, body) if previewed else ()
    if previewed and is_fragment(request):
        return await show_preview(request, preview, attached.views)
    if not previewed:
        return redirect(f"{thread_url(thread.id, thread.slug)}#answer", notice="saved")
    return await _show_form_again(request, thread, body, preview=preview, attached=attached, status=200)


async def _insert_canned(
    request: Request, thread: ThreadView, body: str, wanted: str, attached: Attached
) -> Response:
    """Show the form again with the chosen canned answer below what was typed; saved as a draft, too."""
    viewer = viewer_of(request)
    text = await insert_into(body, wanted, thread, viewer)
    if text is None:
        error = FieldError("canned", _("Please choose one of these."))
        return await _show_form_again(request, thread, body, errors=(error,), attached=attached)
    await actions.save_draft(f"answer:{thread.id}", by=viewer.id, body=text)
    return await _show_form_again(request, thread, text, attached=attached, status=200)


async def _show_form_again(
    request: Request,
    thread: ThreadView,
    body: str,
    *,
    error: str = "",
    errors: tuple[FieldError, ...] = (),
    hints: tuple[PersonalHint, ...] = (),
    preview: Text = (),
    attached: Attached | None = None,
    status: int = 422,
) -> Response:
    viewer = viewer_of(request)
    if error:
        errors = (FieldError("body", error), *errors)
    form = FormState({"body": body}, (*errors, *(attached.errors if attached else ())))
    draft = await queries.find_draft(f"answer:{thread.id}", viewer)
    saved = When.of(draft.saved_at) if draft else None
    composer = await make_composer(
        thread, viewer, form, hints=hints, preview=preview, saved=saved, attached=attached
    )
    return await show_thread_page(request, thread, status=status, composer=composer)


async def add_comment(request: Request) -> Response:
    """Publish a comment on an opening post or an answer, or show the form again with what is wrong."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    if post.kind == PostKind.COMMENT or post.hidden_at is not None:
        raise NotFound
    choose_language(request, thread.language)
    fields = await read_form(request)
    body = fields.get("body", "").strip()
    if not permissions.can_answer(viewer, thread):
        form = CommentForm(body, _closed(thread, viewer))
        return await _show_comment_again(request, post, thread, viewer, form, status=409)
    errors = check_length("body", body, least=SHORTEST_TEXT, most=LONGEST_COMMENT)
    if errors:
        form = CommentForm(body, errors[0].message)
        return await _show_comment_again(request, post, thread, viewer, form)
    hints = await find_hints(viewer, {"body": body, "confirm": fields.get("confirm", "")})
    if hints:
        return await _show_comment_again(request, post, thread, viewer, CommentForm(body, hints=hints))

    async def work() -> str:
        posted = await publishing.add_comment(post.id, thread, body=body, by=viewer)
        if posted.waits:
            return waiting_url(posted)
        comment, _thread = await queries.get_post(posted.id, viewer)
        return await place_of(comment, thread, viewer)

    place = f"comment:{post.id}"
    try:
        await count_post(request)
        url = await once(viewer.id, submission_key(fields, place), fingerprint(place, body), work)
    except TooMany as too_many:
        form = CommentForm(body, sentence_about_waiting(too_many))
        page = await _show_comment_again(request, post, thread, viewer, form, status=429)
        return waiting(page, too_many)
    except RuleBroken as broken:
        form = CommentForm(body, str(broken))
        return await _show_comment_again(request, post, thread, viewer, form, status=409)
    return redirect(url, notice=notice_of(url))


async def _show_comment_again(
    request: Request,
    post: PostRow,
    thread: ThreadView,
    viewer: Viewer,
    form: CommentForm,
    *,
    status: int = 422,
) -> Response:
    page = await queries.page_of_answer(post.id, viewer) if post.kind == PostKind.ANSWER else 1
    return await show_thread_page(request, thread, status=status, page=page, comment_forms={post.id: form})


async def accept_solution(request: Request) -> Response:
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    answer = await queries.get_answer(path_id(request, "post_id"), thread, viewer)
    if permissions.can_accept_solution(viewer, thread):
        await marks.accept_solution(answer.id, by=viewer.id)
    else:
        waiting = await reminders.find_waiting(thread.id)
        since = waiting.answered_at if waiting else None
        authorize(permissions.can_accept_for_asker(viewer, thread, answer, since))
        await marks.accept_solution(answer.id, by=viewer.id, staff=viewer)
    return redirect(f"{thread_url(thread.id, thread.slug)}#solution", notice="accepted")

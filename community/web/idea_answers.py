"""The form in which staff give an idea a status, with the answer that says why."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.rate_limits import TooMany
from community.core.submissions import fingerprint, new_key, once
from community.ideas.permissions import can_answer_idea, is_idea
from community.threads.actions import LONGEST_BODY, SHORTEST_TEXT, save_draft
from community.threads.models import IdeaStatus
from community.threads.queries import ThreadView, find_draft, get_thread
from community.waiting import publishing
from community.web.errors import sentence_about_waiting, waiting
from community.web.forms import check_length, read_form
from community.web.idea_words import idea_status_names
from community.web.limiting import count_post
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Text
from community.web.thread_page import posted_as
from community.web.threads import make_composer, show_thread_page
from community.web.writing import (
    is_fragment,
    notice_of,
    rendered,
    show_preview,
    submission_key,
    waiting_url,
)


@dataclass(frozen=True, slots=True)
class AnswerIdeaPage:
    crumbs: tuple[Crumb, ...]
    title: str
    url: str
    back_url: str
    draft_url: str
    language: str
    statuses: tuple[Choice, ...]
    told: str
    """Who hears of it."""
    posted_as: str
    form: FormState
    submission: str
    preview: Text = ()


async def show_form(request: Request) -> Response:
    """What was typed as an answer before, and kept, stands here as well."""
    thread = await _load(request)
    draft = await find_draft(f"answer:{thread.id}", viewer_of(request))
    values = {"status": thread.idea_status, **({"body": draft.body} if draft else {})}
    return await _show(request, thread, FormState(values))


async def answer_idea(request: Request) -> Response:
    viewer = viewer_of(request)
    thread = await get_thread(path_id(request, "thread_id"), viewer)
    choose_language(request, thread.language)
    fields, place = dict(await read_form(request)), f"answer:{thread.id}"
    body = fields["body"] = fields.get("body", "").strip()
    if not can_answer_idea(viewer, thread):
        return await _keep_as_draft(request, thread, body)
    if fields.get("do") == "preview":
        await save_draft(place, by=viewer.id, body=body)
        preview = await rendered(viewer_of(request), body)
        if is_fragment(request):
            return await show_preview(request, preview)
        return await _show(request, thread, FormState(fields), preview=preview)
    errors = check_length("body", body, least=SHORTEST_TEXT, most=LONGEST_BODY)
    if fields.get("status") not in set(IdeaStatus):
        errors.insert(0, FieldError("status", _("Please choose one of these.")))
    if errors:
        return await _show(request, thread, FormState(fields, tuple(errors)), status=422)
    status = IdeaStatus(fields["status"])

    async def work() -> str:
        posted = await publishing.answer_idea(thread, status, body=body, by=viewer)
        return waiting_url(posted) if posted.waits else f"{thread_url(thread.id, thread.slug)}#official"

    said = fingerprint(place, body, str(status))
    try:
        await count_post(request)
        url = await once(viewer.id, submission_key(fields, place), said, work)
    except TooMany as too_many:
        error = FieldError("", sentence_about_waiting(too_many))
        return waiting(await _show(request, thread, FormState(fields, (error,)), status=429), too_many)
    except RuleBroken as broken:
        error = FieldError("", str(broken))
        return await _show(request, thread, FormState(fields, (error,)), status=409)
    return redirect(url, notice=notice_of(url))


async def _keep_as_draft(request: Request, thread: ThreadView, body: str) -> Response:
    """It was locked, hidden or moved to another kind of space while somebody wrote: the thread with their text."""
    viewer = viewer_of(request)
    if body:
        await save_draft(f"answer:{thread.id}", by=viewer.id, body=body)
    refused = _("This thread takes no official answer at the moment. Your text is kept as a draft.")
    form = FormState({"body": body}, (FieldError("body", refused),))
    composer = await make_composer(thread, viewer, form)
    return await show_thread_page(request, thread, status=409, composer=composer)


async def _load(request: Request) -> ThreadView:
    thread = await get_thread(path_id(request, "thread_id"), viewer_of(request))
    if not is_idea(thread):
        raise NotFound
    authorize(can_answer_idea(viewer_of(request), thread))
    choose_language(request, thread.language)
    return thread


async def _show(
    request: Request, thread: ThreadView, form: FormState, *, status: int = 200, preview: Text = ()
) -> Response:
    url = thread_url(thread.id, thread.slug)
    votes = thread.same_problem_count
    page = AnswerIdeaPage(
        crumbs=(Crumb(_("Home"), "/"), Crumb(thread.space_name, f"/spaces/{thread.space_slug}")),
        title=thread.title,
        url=f"/threads/{thread.id}/idea",
        back_url=url,
        draft_url=f"/drafts/answer:{thread.id}",
        language=thread.language,
        statuses=tuple(Choice(str(each), name) for each, name in idea_status_names().items()),
        told=ngettext(
            "Whose idea it is, %(num)s member who voted for it, and its followers are told.",
            "Whose idea it is, %(num)s members who voted for it, and its followers are told.",
            votes,
        )
        % {"num": number(votes)},
        posted_as=await posted_as(viewer_of(request), thread.space_id, thread.space_access),
        form=form,
        submission=new_key(),
        preview=preview,
    )
    return await show(
        request, "ideas/answer.html", page, Head(section="spaces", robots="noindex"), status=status
    )

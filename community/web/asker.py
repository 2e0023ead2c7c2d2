"""What whoever asked is asked in turn: whether it is solved, and how satisfied they are. By links in mails, too.

Whoever holds the link of a mail may answer, without logging in. A company reads along in its employees' mail, so the
page names neither question, answers nor nickname unless the asker is logged in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.links import LinkEnded
from community.core import personal_hints
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.markdown import excerpt, plain_text
from community.core.viewer import Viewer
from community.sanctions.queries import is_shut_out
from community.spaces.queries import readers_among
from community.threads import marks, permissions, queries, reminders, satisfaction
from community.threads.queries import ThreadView
from community.threads.reminders import Waiting
from community.threads.satisfaction import LONGEST_NOTE, RATINGS, Asked
from community.web.forms import read_form
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Choice, FieldError, FormState, Link, When
from community.web.registration import show_link_ended, without_a_copy
from community.web.thread_page import SatisfactionForm, make_satisfaction_form
from community.web.threads import show_thread_page

LONGEST_EXCERPT = 140


@dataclass(frozen=True, slots=True)
class ReminderPage:
    """Whether it is solved. Empty fields are what this visitor is not told, or need not choose."""

    token: str
    thread: Link | None
    language: str
    answers: tuple[Choice, ...]
    has_one_answer: bool
    """Then nobody has to choose, and no number of a post stands in the page."""
    log_in_url: str
    """Where whoever has to choose logs in, and back."""
    says_open: bool
    form: FormState


@dataclass(frozen=True, slots=True)
class SatisfactionPage:
    """The question how satisfied the asker is, or the thanks for the answer."""

    form: SatisfactionForm | None
    thread: Link | None
    language: str


@dataclass(frozen=True, slots=True)
class KeptOpenPage:
    thread: Link | None
    language: str


async def show_reminder(request: Request) -> Response:
    token = request.query_params.get("token", "")
    waiting = await _find_waiting(token)
    if waiting is None:
        return await show_link_ended(request, LinkEnded())
    return await _show_reminder(request, token, waiting, says_open=request.query_params.get("say") == "open")


async def answer_reminder(request: Request) -> Response:
    """Solved, by which answer; or still open."""
    fields = await read_form(request)
    token = fields.get("token", "")
    waiting = await _find_waiting(token)
    if waiting is None:
        return await show_link_ended(request, LinkEnded())
    if fields.get("say") == "open":
        await reminders.keep_open(waiting.thread_id)
        thread = await _own_thread(viewer_of(request), waiting)
        page = KeptOpenPage(_link(thread), thread.language if thread else "")
        return without_a_copy(await show(request, "asker/kept_open.html", page, Head(robots="noindex")))
    answers = {str(answer.id): answer.id for answer in await reminders.list_answers(waiting)}
    answer_id = answers.get(fields.get("answer", ""))
    if fields.get("answer") == "only" and len(answers) == 1:
        answer_id = next(iter(answers.values()))
    if answer_id is None:
        errors = (FieldError("answer", _("Please choose the answer that solved it.")),)
        return await _show_reminder(request, token, waiting, errors=errors, status=422)
    await marks.accept_solution(answer_id, by=waiting.asker_id)
    next_token = await satisfaction.find_token(waiting.thread_id)
    return redirect(f"/satisfaction?token={next_token}" if next_token else "/", notice="accepted")


async def show_satisfaction(request: Request) -> Response:
    token = request.query_params.get("token", "")
    asked = await _find_asked(token)
    if asked is None:
        return await show_link_ended(request, LinkEnded())
    rating = request.query_params.get("rating", "")
    return await _show_satisfaction(request, token, asked, FormState({"rating": rating} if rating else {}))


async def give_by_link(request: Request) -> Response:
    fields = await read_form(request)
    token = fields.get("token", "")
    asked = await _find_asked(token)
    if asked is None:
        return await show_link_ended(request, LinkEnded())
    errors = await _give(asked, fields)
    if errors:
        return await _show_satisfaction(request, token, asked, FormState(dict(fields), errors), status=422)
    return redirect(f"/satisfaction?token={quote(token, safe='')}", notice="thanks")


async def give_satisfaction(request: Request) -> Response:
    """From the page of the thread."""
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    authorize(permissions.can_give_satisfaction(viewer, thread))
    asked = await satisfaction.find_asked(thread.id)
    if asked is None:
        raise NotFound
    choose_language(request, thread.language)
    fields = await read_form(request)
    errors = await _give(asked, fields)
    if errors:
        return await show_thread_page(
            request, thread, status=422, satisfaction_form=FormState(dict(fields), errors)
        )
    return redirect(f"{thread_url(thread.id, thread.slug)}#satisfaction", notice="thanks")


async def _give(asked: Asked, fields: Mapping[str, str]) -> tuple[FieldError, ...]:
    """Answer, or say what is wrong. Administrators read the line, so it must not tell who wrote it."""
    rating, note = fields.get("rating", ""), fields.get("note", "").strip()
    if rating not in {str(each) for each in RATINGS}:
        return (FieldError("rating", _("Please choose a number from 1 to 5.")),)
    if len(note) > LONGEST_NOTE:
        return (FieldError("note", _("Please use at most %(count)s characters.") % {"count": LONGEST_NOTE}),)
    if personal_hints.find(note):
        return (FieldError("note", _("Please leave out addresses and numbers that tell who you are.")),)
    if asked.answered_at is None:
        await satisfaction.give(asked, rating=int(rating), note=note)
    return ()


async def _find_waiting(token: str) -> Waiting | None:
    waiting = await reminders.find_thread(token)
    if waiting is None or not await _may_answer(waiting):
        return None
    return waiting


async def _find_asked(token: str) -> Asked | None:
    asked = await satisfaction.find_by_token(token)
    if asked is None or not await _may_answer(asked):
        return None
    return asked


async def _may_answer(about: Waiting | Asked) -> bool:
    """Whether the asker may still read the thread, and is not suspended: the link stands in the place of a log-in."""
    if await is_shut_out(about.asker_id):
        return False
    return bool(await readers_among(about.space_id, {about.asker_id}))


async def _own_thread(viewer: Viewer, about: Waiting | Asked) -> ThreadView | None:
    """The thread, for the asker alone; whoever else holds the link is not told which it is."""
    if viewer.id != about.asker_id:
        return None
    try:
        return await queries.get_thread(about.thread_id, viewer)
    except NotFound:
        return None


def _link(thread: ThreadView | None) -> Link | None:
    return Link(thread.title, thread_url(thread.id, thread.slug)) if thread else None


async def _show_reminder(
    request: Request,
    token: str,
    waiting: Waiting,
    *,
    says_open: bool = False,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
) -> Response:
    thread = await _own_thread(viewer_of(request), waiting)
    answers = await reminders.list_answers(waiting)
    is_choice = len(answers) > 1
    page = ReminderPage(
        token=token,
        thread=_link(thread),
        language=thread.language if thread else "",
        answers=tuple(
            Choice(
                str(answer.id),
                _("%(name)s, %(when)s")
                % {"name": answer.nickname or _("Former member"), "when": When.of(answer.created_at).text},
                excerpt(plain_text(answer.body_html), LONGEST_EXCERPT),
            )
            for answer in answers
        )
        if thread
        else (),
        has_one_answer=not is_choice,
        log_in_url=f"/log-in?next={quote(f'/reminder?token={token}', safe='/')}"
        if is_choice and not thread
        else "",
        says_open=says_open,
        form=FormState({}, errors),
    )
    return without_a_copy(
        await show(request, "asker/reminder.html", page, Head(robots="noindex"), status=status)
    )


async def _show_satisfaction(
    request: Request, token: str, asked: Asked, form: FormState, *, status: int = 200
) -> Response:
    thread = await _own_thread(viewer_of(request), asked)
    page = SatisfactionPage(
        form=make_satisfaction_form("/satisfaction", form, token=token)
        if asked.answered_at is None
        else None,
        thread=_link(thread),
        language=thread.language if thread else "",
    )
    return without_a_copy(
        await show(request, "asker/satisfaction.html", page, Head(robots="noindex"), status=status)
    )

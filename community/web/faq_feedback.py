"""Whether an FAQ entry helped, why not, and the ways on for whoever is still stuck."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.faq import feedback
from community.faq.queries import EntryView, get_entry
from community.faq.rules import LONGEST_REASON, Reason
from community.http.by_people import is_by_a_person
from community.insights.entry_uses import Use
from community.web.forms import check_length, read_form
from community.web.limiting import count_entry_feedback, count_guest_answer
from community.web.pages import path_id, redirect, show, viewer_of
from community.web.parts import Choice, FormState

STEPS = ("", "yes", "no", "told", "thanks")


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """The question whether an entry helped, or what follows from its answer."""

    url: str
    step: str
    """ "" while it is open, "yes" or "no" once answered, "told" once the reasons are known as well; "thanks" for what
    is not counted."""
    reasons: tuple[Choice, ...]
    form: FormState
    answer: str = ""
    """By which a guest can add the reasons."""
    may_change: bool = False
    search_url: str = ""
    ask_url: str = ""


def reason_names() -> dict[Reason, str]:
    return {
        Reason.OUTDATED: _("It is out of date"),
        Reason.UNCLEAR: _("I do not understand it"),
        Reason.OTHER_QUESTION: _("It does not answer my question"),
        Reason.STEPS_FAIL: _("The steps do not work"),
        Reason.OTHER: _("Something else"),
    }


async def feedback_view(request: Request, entry: EntryView) -> FeedbackView:
    """What stands under an entry: for members by what they have said, for guests by what the address says."""
    step, form, viewer = "", FormState(), viewer_of(request)
    if entry.helped is not None:
        step = "yes" if entry.helped else "no"
    given = request.query_params.get("answered", "")
    if given in STEPS and (viewer.is_guest or given == "told"):
        step = given
    if step == "no" and viewer.is_member:
        line, ticked = await feedback.own_reasons(entry.id, viewer)
        form = FormState({"reason": line} | {f"reason-{reason}": "1" for reason in ticked if reason})
    return _view(request, entry, step, "", form)


def _view(request: Request, entry: EntryView, step: str, answer: str, form: FormState) -> FeedbackView:
    return FeedbackView(
        url=f"/faq/{entry.id}/feedback",
        step=step,
        reasons=tuple(Choice(str(reason), name) for reason, name in reason_names().items()),
        form=form,
        answer=answer[:60],
        may_change=viewer_of(request).is_member,
        search_url=f"/faq/{entry.id}/stuck?to=search",
        ask_url=f"/faq/{entry.id}/stuck?to=ask",
    )


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """The part of the page alone, for a script that puts it in its place."""

    feedback: FeedbackView


async def take_feedback(request: Request) -> tuple[EntryView, FeedbackView, int]:
    """Count an answer, or add the reasons to it; what stands under the entry then, and the status of the page.

    A second answer of guests at one address of the net on one day is thanked for and not counted: who they are is
    known to nobody, so that is all that keeps one person from being many.
    """
    viewer = viewer_of(request)
    entry = await get_entry(viewer, path_id(request, "entry_id"))
    fields = await read_form(request)
    ticked = [reason for reason in Reason if fields.get(f"reason-{reason}")]
    line, answer = fields.get("reason", ""), fields.get("answer", "")
    errors = check_length("reason", line, least=0, most=LONGEST_REASON)
    if errors or fields.get("helpful") not in ("yes", "no"):
        step = fields.get("step", "") if fields.get("step") in STEPS else ""
        form = FormState(dict(fields), tuple(errors))
        return entry, _view(request, entry, step, answer, form), 422
    await count_entry_feedback(request)
    helpful = fields["helpful"] == "yes"
    told = bool(line.strip() or ticked)
    step = "yes" if helpful else "told" if told or fields.get("step") == "no" else "no"
    if viewer.is_guest and answer:
        await feedback.add_reasons(answer, entry.id, reason=line, reasons=ticked)
        return entry, _view(request, entry, "told", "", FormState()), 200
    if viewer.is_guest:
        try:
            await count_guest_answer(request, entry.id)
        except TooMany:
            return entry, _view(request, entry, "thanks", "", FormState()), 200
    number = await feedback.give_feedback(entry.id, helpful=helpful, by=viewer, reason=line, reasons=ticked)
    answer = feedback.sign_answer(number) if viewer.is_guest and step == "no" else ""
    return entry, _view(request, entry, step, answer, FormState()), 200


async def answer_feedback(request: Request, entry: EntryView, view: FeedbackView) -> Response:
    """In place for scripts; else back to the entry, whose address says what has been answered, not by which sign."""
    if request.headers.get("hx-request") == "true":
        return await show(request, "faq/feedback.html", FeedbackPage(view), block="feedback")
    return redirect(with_query(entry.url, {"answered": view.step}) + "#feedback")


async def go_on(request: Request) -> Response:
    """Still stuck: on to the search or to the form for a question, with the words of the entry; counted for it."""
    entry = await get_entry(viewer_of(request), path_id(request, "entry_id"))
    to = request.query_params.get("to", "")
    if to == "search":
        note_use(request, entry.id, Use.SEARCHED_ON)
        return redirect(with_query("/search", {"q": entry.question}))
    if to == "ask":
        note_use(request, entry.id, Use.TURNED_TO_ASK)
        return redirect(with_query("/ask", {"title": entry.question, "after": f"faq-{entry.id}"}))
    raise NotFound


def note_use(request: Request, entry_id: int, use: Use, *, words: str = "") -> None:
    """Count what somebody does with an entry: not what staff do, who try things out, nor robots."""
    if is_counted(request):
        request.app.state.noted_uses.note(entry_id, use, words=words)


def is_counted(request: Request) -> bool:
    return not viewer_of(request).is_staff and is_by_a_person(request.headers)

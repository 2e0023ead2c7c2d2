"""Sending a question to an expert: whom one can choose, and the sending."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.limits import EXPERT_QUESTIONS
from community.ranks import expert_questions
from community.ranks.expert_questions import MOST_PER_QUESTION
from community.ranks.permissions import can_ask_expert
from community.threads.queries import ThreadView, get_thread
from community.web.experts import SpaceExpert
from community.web.forms import read_form
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Author, Crumb, FieldError, FormState, Link, When
from community.web.people import author
from community.web.writing import demand_voice


@dataclass(frozen=True, slots=True)
class AskExpertPage:
    thread: Link
    crumbs: tuple[Crumb, ...]
    form: FormState
    url: str
    """Empty where no more experts can be asked."""
    left: str
    experts: tuple[SpaceExpert, ...]
    asked: tuple[tuple[Author, When], ...]
    all_url: str
    """All experts of the space."""


async def show_experts(request: Request) -> Response:
    thread = await _load(request)
    return await _show(request, thread, FormState())


async def ask_expert(request: Request) -> Response:
    viewer = viewer_of(request)
    thread = await _load(request)
    fields = dict(await read_form(request))
    await EXPERT_QUESTIONS.take(viewer.id)
    try:
        await expert_questions.ask_expert(thread, fields.get("nickname", "")[:60], by=viewer.id)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, thread, form, status=409)
    return redirect(f"/threads/{thread.id}/experts", notice="expert-asked")


async def _load(request: Request) -> ThreadView:
    viewer = viewer_of(request)
    thread = await get_thread(path_id(request, "thread_id"), viewer)
    demand_voice(viewer, thread.space_id)
    authorize(can_ask_expert(viewer, thread))
    choose_language(request, thread.language)
    return thread


async def _show(request: Request, thread: ThreadView, form: FormState, *, status: int = 200) -> Response:
    asked = await expert_questions.list_asked(thread)
    left = max(0, MOST_PER_QUESTION - await expert_questions.count_asked(thread.id))
    found = await expert_questions.list_askable(thread, by=viewer_of(request).id) if left else []
    space_url = f"/spaces/{thread.space_slug}"
    page = AskExpertPage(
        thread=Link(thread.title, thread_url(thread.id, thread.slug)),
        crumbs=(Crumb(_("Home"), "/"), Crumb(thread.space_name, space_url)),
        form=form,
        url=f"/threads/{thread.id}/experts" if left else "",
        left=ngettext(
            "You can send it to %(num)s more expert.", "You can send it to %(num)s more experts.", left
        )
        % {"num": number(left)}
        if left
        else _("It has been sent to as many experts as possible."),
        experts=tuple(SpaceExpert(author(line.author), number(line.solution_count)) for line in found),
        asked=tuple((author(each.author), When.of(each.asked_at)) for each in asked),
        all_url=f"{space_url}/experts",
    )
    return await show(
        request, "threads/experts.html", page, Head(section="spaces", robots="noindex"), status=status
    )

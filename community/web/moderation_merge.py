"""Merging a thread with another one about the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads import queries
from community.threads.carrying import opens_up
from community.threads.lists import list_related
from community.threads.merging import merge_threads
from community.threads.queries import ThreadView
from community.web.acting import act_by_form
from community.web.forms import read_form
from community.web.lists import thread_url
from community.web.moderation_order import check_reason, crumbs_of, load_thread, readers_after
from community.web.pages import LARGEST_ID, Head, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link

_ADDRESS = re.compile(r"(?:.*/threads/)?([0-9]{1,16})(?:-[^/]*)?/?(?:[?#].*)?")


@dataclass(frozen=True, slots=True)
class MergePage:
    """Which other thread, and what follows."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    title: str
    related: tuple[Choice, ...]
    form: FormState
    target: Link | None = None
    """The other thread, once it is chosen."""
    target_id: int = 0
    follows: tuple[str, ...] = ()
    """What will be so then, in sentences."""
    opens_up: bool = False
    """Whether people read it then who cannot now: that takes a box of its own."""


async def show_merge_form(request: Request) -> Response:
    thread = await load_thread(request)
    into = request.query_params.get("into", "")
    return await _show(request, thread, FormState({"into": into} if into else {}))


async def merge_thread(request: Request) -> Response:
    """The first press shows what follows; `confirmed` names the thread it was about."""
    viewer = viewer_of(request)
    thread = await load_thread(request)
    fields = dict(await read_form(request))
    fields["into"] = fields.get("into", "").strip() or fields.get("related", "")
    target = await find_target(fields["into"], viewer)
    errors = check_reason(fields)
    if target is None or target.id == thread.id:
        text = _("Please paste the address of another thread that you can read.")
        errors.insert(0, FieldError("into", text))
    if errors or target is None:
        return await _show(request, thread, FormState(fields, tuple(errors)), status=422)
    if fields.get("confirmed") != str(target.id):
        return await _show(request, thread, FormState(fields | {"into": thread_url(target.id, target.slug)}))
    opening_up = fields.get("opening_up") == "1"
    return await act_by_form(
        fields,
        (),
        act=lambda: merge_threads(
            thread.id, into=target.id, by=viewer, reason=fields["reason"], opening_up=opening_up
        ),
        show=partial(_show, request, thread),
        then=thread_url(target.id, target.slug),
        about=f"thread:{target.id}",
        by=viewer,
    )


async def find_target(text: str, viewer: Viewer) -> ThreadView | None:
    """The thread that an address or a number typed by staff means, if they may read it."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or int(found[1]) > LARGEST_ID:
        return None
    try:
        return await queries.get_thread(int(found[1]), viewer)
    except NotFound:
        return None


async def _show(request: Request, thread: ThreadView, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    target = await find_target(form.value("into"), viewer) if form.value("into") else None
    if target is not None and target.id == thread.id:
        target = None
    related = [line for line in await list_related(viewer, thread.id) if line.id != thread.id]
    page = MergePage(
        url=f"/moderation/threads/{thread.id}/merge",
        back_url=thread_url(thread.id, thread.slug),
        crumbs=crumbs_of(thread),
        title=thread.title,
        related=tuple(Choice(str(line.id), line.title) for line in related),
        form=form,
        target=Link(target.title, thread_url(target.id, target.slug)) if target else None,
        target_id=target.id if target else 0,
        follows=await _follows(request, thread, target) if target else (),
        opens_up=target is not None
        and opens_up(thread.space_access, target.space_access, same_space=target.space_id == thread.space_id),
    )
    return await show(request, "moderation/merge.html", page, Head(section="moderation"), status=status)


async def _follows(request: Request, thread: ThreadView, target: ThreadView) -> tuple[str, ...]:
    """What a moderator reads before pressing the button for the second time."""
    count = thread.answer_count
    answers = ngettext("%(num)s answer", "%(num)s answers", count) % {"num": number(count)}
    sentences = [
        _("What it began with and %(answers)s are put among the answers of the other thread, by their dates.")
        % {"answers": answers},
        _("Old links lead there. Whoever follows this thread follows the other one then."),
    ]
    if thread.solution_post_id is not None and target.solution_post_id is not None:
        sentences.append(
            _("The other thread keeps its solution; the one of this thread becomes an answer like others.")
        )
    elif thread.solution_post_id is not None:
        sentences.append(_("The solution of this thread becomes the solution of the other one."))
    if thread.space_kind == target.space_kind == SpaceKind.IDEAS:
        sentences.append(_("Whoever voted for this idea votes for the other one then; nobody counts twice."))
    if thread.space_id != target.space_id:
        spaces: tuple[SpaceCard, ...] = tuple(request.state.spaces)
        card = next(space for space in spaces if space.id == target.space_id)
        sentences.append(await readers_after(card, viewer_of(request)))
    return tuple(sentences)

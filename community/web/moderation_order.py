"""Keeping order: hide and restore posts; lock, pin and move threads. Each act has a page that asks for the reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import authorize
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.grounds import Ground
from community.decisions.queries import find_last_actor
from community.moderation.permissions import can_move_thread
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON
from community.spaces.models import SpaceAccess
from community.spaces.queries import SpaceCard, list_readers
from community.threads import order, permissions, queries
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.web.acting import act_by_form
from community.web.forms import check_length, read_form
from community.web.grounds import ground_choices, read_ground
from community.web.lists import thread_url
from community.web.pages import Head, path_id, show, viewer_of
from community.web.parts import Author, Choice, Crumb, FieldError, FormState
from community.web.people import author
from community.web.posts import place_of


@dataclass(frozen=True, slots=True)
class ActPage:
    """What is about to happen, to what, and why."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    heading: str
    explanation: str
    """What follows for readers and for those concerned."""
    button: str
    danger: bool
    reason_needed: bool
    form: FormState
    author: Author | None = None
    html: Markup | None = None
    """The post, where the act is about one."""
    spaces: tuple[Choice, ...] = ()
    """Where a thread can be moved to."""
    grounds: tuple[Choice, ...] = ()
    """On what an act can rest that restricts somebody."""
    preview: str = ""
    """Who can read the thread after the move."""


@dataclass(frozen=True, slots=True)
class Act:
    """The words of one act."""

    heading: str
    explanation: str
    button: str
    danger: bool = False
    reason_needed: bool = True
    restricts: bool = False
    """Then whoever is concerned is told on what it rests."""


# --- posts ------------------------------------------------------------------------------------------------


async def show_hide_form(request: Request) -> Response:
    post, thread = await load_post(request)
    return await _show_post_act(request, _hiding(post), "hide", post, thread, FormState())


async def hide_post(request: Request) -> Response:
    post, thread = await load_post(request)
    return await _change_post(request, _hiding(post), "hide", order.hide_post, post, thread)


async def show_restore_form(request: Request) -> Response:
    post, thread = await _load_hidden_post(request)
    return await _show_post_act(request, _restoring(post), "restore", post, thread, FormState())


async def restore_post(request: Request) -> Response:
    post, thread = await _load_hidden_post(request)
    return await _change_post(request, _restoring(post), "restore", order.restore_post, post, thread)


def _hiding(post: PostRow) -> Act:
    if post.kind == PostKind.OPENING:
        return Act(
            _("Hide the thread"),
            _("With its opening post the whole thread is hidden. Only moderators can still read it."),
            _("Hide the thread"),
            danger=True,
            restricts=True,
        )
    return Act(
        _("Hide the post"),
        _("Only moderators can still read it. If it is the solution, the question is open again."),
        _("Hide the post"),
        danger=True,
        restricts=True,
    )


def _restoring(post: PostRow) -> Act:
    if post.kind == PostKind.OPENING:
        return Act(_("Restore the thread"), _("The whole thread can be read again."), _("Restore the thread"))
    return Act(_("Restore the post"), _("It can be read again."), _("Restore the post"))


async def load_post(request: Request) -> tuple[PostRow, ThreadView]:
    """The post of the address, for whoever may keep order there."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    authorize(permissions.can_keep_order(viewer))
    return post, thread


async def _load_hidden_post(request: Request) -> tuple[PostRow, ThreadView]:
    post, thread = await load_post(request)
    authorize(await _may_undo(viewer_of(request), post.author_id, f"post:{post.id}", "hide_post"))
    return post, thread


async def _may_undo(viewer: Viewer, author_id: int | None, subject: str, act: str) -> bool:
    """Nobody decides about a text of their own: what a colleague has done to it, somebody else undoes."""
    return author_id != viewer.id or await find_last_actor(subject, act) in (None, viewer.id)


async def _change_post(
    request: Request,
    act: Act,
    verb: str,
    change: Callable[..., Awaitable[None]],
    post: PostRow,
    thread: ThreadView,
) -> Response:
    viewer = viewer_of(request)
    fields = dict(await read_form(request))
    errors = _check(fields, act)
    return await act_by_form(
        fields,
        errors,
        act=lambda: change(post.id, by=viewer, reason=fields["reason"], **_given_ground(fields, act)),
        show=partial(_show_post_act, request, act, verb, post, thread),
        then=await place_of(post, thread, viewer),
        about=f"post:{post.id}",
        by=viewer,
    )


async def _show_post_act(
    request: Request,
    act: Act,
    verb: str,
    post: PostRow,
    thread: ThreadView,
    form: FormState,
    *,
    status: int = 200,
) -> Response:
    page = ActPage(
        url=f"/moderation/posts/{post.id}/{verb}",
        back_url=await place_of(post, thread, viewer_of(request)),
        crumbs=crumbs_of(thread),
        heading=act.heading,
        explanation=act.explanation,
        button=act.button,
        danger=act.danger,
        reason_needed=True,
        grounds=ground_choices() if act.restricts else (),
        form=form,
        author=author(post.author),
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
    )
    return await show(request, "moderation/act.html", page, Head(section="moderation"), status=status)


# --- threads ----------------------------------------------------------------------------------------------


def _thread_acts() -> dict[str, tuple[Callable[..., Awaitable[None]], Act]]:
    return {
        "lock": (
            order.lock_thread,
            Act(
                _("Lock the thread"),
                _("It can still be read, but only staff can answer. Whoever started it learns the reason."),
                _("Lock"),
                restricts=True,
            ),
        ),
        "unlock": (
            order.unlock_thread,
            Act(_("Unlock the thread"), _("Everybody who reads it can answer again."), _("Unlock")),
        ),
        "pin": (
            order.pin_thread,
            Act(
                _("Pin the thread"),
                _("It stands above the other threads of its space."),
                _("Pin"),
                reason_needed=False,
            ),
        ),
        "unpin": (
            order.unpin_thread,
            Act(
                _("Unpin the thread"),
                _("It goes back among the other threads of its space."),
                _("Unpin"),
                reason_needed=False,
            ),
        ),
    }


async def show_lock_form(request: Request) -> Response:
    return await _show_thread_form(request, "lock")


async def lock_thread(request: Request) -> Response:
    return await _change_thread(request, "lock")


async def show_unlock_form(request: Request) -> Response:
    return await _show_thread_form(request, "unlock")


async def unlock_thread(request: Request) -> Response:
    return await _change_thread(request, "unlock")


async def show_pin_form(request: Request) -> Response:
    return await _show_thread_form(request, "pin")


async def pin_thread(request: Request) -> Response:
    return await _change_thread(request, "pin")


async def show_unpin_form(request: Request) -> Response:
    return await _show_thread_form(request, "unpin")


async def unpin_thread(request: Request) -> Response:
    return await _change_thread(request, "unpin")


async def load_thread(request: Request, verb: str = "") -> ThreadView:
    """The thread of the address, for whoever may keep order there."""
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    authorize(permissions.can_keep_order(viewer))
    if verb == "unlock":
        authorize(await _may_undo(viewer, thread.author_id, f"thread:{thread.id}", "lock_thread"))
    return thread


async def _show_thread_form(request: Request, verb: str) -> Response:
    thread = await load_thread(request, verb)
    return await _show_thread_act(request, _thread_acts()[verb][1], verb, thread, FormState())


async def _change_thread(request: Request, verb: str) -> Response:
    thread = await load_thread(request, verb)
    change, act = _thread_acts()[verb]
    fields = dict(await read_form(request))
    errors = _check(fields, act)
    viewer, reason = viewer_of(request), fields.get("reason", "")
    return await act_by_form(
        fields,
        errors,
        act=lambda: change(thread.id, by=viewer, reason=reason, **_given_ground(fields, act)),
        show=partial(_show_thread_act, request, act, verb, thread),
        then=thread_url(thread.id, thread.slug),
        about=f"thread:{thread.id}",
        by=viewer,
    )


async def _show_thread_act(
    request: Request,
    act: Act,
    verb: str,
    thread: ThreadView,
    form: FormState,
    *,
    spaces: tuple[Choice, ...] = (),
    preview: str = "",
    status: int = 200,
) -> Response:
    page = ActPage(
        url=f"/moderation/threads/{thread.id}/{verb}",
        back_url=thread_url(thread.id, thread.slug),
        crumbs=crumbs_of(thread),
        heading=act.heading,
        explanation=act.explanation,
        button=act.button,
        danger=act.danger,
        reason_needed=act.reason_needed,
        grounds=ground_choices() if act.restricts else (),
        form=form,
        spaces=spaces,
        preview=preview,
    )
    return await show(request, "moderation/act.html", page, Head(section="moderation"), status=status)


# --- moving -----------------------------------------------------------------------------------------------


def _moving() -> Act:
    return Act(
        _("Move the thread"),
        _("Its address stays the same. Who may read the other space may read the thread, and nobody else."),
        _("Move"),
    )


async def show_move_form(request: Request) -> Response:
    """The choice of a space; with `?space=` also who can read the thread there."""
    thread = await load_thread(request)
    chosen = request.query_params.get("space", "")
    form = FormState({"space": chosen} if chosen else {})
    return await _show_move(request, thread, form)


async def move_thread(request: Request) -> Response:
    """Without scripts the first press shows who will read the thread; `confirmed` names the space it was about."""
    viewer = viewer_of(request)
    thread = await load_thread(request)
    fields = dict(await read_form(request))
    target = _target(request, thread, fields.get("space", ""))
    errors = check_reason(fields)
    if target is None:
        errors.insert(0, FieldError("space", _("Please choose a space.")))
    if errors or target is None:
        return await _show_move(request, thread, FormState(fields, tuple(errors)), status=422)
    if fields.get("confirmed") != target.slug:
        return await _show_move(request, thread, FormState(fields))
    return await act_by_form(
        fields,
        (),
        act=lambda: order.move_thread(thread.id, to_space=target.id, by=viewer, reason=fields["reason"]),
        show=partial(_show_move, request, thread),
        then=thread_url(thread.id, thread.slug),
        about=f"thread:{thread.id}",
        by=viewer,
    )


def _targets(request: Request, thread: ThreadView) -> list[SpaceCard]:
    viewer, spaces = viewer_of(request), request.state.spaces
    source = next(space for space in spaces if space.id == thread.space_id)
    return [space for space in spaces if can_move_thread(viewer, source, space)]


def _target(request: Request, thread: ThreadView, slug: str) -> SpaceCard | None:
    return next((space for space in _targets(request, thread) if space.slug == slug), None)


async def _show_move(request: Request, thread: ThreadView, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    target = _target(request, thread, form.value("space"))
    spaces = tuple(Choice(space.slug, space.name) for space in _targets(request, thread))
    preview = await readers_after(target, viewer) if target else ""
    return await _show_thread_act(
        request, _moving(), "move", thread, form, spaces=spaces, preview=preview, status=status
    )


async def readers_after(target: SpaceCard, viewer: Viewer) -> str:
    """The sentence that a moderator reads before pressing the button."""
    if target.access == SpaceAccess.OPEN:
        return _("After the move everyone on the internet can read it.")
    if target.access == SpaceAccess.MEMBERS:
        return _("After the move all members can read it, guests cannot.")
    groups, _all = await list_readers(target.id, viewer)
    return _("After the move only members of %(groups)s and staff who keep order can read it.") % {
        "groups": ", ".join(groups)
    }


# --- what all have ----------------------------------------------------------------------------------------


def _check(fields: dict[str, str], act: Act) -> list[FieldError]:
    errors = read_ground(fields)[1] if act.restricts else []
    return [*errors, *check_reason(fields, least=SHORTEST_REASON if act.reason_needed else 0)]


def _given_ground(fields: dict[str, str], act: Act) -> dict[str, Ground | None]:
    """For the action of an act that restricts somebody; the others know none."""
    return {"ground": read_ground(fields)[0]} if act.restricts else {}


def check_reason(fields: dict[str, str], *, least: int = SHORTEST_REASON) -> list[FieldError]:
    return check_length("reason", fields.get("reason", ""), least=least, most=LONGEST_REASON)


def crumbs_of(thread: ThreadView) -> tuple[Crumb, ...]:
    """From the thread's space to the thread."""
    return (
        Crumb(thread.space_name, f"/spaces/{thread.space_slug}"),
        Crumb(thread.title, thread_url(thread.id, thread.slug)),
    )

"""The page of one item of the queue, and what staff do with it before they decide: take it, give it back, hand it on,
put it aside. What the decision itself is belongs to the page where the thing is dealt with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from community.core.clock import now
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.work import LONGEST_NOTE, note_look
from community.moderation import claiming, queue
from community.moderation.queue import WorkRow
from community.web.forms import check_length, read_form
from community.web.moderation_queue import WorkView, work_view
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState
from community.web.work_kinds import KINDS, describe_all

MOST_ASKED = 60


@dataclass(frozen=True, slots=True)
class Desk:
    """What can be done with an item besides deciding it."""

    url: str
    is_free: bool
    """Nobody else is on it."""
    times: tuple[Choice, ...]
    colleagues: tuple[Choice, ...]
    looking: str
    """Who has it open as well."""
    form: FormState


@dataclass(frozen=True, slots=True)
class WorkPage:
    crumbs: tuple[Crumb, ...]
    work: WorkView
    desk: Desk
    deal_url: str
    deal_label: str


# --- the page ---------------------------------------------------------------------------------------------


async def show_item(request: Request) -> Response:
    """What has all of it on the page where it is decided is shown there; everything else has a page that leads on."""
    row = await queue.get_work(viewer_of(request), path_id(request, "item_id"))
    return await _show(request, row, FormState())


async def _show(request: Request, row: WorkRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    described = (await describe_all(viewer, [row])).get(row.id)
    if described is None:
        raise NotFound
    if KINDS[row.kind].has_desk and status == 200:
        return redirect(described.url)
    view = await view_of_work(request, row)
    page = WorkPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        work=view,
        desk=await desk_of(viewer, view, form),
        deal_url=described.url,
        deal_label=KINDS[row.kind].verb(),
    )
    return await show(request, "moderation/work.html", page, Head(section="moderation"), status=status)


async def view_of_work(request: Request, row: WorkRow) -> WorkView:
    viewer = viewer_of(request)
    described = (await describe_all(viewer, [row])).get(row.id)
    if described is None:
        raise NotFound
    space = next((space for space in request.state.spaces if space.id == row.space_id), None)
    return work_view(row, described, space, viewer)


async def desk_of(viewer: Viewer, view: WorkView, form: FormState | None = None) -> Desk:
    return Desk(
        url=view.url,
        is_free=not view.holder,
        times=tuple(Choice(hours, label) for hours, label in _times().items()),
        colleagues=tuple(Choice(str(number), name) for number, name in await queue.list_colleagues(viewer)),
        looking=_looking(await queue.list_looking(viewer, view.id)),
        form=form or FormState(),
    )


def _times() -> dict[str, str]:
    """How long something can be put aside, in hours."""
    return {
        "1": _("for an hour"),
        "4": _("for four hours"),
        "24": _("until tomorrow"),
        "72": _("for three days"),
        "168": _("for a week"),
    }


def _looking(names: list[str]) -> str:
    return _("Also looking at it: %(names)s") % {"names": ", ".join(names)} if names else ""


async def show_next(request: Request) -> Response:
    """To what should be done next; back to the queue where nothing is left."""
    row = await queue.find_next(viewer_of(request))
    return redirect(f"/moderation/items/{row.id}" if row else "/moderation")


# --- what is done with it ---------------------------------------------------------------------------------

Act = Callable[[WorkRow, Viewer, Mapping[str, str]], Awaitable[None]]


async def _do(request: Request, act: Act, *, back: str = "") -> Response:
    """What is gone meanwhile, or was never this viewer's, leads back to the queue; a refusal is told on the item."""
    viewer, fields = viewer_of(request), dict(await read_form(request))
    try:
        row = await queue.get_work(viewer, path_id(request, "item_id"))
        await act(row, viewer, fields)
    except (NotFound, Conflict):
        return redirect("/moderation", notice="dealt-with")
    except FormProblemError as problem:
        return await _show(request, row, FormState(fields, problem.errors), status=422)
    except RuleBroken as error:
        row = await queue.get_work(viewer, row.id)
        return await _show(request, row, FormState(fields, (FieldError("", str(error)),)), status=409)
    return redirect(back or f"/moderation/items/{row.id}")


class FormProblemError(Exception):
    def __init__(self, *errors: FieldError) -> None:
        super().__init__()
        self.errors = errors


async def claim_item(request: Request) -> Response:
    async def act(row: WorkRow, viewer: Viewer, _fields: Mapping[str, str]) -> None:
        await claiming.claim_item(row.kind, row.subject, by=viewer)

    return await _do(request, act)


async def release_item(request: Request) -> Response:
    """Giving back what is not one's own changes nothing."""

    async def act(row: WorkRow, viewer: Viewer, _fields: Mapping[str, str]) -> None:
        await claiming.release_item(row.kind, row.subject, by=viewer)

    return await _do(request, act, back="/moderation")


async def snooze_item(request: Request) -> Response:
    async def act(row: WorkRow, viewer: Viewer, fields: Mapping[str, str]) -> None:
        hours = fields.get("hours", "")
        if hours not in _times():
            raise FormProblemError(FieldError("hours", _("Please choose one of these.")))
        until = now() + timedelta(hours=int(hours))
        await claiming.snooze_item(row.kind, row.subject, until=until, by=viewer)

    return await _do(request, act, back="/moderation")


async def wake_item(request: Request) -> Response:
    async def act(row: WorkRow, _viewer: Viewer, _fields: Mapping[str, str]) -> None:
        await claiming.wake_item(row.kind, row.subject)

    return await _do(request, act)


async def hand_on(request: Request) -> Response:
    async def act(row: WorkRow, viewer: Viewer, fields: Mapping[str, str]) -> None:
        colleagues = {str(number): number for number, _name in await queue.list_colleagues(viewer)}
        errors = check_length("note", fields.get("note", ""), least=0, most=LONGEST_NOTE)
        to = colleagues.get(fields.get("to", ""))
        if to is None:
            errors.insert(0, FieldError("to", _("Please choose one of these.")))
        if to is None or errors:
            raise FormProblemError(*errors)
        await claiming.hand_on(row.id, row.kind, row.subject, to=to, note=fields.get("note", ""), by=viewer)

    return await _do(request, act, back="/moderation")


# --- while a page is open ---------------------------------------------------------------------------------


async def note_looking(request: Request) -> Response:
    """Said by an open page every few seconds: who is on the item now, and who else looks at it."""
    viewer, fields = viewer_of(request), await read_form(request)
    row = await queue.get_work(viewer, path_id(request, "item_id"))
    await note_look(row.id, by=viewer.id, works=fields.get("works") == "1")
    names = await queue.list_looking(viewer, row.id)
    return JSONResponse({"holder": _holder_text(row, viewer), "looking": _looking(names)})


async def list_holders(request: Request) -> Response:
    """Who is on which of these items now; what is missing in the answer waits no more."""
    viewer = viewer_of(request)
    given = request.query_params.get("ids", "").split(",")[:MOST_ASKED]
    ids = [int(part) for part in given if part.isascii() and part.isdecimal() and len(part) <= 16]
    rows = await queue.list_some(viewer, ids)
    return JSONResponse({str(row.id): _holder_text(row, viewer) for row in rows})


def _holder_text(row: WorkRow, viewer: Viewer) -> str:
    if row.holder_id is None:
        return ""
    return _("You are on it") if row.holder_id == viewer.id else _("%(name)s is on it") % {"name": row.holder}

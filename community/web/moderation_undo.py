"""Undoing what staff did, from the log."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.decisions.queries import LogLine
from community.spaces.queries import SpaceCard
from community.threads.undoing import RESTRICTING_AGAIN, get_undoable, undo
from community.web.acting import act_by_form
from community.web.forms import read_form
from community.web.grounds import ground_choices, read_ground
from community.web.moderation_log import act_names
from community.web.moderation_order import ActPage, check_reason, readers_after
from community.web.pages import Head, path_id, show, viewer_of
from community.web.parts import Crumb, FormState, When


async def show_undo_form(request: Request) -> Response:
    entry = await get_undoable(path_id(request, "entry_id"), viewer_of(request))
    return await _show(request, entry, FormState())


async def undo_act(request: Request) -> Response:
    viewer = viewer_of(request)
    entry = await get_undoable(path_id(request, "entry_id"), viewer)
    fields = dict(await read_form(request))
    ground, errors = read_ground(fields) if entry.act in RESTRICTING_AGAIN else (None, [])
    errors += check_reason(fields)
    return await act_by_form(
        fields,
        errors,
        act=lambda: undo(entry.id, by=viewer, reason=fields["reason"], ground=ground),
        show=partial(_show, request, entry),
        then=_place_of(entry),
    )


async def _show(request: Request, entry: LogLine, form: FormState, *, status: int = 200) -> Response:
    names = {
        "act": act_names().get(entry.act, entry.act),
        "name": entry.actor_name or _("Former member"),
        "when": When.of(entry.at).text,
    }
    explanation = _("%(act)s, by %(name)s, %(when)s. Afterwards everything is as it was before.") % names
    page = ActPage(
        url=f"/moderation/log/{entry.id}/undo",
        back_url=_place_of(entry),
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Moderation log"), "/moderation/log")),
        heading=_("Undo “%(act)s”") % names,
        explanation=explanation,
        button=_("Undo"),
        danger=False,
        reason_needed=True,
        grounds=ground_choices() if entry.act in RESTRICTING_AGAIN else (),
        form=form,
        preview=await _readers_then(request, entry),
    )
    return await show(request, "moderation/act.html", page, Head(section="moderation"), status=status)


async def _readers_then(request: Request, entry: LogLine) -> str:
    """Whoever moves a thread back is told who reads it then, as when it was moved."""
    if entry.act != "move_thread":
        return ""
    spaces: Iterable[SpaceCard] = request.state.spaces
    target = next((space for space in spaces if space.id == entry.details["from_space"]), None)
    if target is None:
        raise NotFound
    return await readers_after(target, viewer_of(request))


def _place_of(entry: LogLine) -> str:
    kind, _colon, number = entry.subject.partition(":")
    return f"/{'posts' if kind == 'post' else 'threads'}/{number}"

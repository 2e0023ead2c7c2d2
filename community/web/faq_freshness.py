"""Settling why an entry has to be checked: it is still right, or another solution is its source from now on."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import Conflict, RuleBroken, authorize
from community.decisions.claims import TakenBySomebody
from community.faq import freshness, permissions, rules
from community.web.faq_desk import LIST_URL
from community.web.faq_editing import find_entry, show_desk_with, show_refused
from community.web.faq_text import read_number
from community.web.forms import check_length, read_form
from community.web.pages import path_id, read_id, redirect, viewer_of
from community.web.parts import FieldError


async def confirm_entry(request: Request) -> Response:
    """The released text is still right, as far as its sources say what the page showed."""
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    note, cleared = fields.get("note", ""), fields.get("narrowed", "")
    errors = check_length("note", note, least=0, most=rules.LONGEST_REASON)
    if errors:
        return await show_desk_with(request, {"note": note, "narrowed": cleared}, errors[0], 422)
    try:
        await freshness.confirm_entry(
            entry.id,
            version=read_number(fields, "version"),
            seen=fields.get("seen", "")[:64],
            by=viewer,
            note=note,
            cleared=cleared == "1",
        )
    except (Conflict, TakenBySomebody) as error:
        # A yes was given to what stood there before: it has to be given anew.
        return await show_refused(request, error, {"note": note})
    except RuleBroken as error:
        return await show_desk_with(request, {"note": note}, FieldError("narrowed", str(error)), 422)
    return redirect(f"{LIST_URL}/{entry.id}", notice="faq-confirmed")


async def replace_source(request: Request) -> Response:
    """The present solution takes the place of a source, as soon as the text was found right against it."""
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    try:
        await freshness.adopt_solution(
            entry.id,
            path_id(request, "post_id"),
            solution_id=_solution(fields.get("solution", "")),
            by=viewer,
        )
    except RuleBroken as error:
        return await show_refused(request, error)
    return redirect(f"{LIST_URL}/{entry.id}", notice="source-replaced")


def _solution(text: str) -> int:
    post_id = read_id(text)
    if post_id is None:
        raise HTTPException(400)
    return post_id

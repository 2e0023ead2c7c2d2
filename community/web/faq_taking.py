"""Being on an entry of the FAQ, and giving it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken, authorize
from community.faq import permissions, taking
from community.web.faq_desk import LIST_URL
from community.web.faq_editing import find_entry, show_refused
from community.web.pages import redirect, viewer_of


async def take_entry(request: Request) -> Response:
    entry, viewer = await find_entry(request), viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    try:
        await taking.take_entry(entry.id, by=viewer)
    except RuleBroken as error:
        return await show_refused(request, error)
    return redirect(f"{LIST_URL}/{entry.id}")


async def give_back(request: Request) -> Response:
    entry, viewer = await find_entry(request), viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    await taking.give_back(entry.id, by=viewer)
    return redirect(f"{LIST_URL}/{entry.id}")

"""Releasing an entry at a moment of one's choice, and taking that back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import Conflict, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.decisions.claims import TakenBySomebody
from community.faq import permissions, scheduling
from community.faq.models import EntryState
from community.web.faq_desk import LIST_URL
from community.web.faq_editing import find_entry, show_desk_with, show_refused
from community.web.faq_text import read_number
from community.web.forms import read_form
from community.web.pages import redirect, viewer_of
from community.web.parts import FieldError


async def schedule_release(request: Request) -> Response:
    """Release the version that the releaser has seen, later."""
    entry, fields = await find_entry(request), await read_form(request)
    viewer = viewer_of(request)
    if entry.stage == EntryState.IN_REVIEW:
        authorize(permissions.can_release_entry(viewer, entry))
    typed = {"release_at": fields.get("release_at", "")}
    moment = read_moment(typed["release_at"])
    if moment is None:
        error = FieldError("release_at", _("Please choose day and time."))
        return await show_desk_with(request, typed, error, 422)
    try:
        await scheduling.schedule_release(
            entry.id, version=read_number(fields, "version"), at=moment, by=viewer
        )
    except (Conflict, TakenBySomebody) as refused:
        return await show_refused(request, refused, typed)
    except RuleBroken as refused:
        return await show_desk_with(request, typed, FieldError("release_at", str(refused)), 422)
    return redirect(f"{LIST_URL}/{entry.id}", notice="release-scheduled")


async def take_back_schedule(request: Request) -> Response:
    entry = await find_entry(request)
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    try:
        await scheduling.take_back_schedule(entry.id, by=viewer)
    except RuleBroken as refused:
        return await show_refused(request, refused)
    return redirect(f"{LIST_URL}/{entry.id}", notice="schedule-taken-back")


def read_moment(text: str) -> datetime | None:
    """What a field for day and time says, in the time zone of the site."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(i18n.time_zone()))

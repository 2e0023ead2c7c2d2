"""What every form of an act on a thread or post does when it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from starlette.responses import Response

from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.viewer import Viewer
from community.decisions.queries import find_own_entry
from community.threads.undoing import RESTRICTING_AGAIN, UNDOABLE
from community.web.pages import UNDO_AT_ONCE, UNDO_BY_FORM, redirect
from community.web.parts import FieldError, FormState


class ShowForm(Protocol):
    async def __call__(self, form: FormState, /, *, status: int) -> Response: ...


async def act_by_form(
    fields: dict[str, str],
    errors: Sequence[FieldError],
    *,
    act: Callable[[], Awaitable[object]],
    show: ShowForm,
    then: str,
    about: str = "",
    by: Viewer | None = None,
) -> Response:
    """Act and lead to `then`; or show the form again with what is wrong in it, or with why it cannot be done now.

    With `about` ("post:1", "thread:1") the page that follows offers whoever acted to undo it.
    """
    if errors:
        return await show(FormState(fields, tuple(errors)), status=422)
    began_at = now()
    try:
        await act()
    except RuleBroken as error:
        return await show(FormState(fields, (FieldError("", str(error)),)), status=409)
    if about and by is not None:
        return await redirect_after_act(then, about, by=by, since=began_at)
    return redirect(then, notice="done")


async def redirect_after_act(url: str, about: str, *, by: Viewer, since: datetime) -> Response:
    """Lead on after an act that was begun at `since`, with the offer to undo it where that is possible."""
    entry = await find_own_entry(about, UNDOABLE, by.id, since=since)
    if entry is None:
        return redirect(url, notice="done")
    # Whoever restricts somebody again has to say on what it rests: that takes the form.
    how = UNDO_BY_FORM if entry.act in RESTRICTING_AGAIN else UNDO_AT_ONCE
    return redirect(url, notice=f"{how}.{entry.id}")

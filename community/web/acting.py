"""What every form of an act on a thread or post does when it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.responses import Response

from community.core.errors import RuleBroken
from community.web.pages import redirect
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
) -> Response:
    """Act and lead to `then`; or show the form again with what is wrong in it, or with why it cannot be done now."""
    if errors:
        return await show(FormState(fields, tuple(errors)), status=422)
    try:
        await act()
    except RuleBroken as error:
        return await show(FormState(fields, (FieldError("", str(error)),)), status=409)
    return redirect(then, notice="done")

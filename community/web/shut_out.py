"""The answer to a log-in of somebody who is suspended or banned, after all that proves who they are."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.statement_links import PATH, statement_token
from community.core.i18n import gettext as _
from community.decisions.statements import find_statements
from community.http.sessions import ShutOut
from community.sanctions.queries import Exclusion
from community.sanctions.rules import Kind
from community.spaces.queries import view_of
from community.web.pages import Head, show
from community.web.sanction_words import say_until


@dataclass(frozen=True, slots=True)
class ShutOutPage:
    """For somebody who has proved who they are, and for nobody else."""

    title: str
    until: str
    reason: str
    object_url: str
    """Of the statement of reasons, where they object; empty where there is none."""


async def shut_out(request: Request, error: Exception) -> Response:
    """What was decided, why, and how to object."""
    assert isinstance(error, ShutOut)  # noqa: S101 - registered for this type alone
    request.state.viewer, request.state.spaces = await view_of(None)
    page = ShutOutPage(
        title=_title(error.exclusion),
        until=say_until(error.exclusion.ends_at),
        reason=error.exclusion.reason,
        object_url=await _object_url(error.exclusion),
    )
    response = await show(request, "accounts/shut_out.html", page, Head(robots="noindex"), status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _object_url(exclusion: Exclusion) -> str:
    subject = f"sanction:{exclusion.sanction_id}"
    statement = (await find_statements([subject])).get(subject)
    return f"{PATH}?token={statement_token(statement.id, is_proved=True)}" if statement else ""


def _title(exclusion: Exclusion) -> str:
    return _("Your account is banned") if exclusion.kind == Kind.BAN else _("Your account is suspended")

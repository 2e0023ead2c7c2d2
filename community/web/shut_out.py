"""The answer to a log-in of somebody who is suspended or banned, after all that proves who they are."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.statement_links import PATH, statement_token
from community.core.i18n import gettext as _
from community.decisions.statements import list_open_statements
from community.http.sessions import ShutOut
from community.sanctions.queries import Exclusion, get_sanction
from community.sanctions.rules import Kind
from community.spaces.queries import view_of
from community.web.measures import words_of
from community.web.pages import Head, show
from community.web.parts import When
from community.web.sanction_words import say_until


@dataclass(frozen=True, slots=True)
class DecisionLink:
    """A statement of reasons, where they object to it."""

    url: str
    label: str
    when: When
    is_about_this: bool


@dataclass(frozen=True, slots=True)
class ShutOutPage:
    """For somebody who has proved who they are, and for nobody else."""

    title: str
    until: str
    reason: str
    decisions: tuple[DecisionLink, ...]
    """Of what holds: the statements about this, then all others. Each can be objected to."""


async def shut_out(request: Request, error: Exception) -> Response:
    """What was decided, why, and how to object."""
    assert isinstance(error, ShutOut)  # noqa: S101 - registered for this type alone
    request.state.viewer, request.state.spaces = await view_of(None)
    page = ShutOutPage(
        title=_title(error.exclusion),
        until=say_until(error.exclusion.ends_at),
        reason=error.exclusion.reason,
        decisions=await _decisions(error.exclusion),
    )
    response = await show(request, "accounts/shut_out.html", page, Head(robots="noindex"), status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _decisions(exclusion: Exclusion) -> tuple[DecisionLink, ...]:
    sanction = await get_sanction(exclusion.sanction_id)
    found = [
        DecisionLink(
            f"{PATH}?token={statement_token(row.id, is_proved=True)}",
            words_of(row.act).told,
            When.of(row.at),
            is_about_this=row.subject == f"sanction:{sanction.id}",
        )
        for row in await list_open_statements(sanction.member_id)
    ]
    return tuple(sorted(found, key=lambda link: not link.is_about_this))


def _title(exclusion: Exclusion) -> str:
    return _("Your account is banned") if exclusion.kind == Kind.BAN else _("Your account is suspended")

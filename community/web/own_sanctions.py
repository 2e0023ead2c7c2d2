"""What the moderators have decided about a member, for that member alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.decisions.statements import StatementRow, find_statements, list_open_statements
from community.sanctions.queries import SanctionRow, list_sanctions
from community.web.measures import words_of
from community.web.pages import show, viewer_of
from community.web.parts import FilterLink, Link, When
from community.web.sanction_words import kind_names, scope_of, state_of
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class OwnSanction:
    """One decision as its member reads it: no names of staff, no notes."""

    kind: str
    scope: str
    state: str
    holds: bool
    reason: str
    lift_reason: str
    when: When
    decisions: tuple[Link, ...]
    """The statements of reasons that hold, the first one first, where one objects. Where all are lifted, the last."""


@dataclass(frozen=True, slots=True)
class OwnSanctionsPage:
    tabs: tuple[FilterLink, ...]
    sanctions: tuple[OwnSanction, ...]


async def show_own_sanctions(request: Request) -> Response:
    rows = await list_sanctions(viewer_of(request).id)
    newest = await find_statements([f"sanction:{row.id}" for row in rows])
    holding = await list_open_statements(viewer_of(request).id)
    page = OwnSanctionsPage(settings_tabs(""), tuple(_own(row, holding, newest) for row in rows))
    return await show(request, "settings/sanctions.html", page)


def _own(
    row: SanctionRow, holding: Sequence[StatementRow], newest: Mapping[str, StatementRow]
) -> OwnSanction:
    subject = f"sanction:{row.id}"
    statements = [each for each in holding if each.subject == subject]
    if not statements and subject in newest:
        statements = [newest[subject]]
    return OwnSanction(
        kind=kind_names()[row.kind],
        scope=scope_of(row),
        state=state_of(row),
        holds=row.holds(now()),
        reason=row.reason,
        lift_reason=row.lift_reason,
        when=When.of(row.imposed_at),
        decisions=tuple(Link(words_of(each.act).told, f"/decisions/{each.id}") for each in statements),
    )

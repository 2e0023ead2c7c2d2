"""Statements of reasons: what was decided about a member's own things, with everything that the law wants said.

For the member concerned, and for moderators. Neither page says who decided or who had reported anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.decisions.statements import StatementRow, get_statement, list_own_statements
from community.moderation.appeal_queries import find_appeal_of_statement
from community.moderation.appeals import can_still_appeal
from community.moderation.statements import find_concerned_content
from community.web.grounds import ground_text
from community.web.objections import Objection, objection
from community.web.pages import Head, path_id, show, viewer_of
from community.web.parts import Crumb, FormState, When


@dataclass(frozen=True, slots=True)
class DecisionLine:
    url: str
    measure: str
    when: When
    state: str
    """Empty while it holds."""


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    decisions: tuple[DecisionLine, ...]


@dataclass(frozen=True, slots=True)
class DecisionPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    is_own: bool
    """Whether it is the reader's; otherwise a moderator looks at what the member reads."""
    facts: tuple[tuple[str, str], ...]
    title: str
    html: Markup
    lifted: str
    objection: Objection


def measure_names() -> dict[str, tuple[str, str]]:
    """What each measure is called, and how far it goes, in the reader's language."""
    return {
        "hide_post": (
            _("Your post was hidden"),
            _(
                "Nobody but the moderators can read the post. If a thread begins with it, that is all of the thread."
            ),
        ),
        "lock_thread": (
            _("Your thread was locked"),
            _("The thread can be read as before. Only staff can write in it."),
        ),
        "note_member": (
            _("Your nickname breaks a rule"),
            _("Please choose another nickname in your settings. Nothing else is restricted."),
        ),
        "note_post": (
            _("You were told that a post breaks a rule"),
            _("The post stays as it is. Nothing is restricted."),
        ),
    }


def measure_of(act: str) -> tuple[str, str]:
    return measure_names().get(act, (_("The moderators have decided"), ""))


async def list_decisions(request: Request) -> Response:
    page = DecisionsPage(
        tuple(
            DecisionLine(
                url=f"/decisions/{row.id}",
                measure=measure_of(row.act)[0],
                when=When.of(row.at),
                state=_lifted(row),
            )
            for row in await list_own_statements(viewer_of(request).id)
        )
    )
    return await show(request, "decisions/list.html", page)


async def show_decision(request: Request) -> Response:
    row = await get_statement(path_id(request, "statement_id"), viewer_of(request))
    return await show_statement(request, row, FormState())


async def show_statement(
    request: Request, row: StatementRow, form: FormState, *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    content = await find_concerned_content(row, viewer)
    is_own = row.member_id == viewer.id
    page = DecisionPage(
        crumbs=(
            Crumb(_("Decisions about you"), "/decisions")
            if is_own
            else Crumb(_("Moderation"), "/moderation"),
        ),
        heading=measure_of(row.act)[0],
        is_own=is_own,
        facts=statement_facts(row),
        title=content.title if content else "",
        html=Markup(content.body_html if content else ""),  # noqa: S704 - cleaned when it was written
        lifted=_lifted(row),
        objection=objection(
            await find_appeal_of_statement(row.id),
            url=f"/decisions/{row.id}/appeal",
            is_possible=is_own and row.lifted_at is None and can_still_appeal(row.at),
            form=form,
        ),
    )
    return await show(request, "decisions/show.html", page, Head(robots="noindex"), status=status)


def statement_facts(row: StatementRow) -> tuple[tuple[str, str], ...]:
    """The parts of a statement, each with its name."""
    scope = measure_of(row.act)[1]
    return (
        (_("What was found"), row.facts),
        (_("On what it rests"), ground_text(row.ground, row.ground_name)),
        *(((_("What follows"), scope),) if scope else ()),
        (_("Since"), full_date(row.at)),
        (_("Until"), full_date(row.until) if row.until else _until_lifted(row)),
        (
            _("How it came to it"),
            _("Somebody had reported it. Who it was is not told.")
            if row.is_prompted
            else _("Our staff came upon it themselves."),
        ),
        (
            _("Decided by a program?"),
            _("Yes, a program decided by itself.")
            if row.is_automated
            else _("No. A person found it out and decided; no program took part."),
        ),
    )


def _until_lifted(row: StatementRow) -> str:
    return _("Nothing ends: it is a word to you") if row.act.startswith("note_") else _("Until it is lifted")


def _lifted(row: StatementRow) -> str:
    return _("Lifted on %(date)s") % {"date": full_date(row.lifted_at)} if row.lifted_at else ""

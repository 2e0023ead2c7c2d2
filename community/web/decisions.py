"""Statements of reasons: what was decided about a member's own things, with everything that the law wants said.

For the member concerned, and for moderators. Neither page says who decided or who had reported anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.accounts.statement_links import PATH, read_statement_token
from community.core.errors import NotFound
from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.core.markdown import excerpt
from community.decisions.statements import (
    Standing,
    StatementRow,
    find_standing,
    get_statement,
    get_statement_by_link,
    list_own_statements,
)
from community.moderation.appeal_queries import find_appeal_of_statement
from community.moderation.appeals import can_still_appeal
from community.moderation.statements import find_concerned_content
from community.web.grounds import ground_text
from community.web.measures import words_of
from community.web.objections import Objection, objection
from community.web.pages import Head, path_id, show, viewer_of
from community.web.parts import Crumb, FormState, When
from community.web.registration import without_a_copy

LONGEST_WHY = 140


@dataclass(frozen=True, slots=True)
class DecisionLine:
    url: str
    measure: str
    why: str
    """The beginning of what was found."""
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
    log_in_url: str
    """Where the rest is read, by whoever came with a link of a mail."""
    title: str
    html: Markup
    text_url: str
    """Where the author goes on with a text that was not published."""
    lifted: str
    objection: Objection


async def list_decisions(request: Request) -> Response:
    page = DecisionsPage(
        tuple(
            DecisionLine(
                url=f"/decisions/{row.id}",
                measure=words_of(row.act).told,
                why=excerpt(row.facts, LONGEST_WHY),
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


async def show_by_link(request: Request) -> Response:
    """For whoever cannot log in, with the secret of the link alone."""
    row, link = await find_by_link(request.query_params.get("token", ""))
    return await show_statement(request, row, FormState(), link=link)


@dataclass(frozen=True, slots=True)
class Link:
    """By which a statement was opened without a log-in."""

    token: str
    is_proved: bool
    """Whether its holder has proved who they are; otherwise it came by mail, which others may read."""


async def find_by_link(token: str) -> tuple[StatementRow, Link]:
    opened = read_statement_token(token)
    if opened is None:
        raise NotFound
    return await get_statement_by_link(opened.id), Link(token, opened.is_proved)


async def show_statement(
    request: Request, row: StatementRow, form: FormState, *, link: Link | None = None, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    is_proved = link is None or link.is_proved
    reader = viewer if link is None else replace(viewer, id=row.member_id or 0)
    content = await find_concerned_content(row, reader) if is_proved else None
    is_own = link is not None or row.member_id == viewer.id
    page = DecisionPage(
        crumbs=_crumbs(is_own=is_own) if link is None else (),
        heading=words_of(row.act).told,
        is_own=is_own,
        facts=statement_facts(row, says_what_was_found=is_proved),
        log_in_url="" if is_proved else "/log-in",
        title=content.title if content else "",
        html=Markup(content.body_html if content else ""),  # noqa: S704 - cleaned when it was written
        text_url=content.url if content and link is None else "",
        lifted=_lifted(row),
        objection=objection(
            await find_appeal_of_statement(row.id),
            url=f"/decisions/{row.id}/appeal" if link is None else f"{PATH}/appeal",
            is_possible=is_own and row.lifted_at is None and can_still_appeal(row.at),
            form=form,
            token=link.token if link else "",
            says_why=is_proved,
            granted=await _what_follows(row),
        ),
    )
    response = await show(request, "decisions/show.html", page, Head(robots="noindex"), status=status)
    return without_a_copy(response) if link else response


async def _what_follows(row: StatementRow) -> str:
    """Where an objection was right, to whom it concerns."""
    if await find_standing(row.id) is Standing.RENEWED:
        return _("A later decision about the same holds nevertheless.")
    return words_of(row.act).granted_told


def _crumbs(*, is_own: bool) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Decisions about you"), "/decisions") if is_own else Crumb(_("Moderation"), "/moderation"),
    )


def statement_facts(row: StatementRow, *, says_what_was_found: bool = True) -> tuple[tuple[str, str], ...]:
    """The parts of a statement, each with its name."""
    words = words_of(row.act)
    return (
        *(((_("What was found"), row.facts),) if says_what_was_found else ()),
        (_("On what it rests"), ground_text(row.ground, row.ground_name)),
        *(((_("What follows"), words.scope),) if words.scope else ()),
        (_("Since"), full_date(row.at)),
        (_("How long"), _until(row, words.until)),
        (_("How it came to it"), _how(row)),
        (
            _("Decided by a program?"),
            _("Yes, a program decided by itself.")
            if row.is_automated
            else _("No, a person decided.")
            if row.is_found_by_program
            else _("No. A person found it out and decided; no program took part."),
        ),
    )


def _until(row: StatementRow, otherwise: str) -> str:
    if row.until is None:
        return otherwise or _("Until it is lifted")
    return _("until %(date)s") % {"date": full_date(row.until)}


def _how(row: StatementRow) -> str:
    if row.is_prompted:
        return _("Somebody had reported it. Who it was is not told.")
    if row.is_found_by_program:
        return _("A rule that a program applies had held it. A person then looked at it.")
    return _("Our staff came upon it themselves.")


def _lifted(row: StatementRow) -> str:
    return _("Lifted on %(date)s") % {"date": full_date(row.lifted_at)} if row.lifted_at else ""

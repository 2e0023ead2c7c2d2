"""Proposals for the FAQ, for moderators and administrators: look, accept, merge, dismiss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.markdown import render
from community.faq import editorial, permissions, rules
from community.proposing import actions, queries
from community.proposing.models import DismissalReason, ProposalState
from community.proposing.queries import PROPOSALS_PER_PAGE, ProposalView
from community.web.faq_desk import LIST_URL, PROPOSALS_URL, ProposedText, desk_crumbs, desk_links
from community.web.faq_proposal_words import dismissal_names, effect_text, reason_texts, return_text
from community.web.forms import read_form, read_form_with_choices
from community.web.lists import thread_url
from community.web.pages import Head, page_number, path_id, read_id, redirect, show, viewer_of
from community.web.parts import (
    Choice,
    Crumb,
    FieldError,
    FilterLink,
    FormState,
    Link,
    Pager,
    When,
    numbered_pager,
)

HEAD = Head(section="faq", robots="noindex")
SHOWN = (ProposalState.OPEN, ProposalState.DISMISSED, ProposalState.ACCEPTED, ProposalState.MERGED)
MOST_AT_ONCE = PROPOSALS_PER_PAGE


@dataclass(frozen=True, slots=True)
class SourceThread:
    """A thread that a proposal is made from, or that asks the same."""

    title: str
    url: str
    language: str
    space_name: str
    access: str
    is_solved: bool


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """One proposal in the list and on its page. Empty addresses are steps that cannot be taken."""

    id: int
    question: str
    url: str
    language: str
    short_answer: str
    steps: Markup
    threads: tuple[SourceThread, ...]
    reasons: tuple[str, ...]
    effect: str
    members_only: bool
    returned: str
    entry: Link | None
    """The entry that covers the subject already, or that came of it."""
    entry_id: int | None
    decided: When | None
    dismissed_as: str
    accept_url: str
    merge_url: str
    reopen_url: str


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    filters: tuple[FilterLink, ...]
    cards: tuple[ProposalCard, ...]
    pager: Pager
    is_open: bool
    dismiss_url: str
    dismissals: tuple[Choice, ...]
    chosen: frozenset[int]
    form: FormState


@dataclass(frozen=True, slots=True)
class ProposalPage:
    crumbs: tuple[Crumb, ...]
    card: ProposalCard
    is_open: bool
    q: str
    found: tuple[Choice, ...]
    """Entries that it could be merged into."""
    dismiss_url: str
    dismissals: tuple[Choice, ...]
    form: FormState


async def list_proposals(request: Request) -> Response:
    """Open proposals by their effect, or those that were decided about."""
    return await _show_list(request, FormState())


async def show_proposal(request: Request) -> Response:
    """One proposal with all it says, and the entries that it could be merged into: `?q=` looks for others."""
    return await _show_one(request, await _proposal(request), FormState())


async def accept(request: Request) -> Response:
    """Draft an entry and open its editor."""
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    proposal = await _proposal(request)
    await read_form(request)
    entry_id = await actions.accept_proposal(proposal, by=viewer)
    return redirect(f"{LIST_URL}/{entry_id}", notice="draft-made")


async def merge(request: Request) -> Response:
    """Add its sources to an entry and open the entry's editor, with the draft beside it."""
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    proposal = await _proposal(request)
    fields = await read_form(request)
    entry_id = read_id(fields.get("entry", ""))
    if entry_id is None:
        error = FieldError("entry", _("Please choose one of these."))
        return await _show_one(request, proposal, FormState(dict(fields), (error,)), status=422)
    entry = await editorial.get_editorial(viewer, entry_id)
    await actions.merge_proposal(proposal, entry.id, by=viewer)
    return redirect(f"{LIST_URL}/{entry.id}?proposal={proposal.id}", notice="sources-added")


async def dismiss(request: Request) -> Response:
    """Take one or several off the list, all with one reason."""
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    fields, chosen = await read_form_with_choices(request, "proposal", most=MOST_AT_ONCE)
    await queries.demand_readable(viewer, chosen)
    errors = _wrong_with(fields.get("why", ""), fields.get("note", ""), chosen)
    if errors:
        form = FormState(dict(fields), tuple(errors))
        if request.query_params.get("from") == "proposal" and len(chosen) == 1:
            proposal = await queries.get_proposal(viewer, chosen[0])
            return await _show_one(request, proposal, form, status=422)
        return await _show_list(request, form, chosen, status=422)
    await actions.dismiss_proposals(
        chosen, DismissalReason(fields["why"]), by=viewer, note=fields.get("note", "")
    )
    return redirect(PROPOSALS_URL, notice="done")


async def reopen(request: Request) -> Response:
    """Put a dismissed one back on the list."""
    viewer = viewer_of(request)
    authorize(permissions.can_edit_faq(viewer))
    proposal = await _proposal(request)
    await actions.reopen_proposal(proposal.id, by=viewer)
    return redirect(f"{PROPOSALS_URL}/{proposal.id}", notice="done")


def _wrong_with(why: str, note: str, chosen: Sequence[int]) -> list[FieldError]:
    errors = []
    if not chosen:
        errors.append(FieldError("proposal", _("Please choose at least one proposal.")))
    if why not in dismissal_names():
        errors.append(FieldError("why", _("Please choose one of these.")))
    if len(note) > rules.LONGEST_REASON:
        raise HTTPException(400)
    if why == DismissalReason.OTHER and not note.strip():
        errors.append(FieldError("note", _("Please say why.")))
    return errors


async def find_proposed(request: Request, entry_id: int) -> ProposedText | None:
    """What the proposal `?proposal=` says that was merged into this entry, to be shown beside its text."""
    proposal_id = read_id(request.query_params.get("proposal", ""))
    if proposal_id is None:
        return None
    try:
        proposal = await queries.get_proposal(viewer_of(request), proposal_id)
    except NotFound:
        return None
    if proposal.entry_id != entry_id or not proposal.text.short_answer:
        return None
    return ProposedText(proposal.text.short_answer, _rendered(proposal.text.steps), proposal.text.language)


def _rendered(steps: str) -> Markup:
    return Markup(render(steps)) if steps else Markup("")  # noqa: S704 - cleaned


# --- what the handlers share ------------------------------------------------------------------------------


async def _proposal(request: Request) -> ProposalView:
    return await queries.get_proposal(viewer_of(request), path_id(request, "proposal_id"))


async def _show_list(
    request: Request, form: FormState, chosen: Sequence[int] = (), *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    state = request.query_params.get("state", str(ProposalState.OPEN))
    if state not in SHOWN:
        raise NotFound
    total = await queries.count_proposals(viewer, state)
    number = page_number(request, most=9_999)
    proposals = await queries.list_proposals(viewer, state, page=number)
    names = {
        ProposalState.OPEN: _("To be decided"),
        ProposalState.DISMISSED: _("Dismissed"),
        ProposalState.ACCEPTED: _("Accepted"),
        ProposalState.MERGED: _("Merged"),
    }
    page = ProposalsPage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer, PROPOSALS_URL),
        filters=tuple(
            FilterLink(
                names[each],
                _list_url(each),
                current=each == state,
            )
            for each in SHOWN
        ),
        cards=tuple(_card(one) for one in proposals),
        pager=numbered_pager(number, max(number, -(-total // PROPOSALS_PER_PAGE)), base=_list_url(state)),
        is_open=state == ProposalState.OPEN,
        dismiss_url=f"{PROPOSALS_URL}/dismiss?page={number}",
        dismissals=_dismissals(),
        chosen=frozenset(chosen),
        form=form,
    )
    return await show(request, "faq/proposals.html", page, HEAD, status=status)


async def _show_one(
    request: Request, proposal: ProposalView, form: FormState, *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    q = request.query_params.get("q", "").strip()[: rules.LONGEST_QUESTION]
    found = await editorial.find_entries(viewer, q or proposal.text.question)
    page = ProposalPage(
        crumbs=(*desk_crumbs(), Crumb(_("Proposals"), PROPOSALS_URL)),
        card=_card(proposal),
        is_open=proposal.state == ProposalState.OPEN,
        q=q,
        found=tuple(
            Choice(str(entry_id), f"{question} ({language})", selected=entry_id == proposal.entry_id)
            for entry_id, question, language in found
        ),
        dismiss_url=f"{PROPOSALS_URL}/dismiss?from=proposal",
        dismissals=_dismissals(),
        form=form,
    )
    return await show(request, "faq/proposal.html", page, HEAD, status=status)


def _card(proposal: ProposalView) -> ProposalCard:
    url = f"{PROPOSALS_URL}/{proposal.id}"
    is_open = proposal.state == ProposalState.OPEN
    entry = Link(proposal.entry_question, f"{LIST_URL}/{proposal.entry_id}")
    return ProposalCard(
        id=proposal.id,
        question=proposal.text.question,
        url=url,
        language=proposal.text.language,
        short_answer=proposal.text.short_answer,
        steps=_rendered(proposal.text.steps),
        threads=tuple(
            SourceThread(
                title=one.title,
                url=thread_url(one.id, one.slug),
                language=one.language,
                space_name=one.space_name,
                access="" if one.space_access == "open" else one.space_access,
                is_solved=one.is_solved,
            )
            for one in proposal.threads
        ),
        reasons=reason_texts(proposal.figures),
        effect=effect_text(proposal.figures),
        members_only=proposal.text.audience != rules.PUBLIC_AUDIENCE,
        returned=return_text(proposal.returned) if is_open else "",
        entry=entry if proposal.entry_question else None,
        entry_id=proposal.entry_id if proposal.entry_question else None,
        decided=When.of(proposal.decided_at) if proposal.decided_at and not is_open else None,
        dismissed_as=dismissal_names().get(proposal.why, "")
        if proposal.state == ProposalState.DISMISSED
        else "",
        accept_url=f"{url}/accept" if is_open else "",
        merge_url=f"{url}/merge" if is_open else "",
        reopen_url=f"{url}/reopen" if proposal.state == ProposalState.DISMISSED else "",
    )


def _list_url(state: str) -> str:
    return PROPOSALS_URL if state == ProposalState.OPEN else f"{PROPOSALS_URL}?state={state}"


def _dismissals() -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in dismissal_names().items())

"""What staff decide about proposals.

Each action is one transaction, and each begins by taking the proposal out of the state it was seen in: whoever comes
second is told so and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.faq.actions import add_sources, draft_entry
from community.proposing.models import DismissalReason, ProposalState, Return
from community.proposing.queries import ProposalView
from community.threads.queries import get_thread


async def accept_proposal(proposal: ProposalView, *, by: Viewer) -> int:
    """Draft an entry from it, with all its solved threads as sources; the entry's id."""
    solved = [one.id for one in proposal.threads if one.is_solved]
    if not solved or not proposal.text.short_answer:
        raise RuleBroken(_("The solution is not there any more. The proposal will go by itself."))
    thread = await get_thread(solved[0], by)
    async with in_transaction():
        await _take(proposal.id, ProposalState.OPEN, ProposalState.ACCEPTED)
        entry_id = await draft_entry(thread, proposal.text, by=by, also=solved[1:])
        await _note_entry(proposal.id, entry_id)
        await log("faq.proposal_accepted", f"faq:{entry_id}", by=by, reason="", threads=len(solved))
    return entry_id


async def merge_proposal(proposal: ProposalView, entry_id: int, *, by: Viewer) -> None:
    """Make its solved threads sources of an entry that is there already."""
    solved = [one.id for one in proposal.threads if one.is_solved]
    if not solved:
        raise RuleBroken(_("The solution is not there any more. The proposal will go by itself."))
    async with in_transaction():
        await _take(proposal.id, ProposalState.OPEN, ProposalState.MERGED)
        await add_sources(entry_id, solved, by=by)
        await _note_entry(proposal.id, entry_id)
        await log("faq.proposal_merged", f"faq:{entry_id}", by=by, reason="", threads=len(solved))


async def dismiss_proposals(
    proposal_ids: Sequence[int], why: DismissalReason, *, by: Viewer, note: str = ""
) -> None:
    """Take proposals off the list. They come back only if something new speaks for them."""
    if why == DismissalReason.OTHER and not note.strip():
        raise RuleBroken(_("Please say why."))
    async with in_transaction():
        for proposal_id in sorted(proposal_ids):
            await _take(proposal_id, ProposalState.OPEN, ProposalState.DISMISSED)
            await execute(
                """UPDATE faq_proposals SET why = :why, decided_effect = effect, returned = '' WHERE id = :id""",
                {"id": proposal_id, "why": str(why)},
            )
            await note_solutions(proposal_id)
            await _log_about(proposal_id, "faq.proposal_dismissed", by, note, dismissed_as=str(why))


async def note_solutions(proposal_id: int) -> None:
    """What there is now, or was before staff when they decided: only what is new afterwards is a cause to return."""
    await execute(
        """UPDATE faq_proposal_threads SET post_id = (SELECT x.post_id FROM solutions x
          JOIN posts p ON p.id = x.post_id AND p.hidden_at IS NULL
          WHERE x.thread_id = faq_proposal_threads.thread_id) WHERE proposal_id = :id""",
        {"id": proposal_id},
    )


async def reopen_proposal(proposal_id: int, *, by: Viewer) -> None:
    """Put a dismissed proposal back on the list."""
    async with in_transaction():
        await _take(proposal_id, ProposalState.DISMISSED, ProposalState.OPEN)
        await execute(
            "UPDATE faq_proposals SET returned = :why WHERE id = :id",
            {"id": proposal_id, "why": str(Return.STAFF)},
        )
        await _log_about(proposal_id, "faq.proposal_reopened", by, "")


async def _take(proposal_id: int, before: ProposalState, after: ProposalState) -> None:
    taken = await execute(
        "UPDATE faq_proposals SET state = :after, decided_at = :now WHERE id = :id AND state = :before",
        {"id": proposal_id, "before": str(before), "after": str(after), "now": now()},
    )
    if taken:
        return
    if await fetch_one("SELECT 1 AS n FROM faq_proposals WHERE id = :id", {"id": proposal_id}) is None:
        raise NotFound
    raise Conflict(_("Somebody else has decided about this proposal meanwhile."))


async def _log_about(proposal_id: int, act: str, by: Viewer, reason: str, **details: str) -> None:
    """In the log a proposal is the thread that it is drafted from."""
    row = await fetch_one(
        """SELECT t.id, t.space_id FROM faq_proposals p JOIN threads t ON t.id = p.thread_id
        WHERE p.id = :id""",
        {"id": proposal_id},
    )
    if row is not None:
        await log(act, f"thread:{row['id']}", by=by, reason=reason, space_id=row["space_id"], **details)


async def _note_entry(proposal_id: int, entry_id: int) -> None:
    await execute(
        "UPDATE faq_proposals SET entry_id = :entry_id WHERE id = :id",
        {"id": proposal_id, "entry_id": entry_id},
    )

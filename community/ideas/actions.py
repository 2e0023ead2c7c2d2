"""Voting for ideas, and saying for the company what becomes of one. Each action is one transaction."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.ideas.models import IdeaStep
from community.ideas.permissions import VOTABLE
from community.spaces.models import SpaceKind
from community.threads import actions, marks
from community.threads.locks import lock_threads
from community.threads.models import IdeaStatus


async def vote(thread_id: int, *, by: int) -> None:
    """Give the one vote that a member has for this idea; giving it twice is the same as giving it once."""
    async with in_transaction():
        # Locked first, so that no vote falls between an answer of staff, or a merge, and what counts.
        await lock_threads([thread_id])
        if await _status_of(thread_id) not in VOTABLE:
            raise RuleBroken(_("This idea takes no more votes."))
        await marks.mark_same_problem(thread_id, by=by)


async def take_back_vote(thread_id: int, *, by: int) -> None:
    await marks.unmark_same_problem(thread_id, by=by)


async def answer_idea(thread_id: int, status: IdeaStatus, *, body: str, by: Viewer) -> int:
    """Give an idea this status, with an answer that says why; the id of the answer.

    The same status once more is news about it. `RuleBroken` if the thread is closed or no idea (any more).
    """
    async with in_transaction():
        await lock_threads([thread_id])
        before = await _status_of(thread_id)
        post_id = await actions.add_answer(thread_id, body=body, by=by.id, by_staff=True)
        await execute(
            "UPDATE idea_steps SET is_current = :no WHERE thread_id = :id AND is_current = :yes",
            {"no": False, "yes": True, "id": thread_id},
        )
        await insert(
            IdeaStep,
            id=random_id(),
            thread_id=thread_id,
            status=str(status),
            post_id=post_id,
            answered_by_id=by.id,
            at=now(),
            is_current=True,
        )
        space_id = await marks.note_idea_status(thread_id, status)
        await log(
            "answer_idea",
            f"thread:{thread_id}",
            by=by,
            reason="",
            space_id=space_id,
            idea_status=str(status),
            idea_status_before=str(before),
            post=post_id,
        )
        await outbox.record("idea.answered", thread_id=thread_id, post_id=post_id, by=by.id)
    return post_id


async def _status_of(thread_id: int) -> IdeaStatus:
    row = await fetch_one(
        """SELECT t.idea_status FROM threads t JOIN spaces s ON s.id = t.space_id
        WHERE t.id = :id AND t.hidden_at IS NULL AND s.kind = :kind""",
        {"id": thread_id, "kind": str(SpaceKind.IDEAS)},
    )
    if row is None:
        raise RuleBroken(_("This is no idea any more, or it is hidden."))
    return IdeaStatus(row["idea_status"])

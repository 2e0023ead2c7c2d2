"""Solved threads that many people have the question of."""

from __future__ import annotations

from community.core.db import execute, fetch, random_id
from community.core.rows import insert
from community.members.models import Member
from community.proposing.finding import look_for_proposals
from community.proposing.queries import ProposalView, list_proposals
from community.spaces.models import Space
from community.threads.models import Post, RelatedThread, Thread
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import make_solved

QUESTION = "How do I load the router profile again?"
ANSWER = """Hello Asker,

the router profile is loaded again from the customer centre under Devices. It takes about five minutes.
"""


async def make_wanted(
    cast: Cast,
    space: Space | None = None,
    *,
    title: str = QUESTION,
    body: str = ANSWER,
    same_problem: int = 4,
) -> tuple[Thread, Post]:
    """A solved thread of which so many members marked that they have the problem."""
    thread, answer = await make_solved(
        space or cast.open_space, cast.asker, cast.helper, title=title, body=body
    )
    await execute(
        "UPDATE threads SET same_problem_count = :n WHERE id = :id", {"n": same_problem, "id": thread.id}
    )
    return thread, answer


async def relate(one: Thread, other: Thread, kind: str = "similar") -> None:
    """What the index does for every new thread."""
    await insert(RelatedThread, id=random_id(), thread_id=one.id, related_id=other.id, kind=kind, position=0)


async def find(cast: Cast, state: str = "open", *, by: Member | None = None) -> list[ProposalView]:
    """What the desk lists after one call of the worker."""
    await look_for_proposals()
    return await list_proposals(await viewer_for(by or cast.moderator), state)


async def count_proposals() -> int:
    """In all states, whoever may read them."""
    return len(await fetch("SELECT id FROM faq_proposals"))

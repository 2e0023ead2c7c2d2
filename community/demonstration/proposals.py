"""How often the threads of the demo community were read, and what its worker proposes for the FAQ because of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from community.core.db import fetch, random_id
from community.core.rows import insert_many
from community.insights.models import ThreadDay
from community.insights.searches import day_before
from community.proposing.actions import dismiss_proposals
from community.proposing.finding import look_at_everything
from community.proposing.models import DismissalReason, ProposalState
from community.proposing.queries import list_proposals
from community.spaces.queries import load_viewer

DAYS = 28
DISMISSED_BY = "markus.t"


async def fill_proposals(members: Mapping[str, int]) -> None:
    """Write readings and let the worker's search run once; the proposal with the least effect is dismissed."""
    threads = await fetch(
        "SELECT id, title, kudos_count + 3 * same_problem_count AS liked FROM threads WHERE hidden_at IS NULL"
    )
    await insert_many(
        ThreadDay,
        [
            {
                "id": random_id(),
                "thread_id": thread["id"],
                "day": day_before(ago),
                "read_count": 1 + (thread["liked"] + zlib.crc32(f"{thread['title']}{ago}".encode()) % 4) // 3,
            }
            for thread in threads
            for ago in range(1, DAYS)
        ],
    )
    await look_at_everything()
    viewer, _spaces = await load_viewer(members[DISMISSED_BY])
    proposals = await list_proposals(viewer, ProposalState.OPEN)
    if len(proposals) > 1:
        await dismiss_proposals([proposals[-1].id], DismissalReason.OUTDATED, by=viewer)

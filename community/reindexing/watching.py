"""`community reindex`: build beside the running site, or watch the process that does."""

from __future__ import annotations

import asyncio
import contextlib

from community.core.progress import Progress
from community.reindexing import state
from community.reindexing.building import fill_as_claimed, publish_as_claimed
from community.reindexing.state import Claim, IndexState, Overtaken
from search import SearchEngine
from search.index import IndexLocked

LOOK_EVERY = 0.5


async def build_or_watch(engine: SearchEngine, progress: Progress) -> IndexState:
    """Have the index built anew and return when that is done.

    This process fills the new index unless another one is at it, so that the running site is not kept busy. Where
    the worker holds the right to write, it takes the filled index over; without a worker this process does.
    """
    await state.ask()
    own: Claim | None = None
    while True:
        claim = await Claim.to_fill(at_once=True)
        if claim is not None:
            progress.begin()
            with contextlib.suppress(Overtaken):
                await fill_as_claimed(engine, claim, progress.advance, progress.expect)
                own = claim
        standing = await state.read()
        if standing.is_idle:
            return standing
        if standing.state == "filled":
            own = await _publish_or_wait(engine, own)
        elif standing.state == "filling":
            progress.show(standing.done, standing.total)
        await asyncio.sleep(LOOK_EVERY)


async def _publish_or_wait(engine: SearchEngine, own: Claim | None) -> Claim | None:
    """Publish, unless the running worker holds the right to; until it does, what was filled here is kept for it."""
    try:
        await engine.begin_writing()
    except IndexLocked:
        if own is not None:
            with contextlib.suppress(Overtaken):
                await own.still_here()
                return own
        return None
    claim = await Claim.to_publish()
    if claim is not None:
        with contextlib.suppress(Overtaken):
            await publish_as_claimed(engine, claim)
    return None

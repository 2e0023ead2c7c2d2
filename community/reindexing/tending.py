"""What a worker does for the index itself, beside its deliveries: has it built when it is missing or damaged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import timedelta

from community.core.clock import now
from community.reindexing import state
from community.reindexing.building import count_rows, fill_as_claimed, publish_as_claimed
from community.reindexing.state import Claim, IndexState, Overtaken
from search import SearchEngine
from search.index import IndexLocked, SearchDown

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at what is wanted."""
CHECK_EVERY = 15.0
"""Seconds between two looks at the index itself."""
REST = timedelta(seconds=60)
"""After a build, before an index that still is not as it should be is built again."""


class IndexTending:
    """Called in each round of the worker; never waits for a build, which goes on beside the deliveries."""

    def __init__(self, engine: SearchEngine) -> None:
        self.engine = engine
        self.may_write = True
        """Whether this worker delivers what is to be indexed; of the embedded engine one process does."""
        self._look_at = 0.0
        self._check_at = 0.0
        self._building: asyncio.Task[None] | None = None

    async def tend(self) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        await self._begin_writing()
        if not self.may_write or self.is_building:
            return
        standing = await state.read()
        if standing.is_idle:
            await self._check(standing)
        elif standing.state == "filled" or standing.waits_for_somebody:
            self._building = asyncio.create_task(self._build(publish_only=standing.state == "filled"))

    @property
    def is_building(self) -> bool:
        return self._building is not None and not self._building.done()

    async def _begin_writing(self) -> None:
        """Hold the right to write from the beginning, so that no command takes it away from a running site."""
        try:
            await self.engine.begin_writing()
            self.may_write = True
        except IndexLocked:
            self.may_write = False
        except SearchDown as error:
            # Nobody can write. What is owed is tried again, and says so.
            self.may_write = True
            logger.warning("search index cannot be written", exc_info=error)

    async def _check(self, standing: IndexState) -> None:
        """Want a build if the index is missing, damaged, of another format, or empty though there is content."""
        if time.monotonic() < self._check_at:
            return
        self._check_at = time.monotonic() + CHECK_EVERY
        if standing.ended_at is not None and standing.ended_at > now() - REST:
            return
        try:
            is_first = standing.ended_at is None
            if await self.engine.check() and (is_first or await count_rows()):
                await state.ask()
        except SearchDown as error:
            logger.warning("search index not checked", exc_info=error)

    async def _build(self, *, publish_only: bool) -> None:
        """Fill and publish, or publish what a command has filled."""
        try:
            if not publish_only:
                claim = await Claim.to_fill()
                if claim is None:
                    return
                await fill_as_claimed(self.engine, claim)
            claim = await Claim.to_publish()
            if claim is not None:
                await publish_as_claimed(self.engine, claim)
        except Overtaken:
            logger.warning("search index built by another process")
        except Exception as error:
            logger.warning("search index not built", exc_info=error)

    async def break_off(self) -> None:
        """Stop; the next worker begins anew."""
        if self._building is not None:
            self._building.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait((self._building,))

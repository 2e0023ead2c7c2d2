"""Search engines follow the vocabulary in the database, in every process, without a restart."""

from __future__ import annotations

from community.vocabulary.queries import Stamp, current_configuration, get_stamp
from search import SearchEngine

LOOK_EVERY = 2.0
"""Seconds between two looks at the stamp: a changed word is found in all processes about as fast as a post."""


class Follower:
    """Tells one engine of this process what the vocabulary says, whenever that has changed."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._seen: Stamp | None = None

    async def catch_up(self) -> None:
        stamp = await get_stamp()
        if stamp != self._seen:
            self._engine.configure(await current_configuration())
            self._seen = stamp

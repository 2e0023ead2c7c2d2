"""Counting in the process, written every few seconds, so that what is counted costs no write.

A process that is killed takes the counts of its last seconds with it: they are figures, nobody was promised them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Noted(Generic[Key]):
    """What this process has counted and not written yet: at most so many different keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[Key, int] = {}

    def add(self, key: Key, count: int = 1) -> None:
        if key in self._counts or len(self._counts) < self._most:
            self._counts[key] = self._counts.get(key, 0) + count

    async def write(self, to_table: Callable[[Mapping[Key, int]], Awaitable[None]]) -> None:
        """Hand over what was counted; if that fails it is tried again next time."""
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            await to_table(counts)
        except BaseException:
            for key, count in counts.items():
                self.add(key, count)
            raise

    def clear(self) -> None:
        self._counts.clear()

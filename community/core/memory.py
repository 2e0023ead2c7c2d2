"""Remembering what was made of something, as long as there is room for it.

What is remembered must follow from its key alone: then it is exact, and nobody gets what was made for somebody else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from random import randrange
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Memory(Generic[Key, Made]):
    """At most so many things by their keys. When it is full, any one makes room for the next.

    Putting out the oldest would keep nothing at all as soon as a little more is asked for in turn than there is room
    for: twenty posts of each of a few hundred threads, say.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Key, Made] = {}
        self._order: list[Key] = []
        self.find = self._made.get
        """What is remembered under a key, or None."""

    def __len__(self) -> int:
        return len(self._made)

    def keep(self, key: Key, made: Made) -> Made:
        if key not in self._made:
            if len(self._order) < self._most:
                self._order.append(key)
            else:
                place = randrange(self._most)  # noqa: S311 - nothing secret hangs on it
                del self._made[self._order[place]]
                self._order[place] = key
        self._made[key] = made
        return made


def remembered(most: int) -> Callable[[Callable[..., Made]], Callable[..., Made]]:
    """For functions whose result, never None, follows from their arguments alone. All arguments are positional."""

    def decorate(make: Callable[..., Made]) -> Callable[..., Made]:
        memory: Memory[tuple[Any, ...], Made] = Memory(most)

        @functools.wraps(make)
        def of(*arguments: Any) -> Made:
            made = memory.find(arguments)
            return memory.keep(arguments, make(*arguments)) if made is None else made

        return of

    return decorate


def remembered_by_values(most: int) -> Callable[[Callable[[Mapping[str, Any]], Made]], Callable[..., Made]]:
    """The same for functions of one row of the database, which always has the same columns in the same order."""

    def decorate(make: Callable[[Mapping[str, Any]], Made]) -> Callable[..., Made]:
        memory: Memory[tuple[Any, ...], Made] = Memory(most)

        @functools.wraps(make)
        def of(row: Mapping[str, Any]) -> Made:
            # A row of either driver gives its values here, not the names of its columns.
            values = tuple(row)
            made = memory.find(values)
            return memory.keep(values, make(row)) if made is None else made

        return of

    return decorate

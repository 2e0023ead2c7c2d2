"""Queries that are compiled once and run many times with other parameters.

Tortoise builds the SQL of a query anew on each call and makes an object of each row; both cost many times
what the database needs. Pages that many people read therefore say what they want once:

    newest_threads = compiled(
        lambda given: Thread.filter(space_id__in=given.spaces, last_activity_at__lt=given.before)
        .order_by("-last_activity_at").limit(20).values("id", "title", "last_activity_at"),
        spaces=many(integer), before=moment,
    )
    rows = await newest_threads(spaces=[1, 2, 3], before=now())

Parameters are numbers unless said otherwise. Lists may have any length. Moments in rows are ISO text on
SQLite: read them with `as_time`. JSON columns are text: read them with `as_json`. Booleans are 0 and 1
on SQLite. A parameter must reach the SQL unchanged, so it cannot stand behind `__contains` and its like.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from community.core.db.connection import Dialect, current_connection, dialect
from community.core.db.statements import Row, slots_for, to_driver

Kind = Callable[[int], Any]
_FIRST_SENTINEL = 1_900_000_021
_SENTINEL_STEP = 7


def integer(number: int) -> int:
    """A parameter that is a whole number; what a parameter is if nothing is said."""
    return number


def text(number: int) -> str:
    """A parameter that is text."""
    return f"\N{SYMBOL FOR SUBSTITUTE}{number}"


def moment(number: int) -> dt.datetime:
    """A parameter that is a moment with its time zone."""
    return dt.datetime.fromtimestamp(number, dt.UTC)


@dataclass(frozen=True)
class Many:
    """A parameter that is a list, for `__in` and `__not_in`."""

    element: Kind


def many(element: Kind = integer) -> Many:
    return Many(element)


class Given:
    """Stands for the parameters while a query is compiled: a unique value for each, found again in the
    values that Tortoise makes of the query. Its own names have an underscore, as any other is a parameter."""

    def __init__(self, kinds: dict[str, Kind | Many], sizes: dict[str, int]) -> None:
        self._kinds = kinds
        self._sizes = sizes
        self._next = _FIRST_SENTINEL
        self._made: dict[str, Any] = {}
        self._places: dict[str, tuple[str, int]] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._made:
            kind = self._kinds.get(name, integer)
            if isinstance(kind, Many):
                self._made[name] = [self._sentinel(kind.element, name, i) for i in range(self._sizes[name])]
            else:
                self._made[name] = self._sentinel(kind, name, -1)
        return self._made[name]

    def _sentinel(self, kind: Kind, name: str, position: int) -> Any:
        value = kind(self._next)
        self._next += _SENTINEL_STEP
        self._places[str(value)] = (name, position)
        return value


@dataclass(frozen=True)
class _Compiled:
    sql: str
    slots: tuple[tuple[str, int] | None, ...]
    """For each placeholder: the parameter and the element of it, or None for a constant."""
    constants: tuple[Any, ...]
    names: frozenset[str]


class compiled:  # noqa: N801 - reads like the function it is for its callers
    """`build` gets the parameters by name and returns a query that ends with `.values(…)`.

    Calling the object runs the query in the current transaction, if there is one, and gives its rows.
    """

    def __init__(self, build: Callable[[Any], Any], **kinds: Kind | Many) -> None:
        self._build = build
        self._kinds = kinds
        self._lists = [name for name, kind in kinds.items() if isinstance(kind, Many)]
        self._ready: dict[tuple[Any, ...], _Compiled] = {}

    async def __call__(self, **parameters: Any) -> Sequence[Row]:
        for_dialect = dialect()
        lists = {
            name: _padded(parameters[name]) for name, kind in self._kinds.items() if isinstance(kind, Many)
        }
        sizes = {name: len(values) for name, values in lists.items()}
        key = (for_dialect, *sizes.values())
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = self._compile(sizes)
        if ready.names != parameters.keys():
            raise TypeError(f"The query takes {sorted(ready.names)}, not {sorted(parameters)}.")
        values = [
            constant if slot is None else _value(slot, parameters, lists, for_dialect)
            for slot, constant in zip(ready.slots, ready.constants, strict=True)
        ]
        return (await current_connection().execute_query(ready.sql, values))[1]

    async def first(self, **parameters: Any) -> Row | None:
        """The first row, or None."""
        rows = await self(**parameters)
        return rows[0] if rows else None

    def _compile(self, sizes: dict[str, int]) -> _Compiled:
        given = Given(self._kinds, sizes)
        query = self._build(given)
        query._choose_db_if_not_chosen()
        query._make_query()
        sql, values = query.query.get_parameterized_sql()
        slots = tuple(given._places.get(str(value)) for value in values)
        found = {slot[0] for slot in slots if slot is not None}
        # An empty list makes Tortoise leave the condition's values out; it is found by no slot.
        expected = {name for name in given._made if sizes.get(name) != 0}
        if expected - found:
            raise ValueError(f"Parameters that do not reach the SQL unchanged: {sorted(expected - found)}")
        return _Compiled(sql, slots, tuple(values), frozenset(given._made))


def _padded(values: Iterable[Any]) -> list[Any]:
    """As many values as there are placeholders; repeating one changes no result of IN."""
    padded = list(values)
    if padded:
        padded.extend(padded[-1:] * (slots_for(len(padded)) - len(padded)))
    return padded


def _value(
    slot: tuple[str, int], parameters: dict[str, Any], lists: dict[str, list[Any]], for_dialect: Dialect
) -> Any:
    name, position = slot
    return to_driver(parameters[name] if position < 0 else lists[name][position], for_dialect)

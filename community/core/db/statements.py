"""The few statements written by hand, with parameters by name, for both databases.

    rows = await fetch("SELECT id, title FROM threads WHERE space_id IN (:spaces) AND id > :after",
                       {"spaces": [1, 2], "after": 0})

`:name` becomes the placeholder of the dialect. A list stands in brackets after IN and may be empty. Where the
dialects differ, pass {"sqlite": "…", "postgresql": "…"} instead of one text.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from community.core.db.connection import Dialect, current_connection, dialect, dialect_of

Row = Mapping[str, Any]
"""A row answers `row["column"]`, `row.keys()` and `dict(row)`; it is no ORM object."""

Statement = str | Mapping[str, str]

# Quoted text, quoted names, casts and comments are stepped over; what is left of a colon is a parameter.
_TOKENS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:([A-Za-z_]\w*)", re.DOTALL)
_NOT_IN = re.compile(r"NOT\s+IN\s*\(\s*$", re.IGNORECASE)


_LISTS = (list, tuple, set, frozenset)
_AS_THEY_ARE = frozenset({int, str, bool})


def slots_for(length: int) -> int:
    """Number of placeholders for a list: the next power of two, so that few different texts arise."""
    return 1 << max(0, length - 1).bit_length()


def as_time(value: str | dt.datetime | None) -> dt.datetime | None:
    """A moment out of a row: SQLite keeps ISO text, PostgreSQL gives the moment itself."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def as_known_time(value: str | dt.datetime) -> dt.datetime:
    """The same of a column that is never empty."""
    moment = as_time(value)
    assert moment is not None  # noqa: S101 - what a column that may be empty gives goes to `as_time`
    return moment


def as_json(value: Any) -> Any:
    """A JSON column out of a row; both drivers give it as text."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def to_driver(value: Any, for_dialect: Dialect) -> Any:
    """`value` as Tortoise itself would store it."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone cannot be stored.")
        in_utc = value.astimezone(dt.UTC)
        return in_utc.isoformat(" ") if for_dialect == "sqlite" else in_utc
    if isinstance(value, dict):
        return json.dumps(value)
    return value


@functools.lru_cache(maxsize=512)
def _translate(
    text: str, for_dialect: Dialect, lists: tuple[tuple[str, int], ...]
) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The text with placeholders, and which parameter (and which element of it) each of them takes."""
    lengths = dict(lists)
    order: list[tuple[str, int]] = []
    numbers: dict[tuple[str, int], int] = {}

    def placeholder(wanted: tuple[str, int]) -> str:
        if for_dialect == "sqlite":
            order.append(wanted)
            return "?"
        if wanted not in numbers:
            order.append(wanted)
            numbers[wanted] = len(order)
        return f"${numbers[wanted]}"

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)
        if name not in lengths:
            return placeholder((name, -1))
        if not lengths[name]:
            if _NOT_IN.search(text[: match.start()]):
                raise ValueError(f"NOT IN with the empty list {name!r} would exclude every row.")
            return "NULL"
        return ", ".join(placeholder((name, position)) for position in range(lengths[name]))

    return _TOKENS.sub(replace, text), tuple(order)


def prepare(
    statement: Statement, parameters: Mapping[str, Any] | None, for_dialect: Dialect
) -> tuple[str, list[Any]]:
    """Text and values as the driver wants them."""
    text = statement if isinstance(statement, str) else statement[for_dialect]
    given = parameters or {}
    lists = {name: list(value) for name, value in given.items() if isinstance(value, _LISTS)}
    for values in lists.values():
        if values:
            # The last value again and again: it changes no result of IN or NOT IN.
            values.extend(values[-1:] * (slots_for(len(values)) - len(values)))
    sizes = tuple(sorted((name, len(values)) for name, values in lists.items())) if lists else ()
    translated, order = _translate(text, for_dialect, sizes)
    try:
        chosen = [given[name] if position < 0 else lists[name][position] for name, position in order]
    except KeyError as missing:
        raise ValueError(f"The statement needs the parameter {missing}.") from missing
    return translated, [
        # Most are numbers and short texts, which need nothing done to them.
        value if type(value) in _AS_THEY_ARE else to_driver(value, for_dialect)
        for value in chosen
    ]


async def fetch(statement: Statement, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
    """Rows of a statement that only reads. For RETURNING use `execute_returning`.

    On SQLite, outside a transaction, it does not wait for the writer of this process.
    """
    connection = current_connection()
    text, values = prepare(statement, parameters, dialect_of(connection))
    return (await connection.execute_query(text, values))[1]


async def fetch_one(statement: Statement, parameters: Mapping[str, Any] | None = None) -> Row | None:
    """The first row of `fetch`, or None."""
    rows = await fetch(statement, parameters)
    return rows[0] if rows else None


async def execute(statement: Statement, parameters: Mapping[str, Any] | None = None) -> int:
    """Carry out a statement that writes, in the current transaction if there is one; the number of rows
    it has changed."""
    for_dialect = dialect()
    text, values = prepare(statement, parameters, for_dialect)
    if for_dialect == "postgresql" and text.lstrip()[:6].upper() == "INSERT":
        # The server reports "INSERT 0 1", and Tortoise takes the 0 for the number of rows.
        return len(await current_connection().execute_query_dict(f"{text} RETURNING 1", values))
    return (await current_connection().execute_query(text, values))[0]


async def execute_many(statement: Statement, parameters: Sequence[Mapping[str, Any]]) -> None:
    """Carry out a statement once for each set of parameters, in one go. Lists are not possible here."""
    if parameters:
        for_dialect = dialect()
        values = [prepare(statement, each, for_dialect) for each in parameters]
        await current_connection().execute_many(values[0][0], [each for _text, each in values])


async def execute_returning(
    statement: Statement, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Like `execute`, for statements with a RETURNING clause: its rows."""
    connection = current_connection()
    text, values = prepare(statement, parameters, dialect_of(connection))
    return await connection.execute_query_dict(text, values)

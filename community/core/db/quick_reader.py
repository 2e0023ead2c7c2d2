"""Short reads of SQLite on the event loop itself.

Most statements of a page take 20 to 200 microseconds, less than it costs to hand them to a thread and wait for it.
A statement that turns out to be long is broken off after a fixed amount of work, about two milliseconds, and the
caller gives it to a thread after all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

STEPS_BETWEEN_LOOKS = 10_000
"""Steps of SQLite's virtual machine. It counts them on from one run of a statement to the next."""
MOST_LOOKS = 5
"""A statement is broken off when it has taken some fifty thousand steps."""
MOST_REMEMBERED = 500

_GIVEN_UP = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class QuickReader:
    """A read-only connection for the thread of the event loop. Statements that were too long are remembered."""

    def __init__(self, path: str, pragmas: Mapping[str, Any]) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for name, value in {**pragmas, "busy_timeout": 0, "query_only": "ON"}.items():
            self._connection.execute(f"PRAGMA {name}={value}").close()
        self._connection.set_progress_handler(self._is_too_long, STEPS_BETWEEN_LOOKS)
        self._looks = 0
        self._long: set[str] = set()

    def _is_too_long(self) -> bool:
        self._looks += 1
        return self._looks > MOST_LOOKS

    def read(self, statement: str, values: Sequence[Any] | None) -> list[sqlite3.Row] | None:
        """The rows; or None for a statement that takes longer, or would have to wait."""
        if statement in self._long:
            return None
        self._looks = 0
        try:
            return self._connection.execute(statement, values or ()).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _GIVEN_UP:
                raise
            if len(self._long) >= MOST_REMEMBERED:
                self._long.clear()
            self._long.add(statement)
            return None

    def close(self) -> None:
        self._connection.close()

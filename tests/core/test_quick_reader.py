"""What is over in a moment is read on the event loop, everything else in a thread, and nobody sees a difference."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from community.core.db import execute, fetch
from community.core.db.quick_reader import QuickReader

LONG = """WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000000)
SELECT COUNT(*) AS n FROM numbers"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[QuickReader]:
    path = tmp_path / "shelves.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany(
            "INSERT INTO shelves (name) VALUES (?)", [(f"shelf {n}",) for n in range(1000)]
        )
    connection.close()
    reader = QuickReader(str(path), {})
    yield reader
    reader.close()


def test_a_short_statement_is_answered_however_often_it_runs(reader: QuickReader) -> None:
    for _ in range(300):
        rows = reader.read("SELECT name FROM shelves WHERE id < ?", [200])
        assert rows is not None
        assert rows[0]["name"] == "shelf 0"


def test_a_long_statement_is_given_up_and_not_tried_again(reader: QuickReader) -> None:
    assert reader.read(LONG, None) is None
    assert LONG in reader._long
    assert reader.read("SELECT 1 AS one", None) is not None


def test_a_statement_that_cannot_be_right_fails_as_everywhere(reader: QuickReader) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        reader.read("SELECT * FROM drawers", None)


def test_it_cannot_write(reader: QuickReader) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.read("DELETE FROM shelves", None)


async def test_a_long_statement_keeps_nobody_waiting(fresh_database: str) -> None:
    reading = asyncio.create_task(fetch(LONG))
    await asyncio.sleep(0)
    longest, loop = 0.0, asyncio.get_running_loop()
    while not reading.done():
        before = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - before)
    assert (await reading)[0]["n"] == 3_000_000
    assert longest < 0.2


async def test_what_was_committed_is_read_at_once(fresh_database: str) -> None:
    for value in range(1, 20):
        await execute("UPDATE site_stamp SET value = :value WHERE id = 1", {"value": value})
        assert (await fetch("SELECT value FROM site_stamp WHERE id = 1"))[0]["value"] == value

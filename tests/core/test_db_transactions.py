"""Transactions under cancellation, beside readers, beside other processes, and in tasks that outlive them."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

from community.core.db import connect, disconnect, execute, fetch, fetch_one, in_transaction, savepoint
from community.core.db.cancellation import to_the_end
from community.core.db.connection import current_connection
from community.core.db.sqlite_rw import SqliteReadWriteClient, only_reads
from tests.conftest import MakeDatabase
from tests.core.db_models import Book, Shelf, opened
from tests.databases import Kind

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def empty_database(make_database: MakeDatabase, database_kind: Kind) -> AsyncIterator[str]:
    url = await make_database(database_kind, migrated=False)
    async with opened(url):
        yield url


async def write_a_pair(number: int) -> None:
    async with in_transaction():
        await Shelf.create(id=number, name=f"shelf {number}")
        await asyncio.sleep(0)
        await Book.create(id=number, shelf_id=number, title="its only book")


async def write_many(number: int) -> None:
    shelves = [Shelf(id=number * 10 + 1_000_000 + i, name=f"{number} many {i}") for i in range(3)]
    await Shelf.bulk_create(shelves)


async def write_with_savepoint(number: int) -> None:
    async with in_transaction():
        await Shelf.create(id=number, name=f"shelf {number}")
        try:
            async with savepoint():
                await Shelf.create(id=number, name="a double")
        except IntegrityError:
            await Book.create(id=number, shelf_id=number, title="its only book")


async def cancel_at_random(dice: random.Random, write: Callable[[int], Awaitable[None]], number: int) -> None:
    task = asyncio.ensure_future(write(number))
    await asyncio.sleep(dice.uniform(0, 0.012))
    task.cancel()
    if dice.random() < 0.2:
        await asyncio.sleep(0)
        task.cancel()  # Twice, as a server in a hurry does.
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@pytest.mark.each_database
async def test_cancelled_transactions_leave_no_half_done_row_and_no_lost_connection(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(20261122)
    numbers = iter(range(1, 2000))
    writes = [write_a_pair, write_a_pair, write_many, write_with_savepoint]
    started = 0
    while started < 1500:
        together = min(dice.randint(1, 8), 1500 - started)
        started += together
        await asyncio.gather(
            *(cancel_at_random(dice, dice.choice(writes), next(numbers)) for _ in range(together))
        )
    async with asyncio.timeout(5):
        await write_a_pair(5000)
    half_done = await fetch(
        """SELECT s.id FROM test_shelves s LEFT JOIN test_books b ON b.shelf_id = s.id
        WHERE s.id < 1000000 AND b.id IS NULL"""
    )
    assert not half_done
    groups = await fetch("SELECT count(*) AS size FROM test_shelves WHERE id >= 1000000 GROUP BY id / 10")
    assert {row["size"] for row in groups} <= {3}
    assert len(await fetch("SELECT id FROM test_books")) > 10
    connection = current_connection()
    if isinstance(connection, SqliteReadWriteClient):
        assert not connection._lock.locked()
        assert connection._free_readers is not None
        assert connection._free_readers.qsize() == 2
    else:
        assert connection._pool.get_idle_size() == connection._pool.get_size() == 5
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


async def test_four_processes_that_read_and_then_write_never_meet_a_locked_database(
    make_database: MakeDatabase,
) -> None:
    url = await make_database("sqlite", migrated=False)
    async with opened(url):
        await Shelf.create(id=1, name="shelf")
        await Book.create(id=1, shelf_id=1, title="counted")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.core.db_models.count_up", url, "300"),
            cwd=PROJECT,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    ended = [(await process.communicate())[1].decode() for process in processes]
    assert ended == [""] * 4
    async with opened(url):
        assert (await Book.get(id=1)).position == 1200


async def test_a_reader_does_not_wait_for_a_writer_of_its_process(empty_database: str) -> None:
    writing, read = asyncio.Event(), asyncio.Event()

    async def write_slowly() -> None:
        async with in_transaction():
            await Shelf.create(id=1, name="slowly")
            writing.set()
            await read.wait()

    writer = asyncio.create_task(write_slowly())
    await writing.wait()
    async with asyncio.timeout(30):
        assert await Shelf.all().count() == 0
        assert await fetch("SELECT id FROM test_shelves") == []
    assert not writer.done()
    read.set()
    await writer
    assert await Shelf.all().count() == 1


@pytest.mark.each_database
async def test_a_task_that_outlives_its_transaction_cannot_lose_a_write_silently(empty_database: str) -> None:
    over = asyncio.Event()

    async def write_later() -> None:
        await over.wait()
        await Shelf.create(id=2, name="too late")

    async def begin_later() -> None:
        await over.wait()
        async with in_transaction():
            await Shelf.create(id=3, name="too late as well")

    async with in_transaction():
        await Shelf.create(id=1, name="in time")
        tasks = [asyncio.create_task(write_later()), asyncio.create_task(begin_later())]
        await asyncio.sleep(0)
    over.set()
    for task in tasks:
        with pytest.raises(TransactionManagementError, match="over"):
            await task
    assert await Shelf.all().values_list("id", flat=True) == [1]


@pytest.mark.each_database
@pytest.mark.parametrize("reason", [ValueError, TransactionManagementError, OperationalError])
async def test_every_kind_of_exception_undoes_the_transaction(
    empty_database: str, reason: type[Exception]
) -> None:
    with pytest.raises(reason):
        async with in_transaction():
            await Shelf.create(id=1, name="undone")
            raise reason("for whatever reason")
    async with in_transaction():
        await Shelf.create(id=2, name="kept")
        with pytest.raises(reason):
            async with savepoint():
                await Shelf.create(id=3, name="undone")
                raise reason("for whatever reason")
    assert await Shelf.all().values_list("id", flat=True) == [2]


async def test_a_commit_that_fails_leaves_the_writer_usable(empty_database: str) -> None:
    with pytest.raises(IntegrityError):
        async with in_transaction():
            await execute("PRAGMA defer_foreign_keys = ON")
            await Book.create(id=1, shelf_id=404, title="without a shelf")
    async with in_transaction():
        await Shelf.create(id=1, name="afterwards")
    assert await Shelf.all().count() == 1
    assert await Book.all().count() == 0


async def test_a_script_inside_a_transaction_does_not_commit_it(empty_database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with in_transaction() as transaction:
            await transaction.execute_script(
                """INSERT INTO test_shelves (id, name) VALUES (1, 'a; b');
                CREATE TRIGGER renamed AFTER UPDATE ON test_shelves BEGIN
                    UPDATE test_shelves SET name = 'x'; UPDATE test_shelves SET name = 'y'; END;
                INSERT INTO test_shelves (id, name) VALUES (2, 'c')"""
            )
            assert await Shelf.all().count() == 2
            raise ZeroDivisionError
    assert await Shelf.all().count() == 0


async def test_the_writer_keeps_its_promises_and_readers_cannot_write(empty_database: str) -> None:
    # Inside a transaction, so that the pragmas are those of the connection that writes.
    async with in_transaction():
        for pragma, value in {
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 5000,
            "journal_mode": "wal",
        }.items():
            row = await fetch_one(f"PRAGMA {pragma}")
            assert row is not None
            assert list(dict(row).values()) == [value]
    client = current_connection()
    with pytest.raises(Exception, match="readonly"):
        await client.read("DELETE FROM test_shelves")


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT 1", True),
        ("  \n select 1", True),
        ("WITH newest AS (SELECT updated_at FROM t) SELECT * FROM newest", True),
        ("with gone AS (SELECT id FROM t) delete FROM t WHERE id IN (SELECT id FROM gone)", False),
        ("INSERT INTO t SELECT 1", False),
        ("PRAGMA user_version = 3", False),
    ],
)
def test_only_statements_that_cannot_write_go_to_readers(statement: str, reads: bool) -> None:
    assert only_reads(statement) is reads


async def test_closing_ends_all_threads_also_after_a_failed_opening(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    before = threading.active_count()
    async with opened(await make_database("sqlite", migrated=False), readers=3):
        assert threading.active_count() == before + 4
    (tmp_path / "broken.sqlite3").write_bytes(b"this is no database, and long enough to be seen as none" * 20)
    with pytest.raises(Exception, match="not a database"):
        await connect(f"sqlite://{tmp_path / 'broken.sqlite3'}")
    await disconnect()
    async with asyncio.timeout(5):
        while threading.active_count() > before:
            await asyncio.sleep(0.01)


async def test_a_step_goes_to_its_end_although_its_task_is_cancelled() -> None:
    done = []

    async def step() -> None:
        await asyncio.sleep(0.02)
        done.append(True)

    task = asyncio.create_task(to_the_end(step()))
    for _ in range(3):
        await asyncio.sleep(0.001)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]

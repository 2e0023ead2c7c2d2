"""SQLite for one process: one connection that writes, a few that only read.

Tortoise's own backend has one connection behind one lock, so that each transaction stops every read of
the process. Here, statements outside a transaction that only read go to connections of their own and
see what has been committed; everything else goes to the writer, one transaction at a time. What is read in a
moment is read at once (see `quick_reader.py`), the rest in threads.

Transactions begin with `BEGIN IMMEDIATE`: they take SQLite's write lock first, and then `busy_timeout`
applies. A transaction that reads first and writes later would fail at once when another process has
written in between.

Tortoise's migrations choose their dialect by the word "sqlite" in the name of this module. The classes
rest on private parts of Tortoise 1.1; `repairs.py` lists them, and a test notices when they change.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import aiosqlite
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

from community.core.db.cancellation import to_the_end
from community.core.db.last_works import do_last_works
from community.core.db.quick_reader import QuickReader

READING = ("SELECT", "EXPLAIN", "VALUES")
"""First words of statements that can only read."""
_WRITING_WORD = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)

READER_PRAGMAS = ("busy_timeout", "cache_size", "mmap_size", "temp_store")
OVER = "This transaction is over. Was a task started inside in_transaction()?"


def only_reads(statement: str) -> bool:
    """Whether a connection that cannot write will do. WITH may introduce a write, so it is looked through;
    when in doubt, the writer takes the statement."""
    beginning = statement.lstrip()[:7].upper()
    if beginning.startswith(READING):
        return True
    return beginning.startswith("WITH") and not _WRITING_WORD.search(statement)


class SqliteTransaction(SqliteTransactionWrapper):
    """The writer connection while a transaction is open on it."""

    _parent: Any

    def _in_transaction(self) -> TransactionContext:
        self._refuse_when_over()
        return SavepointContext(SqliteTransaction(self))

    def _refuse_when_over(self) -> None:
        """A task inherits the transaction it was started in and may outlive it. Its writes would then
        end in somebody else's transaction, or vanish with it."""
        client: Any = self
        while isinstance(client, SqliteTransaction):
            if client._finalized:
                raise TransactionManagementError(OVER)
            client = client._parent

    def acquire_connection(self) -> ConnectionWrapper:
        self._refuse_when_over()
        return super().acquire_connection()

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    async def rollback(self) -> None:
        self._refuse_when_over()
        self._finalized = True
        await self._connection.rollback()

    async def commit(self) -> None:
        self._refuse_when_over()
        self._finalized = True
        try:
            await self._connection.commit()
        except BaseException as error:
            # The transaction would stay open on the connection that everybody writes through.
            await self._connection.rollback()
            if isinstance(error, sqlite3.IntegrityError):
                raise IntegrityError(error) from error
            if isinstance(error, sqlite3.OperationalError):
                raise OperationalError(error) from error
            raise

    async def savepoint(self) -> None:
        self._refuse_when_over()
        await super().savepoint()

    async def savepoint_rollback(self) -> None:
        name = self._savepoint
        await super().savepoint_rollback()
        await self._connection.execute(f"RELEASE {name}")

    @translate_exceptions
    async def execute_script(self, query: str) -> None:
        """One statement after the other: Python's `executescript` would commit the transaction first."""
        async with self.acquire_connection() as connection:
            for statement in split_statements(query):
                self.log.debug(statement)
                await connection.execute_fetchall(statement)


class SqliteTransactionBlock(SqliteTransactionContext):
    """Holds the writer from `BEGIN` to `COMMIT`, and gives it back whatever happens."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            try:
                await self.connection.begin()
            except BaseException:
                # A cancelled BEGIN may still have been carried out by the connection's thread.
                await to_the_end(self.connection._connection.rollback())
                raise
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        failed = exc_type is not None
        try:
            if not self.connection._finalized:
                try:
                    if not failed:
                        await do_last_works(self.connection)
                except BaseException:
                    failed = True
                    raise
                finally:
                    await to_the_end(self.connection.rollback() if failed else self.connection.commit())
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()


class SavepointContext(NestedTransactionContext):
    """A transaction inside a transaction; undone after every kind of exception."""

    client: SqliteTransaction

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        if self.client._savepoint is not None and not self.client._finalized:
            ended = self.client.savepoint_rollback() if exc_type else self.client.release_savepoint()
            await to_the_end(ended)


class SqliteReadWriteClient(SqliteClient):
    """The backend. `readers` is the number of read-only connections; 0 sends everything to the writer."""

    def __init__(self, file_path: str, readers: int = 2, **pragmas: Any) -> None:
        super().__init__(file_path, **pragmas)
        self._reader_count = int(readers)
        self._readers: list[aiosqlite.Connection] = []
        self._free_readers: asyncio.LifoQueue[aiosqlite.Connection] | None = None
        self._quick: QuickReader | None = None

    async def create_connection(self, with_db: bool) -> None:
        """Open all connections. The caller holds the lock, so that two tasks never do it twice."""
        if self._connection is not None:
            return
        opened: list[aiosqlite.Connection] = []
        try:
            writer = await _open(self.filename, self.pragmas, opened)
            reader_pragmas = {name: self.pragmas[name] for name in READER_PRAGMAS if name in self.pragmas}
            reader_pragmas["query_only"] = "ON"
            free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
            for _ in range(self._reader_count):
                free.put_nowait(await _open(self.filename, reader_pragmas, opened))
            self._quick = QuickReader(self.filename, reader_pragmas) if self._reader_count else None
        except BaseException:
            await to_the_end(_close_all(opened))
            raise
        self._readers, self._free_readers = opened[1:], free
        self._connection = writer
        await self._post_connect()
        self.log.debug("Opened %s: one writer, %s readers", self.filename, self._reader_count)

    async def close(self) -> None:
        """Close every connection and end its thread, also if closing one of them fails."""
        connections = [*self._readers, *([self._connection] if self._connection else [])]
        self._readers, self._free_readers, self._connection = [], None, None
        if self._quick is not None:
            self._quick.close()
            self._quick = None
        await to_the_end(_close_all(connections))

    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionBlock(SqliteTransaction(self), self._lock)

    async def read(self, statement: str, values: Sequence[Any] | None = None) -> list[sqlite3.Row]:
        """Rows of a statement that only reads (the connection refuses anything else), without waiting
        for the writer of this process."""
        if self._free_readers is None:
            async with self._lock:
                await self.create_connection(with_db=True)
        free = self._free_readers
        if free is None or not self._reader_count:
            return list((await SqliteClient.execute_query(self, statement, _as_list(values)))[1])
        self.log.debug("%s: %s", statement, values)
        rows = self._quick.read(statement, values) if self._quick is not None else None
        if rows is not None:
            return rows
        connection = await free.get()
        try:
            return list(await connection.execute_fetchall(statement, values))
        finally:
            # A cancelled statement still ends in the connection's thread; the next one queues behind it.
            free.put_nowait(connection)

    @translate_exceptions
    async def execute_query(self, query: str, values: list | None = None) -> tuple[int, Sequence[Any]]:
        if only_reads(query):
            rows = await self.read(query, values)
            return len(rows), rows
        return await SqliteClient.execute_query(self, query, values)

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list | None = None) -> list[dict]:
        if only_reads(query):
            return [dict(row) for row in await self.read(query, values)]
        return await SqliteClient.execute_query_dict(self, query, values)

    async def execute_many(self, query: str, values: list[list]) -> None:
        """All rows or none, also when the task is cancelled between them."""
        async with self._in_transaction() as transaction:
            await transaction.execute_many(query, values)


async def _open(
    path: str, pragmas: dict[str, Any], opened: list[aiosqlite.Connection]
) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, isolation_level=None)
    # A script that ends without closing must not wait for ever for the connection's thread.
    connection._thread.daemon = True
    await connection
    opened.append(connection)
    connection._conn.row_factory = sqlite3.Row
    for name, value in pragmas.items():
        await connection.execute_fetchall(f"PRAGMA {name}={value}")
    return connection


async def _close_all(connections: list[aiosqlite.Connection]) -> None:
    failures: list[BaseException] = []
    for connection in connections:
        try:
            await connection.close()
        except BaseException as error:
            failures.append(error)
            with contextlib.suppress(Exception):
                connection.stop()
    if failures:
        raise failures[0]


def _as_list(values: Sequence[Any] | None) -> list | None:
    return None if values is None else list(values)


def split_statements(script: str) -> list[str]:
    """The statements of an SQL script; a trigger with its inner semicolons is one statement."""
    statements: list[str] = []
    pending = ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \t\r\n;"):
                statements.append(pending.strip())
            pending = ""
    rest = pending.removesuffix(";")
    if rest.strip():
        statements.append(rest.strip())
    return statements


client_class = SqliteReadWriteClient

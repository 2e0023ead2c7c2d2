"""Repairs of Tortoise 1.1 that every process of ours needs; applied when `community.core.db` is imported.

Pooled transactions (asyncpg): Tortoise never gives the connection back when `BEGIN` fails or is
cancelled, so that the pool drains until the process stands still; a cancelled release leaves the finished
transaction behind as the task's connection; a savepoint that ends with a `TransactionManagementError` keeps
what was written in it; many rows written at once leave their transaction open when they are cancelled; and a
task that outlives its transaction meets an error that says nothing. SQLite has its repairs in `sqlite_rw.py`.

`LIBRARY_SOURCES` names each method of the library that we replace or whose inner working we rely on, with
a digest of its source. A test compares them: after an update somebody has to read the new source first.
"""

from __future__ import annotations

import hashlib
import inspect
from importlib import import_module
from types import TracebackType
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from community.core.db.cancellation import to_the_end
from community.core.db.last_works import do_last_works

OVER = "This transaction is over. Was a task started inside in_transaction()?"


async def _begin_pooled(self: Any) -> TransactionalDBClient:
    await self.ensure_connection()
    pool = self.client._parent._pool
    connection = self.client._connection = await pool.acquire()
    try:
        await self.client.begin()
    except BaseException:
        if self.client.transaction is not None:
            # Else asyncpg logs an error for the open transaction that it finds, expects and rolls back.
            self.client.transaction._managed = True
        await to_the_end(pool.release(connection))
        raise
    self.token = get_connections().set(self.connection_name, self.client)
    return self.client


async def _end_pooled(
    self: Any,
    exc_type: type[BaseException] | None,
    exc_val: BaseException | None,
    exc_tb: TracebackType | None,
) -> None:
    failed = exc_type is not None
    try:
        if not failed and not self.client._finalized:
            await do_last_works(self.client)
    except BaseException:
        failed = True
        raise
    finally:
        await _finish_pooled(self, failed=failed)


async def _finish_pooled(self: Any, *, failed: bool) -> None:
    get_connections().reset(self.token)
    try:
        if not self.client._finalized:
            await to_the_end(self.client.rollback() if failed else self.client.commit())
    finally:
        self.client._finalized = True
        pool = self.client._parent._pool
        if pool:
            await to_the_end(pool.release(self.client._connection))


async def _end_savepoint(
    self: Any,
    exc_type: type[BaseException] | None,
    exc_val: BaseException | None,
    exc_tb: TracebackType | None,
) -> None:
    if not self.client._finalized:
        await to_the_end(self.client.savepoint_rollback() if exc_type else self.client.release_savepoint())


async def _execute_many(self: Any, query: str, values: list) -> None:
    async with self._in_transaction() as transaction:
        await transaction.execute_many(query, values)


def _acquire_in_transaction(self: Any) -> ConnectionWrapper:
    if self._finalized:
        raise TransactionManagementError(OVER)
    return ConnectionWrapper(self._lock, self)


def _begin_savepoint(self: Any) -> NestedTransactionContext:
    if self._finalized:
        raise TransactionManagementError(OVER)
    return NestedTransactionContext(TransactionWrapper(self))


def apply() -> None:
    """Put the repairs in place; calling it again changes nothing."""
    replacements: list[tuple[type, str, Any]] = [
        (TransactionContextPooled, "__aenter__", _begin_pooled),
        (TransactionContextPooled, "__aexit__", _end_pooled),
        (NestedTransactionContext, "__aexit__", _end_savepoint),
        (AsyncpgDBClient, "execute_many", _execute_many),
        (TransactionWrapper, "acquire_connection", _acquire_in_transaction),
        (TransactionWrapper, "_in_transaction", _begin_savepoint),
    ]
    for owner, name, replacement in replacements:
        if getattr(owner, name) is not replacement:
            _ORIGINALS.setdefault(f"{owner.__module__}:{owner.__qualname__}.{name}", getattr(owner, name))
            setattr(owner, name, replacement)


_ORIGINALS: dict[str, Any] = {}

LIBRARY_SOURCES: dict[str, str] = {
    "aiosqlite.core:Connection.__init__": "3aed416ac99323f1",
    "aiosqlite.core:Connection.close": "8ba49d8e608d032e",
    "aiosqlite.core:_connection_worker_thread": "17e364bc23e051c3",
    "asyncpg.connection:Connection._reset": "3252aa6d5b0eb65f",
    "asyncpg.pool:PoolConnectionHolder.release": "a8af808680d4c5ce",
    "tortoise.backends.asyncpg.client:AsyncpgDBClient._in_transaction": "9aeeb141c6ff864d",
    "tortoise.backends.asyncpg.client:AsyncpgDBClient.create_connection": "eabd82f1a274770d",
    "tortoise.backends.asyncpg.client:AsyncpgDBClient.execute_many": "48fbf7e91ca5f9bb",
    "tortoise.backends.asyncpg.client:TransactionWrapper.__init__": "a79151285215b851",
    "tortoise.backends.asyncpg.client:TransactionWrapper._in_transaction": "ca2d4ecbadbd3287",
    "tortoise.backends.asyncpg.client:TransactionWrapper.acquire_connection": "a74b37fbe9115ac2",
    "tortoise.backends.asyncpg.client:TransactionWrapper.begin": "dce060f79cce400a",
    "tortoise.backends.asyncpg.client:TransactionWrapper.commit": "0f784ab1e66e151b",
    "tortoise.backends.asyncpg.client:TransactionWrapper.execute_many": "22746925b1e06c09",
    "tortoise.backends.asyncpg.client:TransactionWrapper.rollback": "3aecc8cbbf161ce3",
    "tortoise.backends.base.client:NestedTransactionContext.__aenter__": "5f0ec4a43293d0e5",
    "tortoise.backends.base.client:NestedTransactionContext.__aexit__": "ce04c8a55fde8af0",
    "tortoise.backends.base.client:TransactionContextPooled.__aenter__": "aab85fd1e6ac5f6d",
    "tortoise.backends.base.client:TransactionContextPooled.__aexit__": "887994b45c7c1fbf",
    "tortoise.backends.base.client:TransactionContextPooled.ensure_connection": "2e598da5b312d774",
    "tortoise.backends.sqlite.client:SqliteClient.__init__": "dd94772f4d8f0ed0",
    "tortoise.backends.sqlite.client:SqliteClient._in_transaction": "f40b90ec19d27e53",
    "tortoise.backends.sqlite.client:SqliteClient.close": "72be830c15c5d2bf",
    "tortoise.backends.sqlite.client:SqliteClient.create_connection": "4696f8371186c309",
    "tortoise.backends.sqlite.client:SqliteClient.execute_insert": "984cbaf08c562371",
    "tortoise.backends.sqlite.client:SqliteClient.execute_many": "82d0d4f630909ecc",
    "tortoise.backends.sqlite.client:SqliteClient.execute_query": "09285778258b093d",
    "tortoise.backends.sqlite.client:SqliteClient.execute_query_dict": "8c96d34e6cd2904a",
    "tortoise.backends.sqlite.client:SqliteClient.execute_script": "a52320fc3c4cbe7d",
    "tortoise.backends.sqlite.client:SqliteTransactionContext.__aenter__": "0fb0ed89e66c8595",
    "tortoise.backends.sqlite.client:SqliteTransactionContext.__aexit__": "da8840e054dbbfa7",
    "tortoise.backends.sqlite.client:SqliteTransactionContext.ensure_connection": "777aa2d18cf09d0d",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.__init__": "3b4727c9f966ecb8",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper._in_transaction": "98781111d29e53e2",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.begin": "f2754f0a93e703cd",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.commit": "bc1dfe2c27cad563",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.rollback": "d523749f446a0a7b",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.savepoint": "e8c93f67cef70d4f",
    "tortoise.backends.sqlite.client:SqliteTransactionWrapper.savepoint_rollback": "debb9822a22b513a",
    "tortoise.connection:ConnectionHandler.reset": "91631d08737e8c4a",
    "tortoise.connection:ConnectionHandler.set": "54f38fe9e88a6fa9",
    "tortoise.migrations.executor:MigrationExecutor._schema_editor": "62f047c88f2c2115",
    "tortoise.migrations.executor:MigrationExecutor.migrate": "309fb79c7bc0f27d",
    "tortoise.migrations.operations:RemoveField.database_forward": "d763b304f33b3f46",
    "tortoise.migrations.schema_editor.sqlite:SqliteSchemaEditor._remake_table": "790cdd279367adf9",
    "tortoise.migrations.schema_editor.sqlite:SqliteSchemaEditor._run_sql": "3a7015af5ed367c8",
    "tortoise.migrations.schema_editor.sqlite:SqliteSchemaEditor.remove_field": "714a781eb3396c2f",
}


def source_digest(path: str) -> str:
    """Digest of the library's own source of `module:Class.method`, also where we have replaced it."""
    original: Any = _ORIGINALS.get(path)
    if original is None:
        module, _, qualified_name = path.partition(":")
        original = import_module(module)
        for name in qualified_name.split("."):
            original = inspect.getattr_static(original, name)
        original = getattr(original, "__func__", original)
    return hashlib.sha256(inspect.getsource(original).encode()).hexdigest()[:16]

"""Repairs of Tortoise 1.1 that every process of ours needs; applied when `community.core.db` is imported.

Pooled transactions (asyncpg): Tortoise never gives the connection back when `BEGIN` fails or is
cancelled, so that the pool drains until the process stands still; and a cancelled release leaves the
finished transaction behind as the task's connection. SQLite has its repairs in `sqlite_rw.py`.

`LIBRARY_SOURCES` names each method of the library that we replace or whose inner working we rely on, with
a digest of its source. A test compares them: after an update somebody has to read the new source first.
"""

from __future__ import annotations

import hashlib
import inspect
from importlib import import_module
from types import TracebackType
from typing import Any

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContextPooled
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from community.core.db.cancellation import to_the_end

OVER = "This transaction is over. Was a task started inside in_transaction()?"


async def _begin_pooled(self: Any) -> TransactionalDBClient:
    await self.ensure_connection()
    pool = self.client._parent._pool
    connection = self.client._connection = await pool.acquire()
    try:
        await self.client.begin()
    except BaseException:
        # The pool rolls an open transaction back before it lends the connection again.
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
    get_connections().reset(self.token)
    try:
        if not self.client._finalized:
            await to_the_end(self.client.rollback() if exc_type else self.client.commit())
    finally:
        self.client._finalized = True
        pool = self.client._parent._pool
        if pool:
            await to_the_end(pool.release(self.client._connection))


def _acquire_in_transaction(self: Any) -> ConnectionWrapper:
    if self._finalized:
        raise TransactionManagementError(OVER)
    return ConnectionWrapper(self._lock, self)


def apply() -> None:
    """Put the repairs in place; calling it again changes nothing."""
    replacements: list[tuple[type, str, Any]] = [
        (TransactionContextPooled, "__aenter__", _begin_pooled),
        (TransactionContextPooled, "__aexit__", _end_pooled),
        (TransactionWrapper, "acquire_connection", _acquire_in_transaction),
    ]
    for owner, name, replacement in replacements:
        if getattr(owner, name) is not replacement:
            _ORIGINALS.setdefault(f"{owner.__module__}:{owner.__qualname__}.{name}", getattr(owner, name))
            setattr(owner, name, replacement)


_ORIGINALS: dict[str, Any] = {}

LIBRARY_SOURCES: dict[str, str] = {}


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

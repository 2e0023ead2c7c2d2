"""Opening and closing the database of this process, transactions, and the few portable small things."""

from __future__ import annotations

import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Any, Literal

import asyncpg
from tortoise.backends.base.client import TransactionContext
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from community.core.db.configuration import configure, is_sqlite, sqlite_path

Dialect = Literal["sqlite", "postgresql"]
ID_BITS = 53
"""Ids fit into a number of JavaScript and JSON without loss."""

_open: TortoiseContext | None = None


async def connect(database_url: str, *, readers: int = 2, models: Iterable[str] | None = None) -> None:
    """Open the database for all tasks of this process, and fail here and now if it does not answer.

    `models` replaces the list of model modules; tests use it for small models of their own.
    """
    global _open
    if _open is not None:
        raise RuntimeError("The database is open already.")
    if is_sqlite(database_url):
        sqlite_path(database_url).parent.mkdir(parents=True, exist_ok=True)
    # Tortoise keeps statements by table name and would send those of one dialect to the other.
    EXECUTOR_CACHE.clear()
    context = TortoiseContext()
    try:
        with context:
            await context.init(
                config=configure(database_url, readers=readers, models=models), _enable_global_fallback=True
            )
            await context.db().execute_query("SELECT 1")
    except BaseException:
        await context.close_connections()
        raise
    _open = context


async def disconnect() -> None:
    """Close all connections of this process and end their threads; harmless when nothing is open."""
    global _open
    context, _open = _open, None
    if context is not None:
        await context.close_connections()
        EXECUTOR_CACHE.clear()


def current_connection() -> Any:
    """The connection of this task: the open transaction, or else the pool."""
    return get_connection("default")


def dialect_of(connection: Any) -> Dialect:
    return "sqlite" if connection.capabilities.dialect == "sqlite" else "postgresql"


def dialect() -> Dialect:
    return dialect_of(current_connection())


def savepoint() -> TransactionContext:
    """For a statement that may fail with an `IntegrityError` which the caller expects and handles.

        try:
            async with savepoint():
                await Kudos.create(...)
        except IntegrityError: ...

    Without it PostgreSQL refuses every further statement of the surrounding transaction. Outside a
    transaction it is a transaction of its own.
    """
    return in_transaction("default")


def is_unique_violation(error: BaseException) -> bool:
    """Whether `error` says that a row with this key exists already, on either database."""
    cause = error.args[0] if isinstance(error, IntegrityError) and error.args else error
    if isinstance(cause, asyncpg.UniqueViolationError):
        return True
    return isinstance(cause, sqlite3.IntegrityError) and cause.sqlite_errorcode in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    )


def random_id() -> int:
    """A new id that tells nothing about the number or order of rows: 1 to 2**53 - 1."""
    return secrets.randbelow(2**ID_BITS - 1) + 1


def now() -> dt.datetime:
    """The present moment in UTC, the only zone that is ever stored."""
    return dt.datetime.now(dt.UTC)

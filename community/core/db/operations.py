"""Operations for migrations that keep every row on both databases.

Tortoise's `RemoveField`, `AlterField`, `AddConstraint` and `RemoveConstraint` rebuild the table on SQLite:
all its indexes and unique keys are lost, and with foreign keys on, the children of its rows as well.
Migrations use these instead:

- `DropColumn(model_name=…, name=…)` in place of `RemoveField`: the same on both databases. Remove the
  indexes that contain the column first (`RemoveIndex`). To be undone, the column must be nullable or have a
  `db_default`.
- `StateOnlyAlterField` and its siblings change what Tortoise believes and leave the database alone. The
  change itself stands beside them, as `RunSQL` or `RunPython`; many need none on SQLite, which does not
  enforce lengths. A unique key is `RunSQL('CREATE UNIQUE INDEX …', 'DROP INDEX …')` and needs no state.
"""

from __future__ import annotations

from typing import Any

from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_editor.sqlite import SqliteSchemaEditor

from community.core.db.sqlite_rw import split_statements


class UnsafeMigrationError(Exception):
    """The migration would rebuild a table on SQLite, or has left rows without their parents."""


def column_of(field: Any) -> str:
    """Name of the column in the database."""
    return str(field.source_field or field.model_field_name)


async def drop_column(editor: BaseSchemaEditor, model: Any, field: Any) -> None:
    """Drop the column in place; children, indexes and keys of the table stay."""
    if isinstance(field, ForeignKeyFieldInstance):
        field = model._meta.fields_map[column_of(field)]
    await editor.client.execute_query(
        f'ALTER TABLE "{model._meta.db_table}" DROP COLUMN "{column_of(field)}"'
    )


class DropColumn(ops.RemoveField):
    """Drop a column without rebuilding its table."""

    async def database_forward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        if state_editor is not None:
            model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
            await drop_column(state_editor, model, model._meta.fields_map[self.name])


class _StateOnly:
    """Leaves the database alone in both directions."""

    async def database_forward(self, *_arguments: Any, **_options: Any) -> None:
        return None

    async def database_backward(self, *_arguments: Any, **_options: Any) -> None:
        return None


class StateOnlyRemoveField(_StateOnly, ops.RemoveField):
    """Forget a field; `DropColumn` also drops its column."""


class StateOnlyAlterField(_StateOnly, ops.AlterField):
    """Describe a field anew."""


class StateOnlyAddConstraint(_StateOnly, ops.AddConstraint):
    """Note a constraint that `RunSQL` has made."""


class StateOnlyRemoveConstraint(_StateOnly, ops.RemoveConstraint):
    """Forget a constraint that `RunSQL` has dropped."""


class SafeSqliteSchemaEditor(SqliteSchemaEditor):
    """Tortoise's editor without its way to lose rows: what would rebuild a table is refused, and undoing an
    added field drops its column in place. Scripts with triggers are taken apart correctly."""

    async def _run_sql(self, sql: str) -> None:
        if self.collect_sql:
            await super()._run_sql(sql)
            return
        for statement in split_statements(sql):
            await self.client.execute_query(statement)

    async def remove_field(self, model: Any, field: Any) -> None:
        if isinstance(field, ManyToManyFieldInstance):
            await super().remove_field(model, field)
        else:
            await drop_column(self, model, field)

    async def _remake_table(
        self, model: Any, create_field: Any = None, delete_field: Any = None, alter_fields: Any = None
    ) -> None:
        raise UnsafeMigrationError(
            f"The table {model._meta.db_table} would be rebuilt, which loses its indexes and children. "
            "See community.core.db.operations for what to write instead."
        )

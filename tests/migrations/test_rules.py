"""What every migration of the project must keep to, and the proof that the check would notice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tortoise import Tortoise

from community.core.db import fetch
from community.core.db.migrate import NOTHING, migrate
from community.core.db.migration_rules import REBUILDING, unsafe_operations
from tests.conftest import MakeDatabase
from tests.databases import Kind
from tests.migrations.test_migrate import LIBRARY, names, schema

PROJECT = Path(__file__).resolve().parents[2]
HEAD = "from tortoise import fields, migrations\nfrom tortoise.migrations import operations as ops\n"


async def drift_of(arguments: str) -> list[str]:
    """Lines of `drift(…)`, called in a process that has no database open."""
    program = (
        "import asyncio; from community.core.db.migrate import drift; "
        f"print(*asyncio.run(drift({arguments})), sep=chr(10))"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode().split("\n")[:-1] if output.strip() else []


async def test_models_and_migrations_of_the_project_agree() -> None:
    assert await drift_of("") == []


async def test_models_that_the_migrations_do_not_know_are_noticed() -> None:
    missing = await drift_of(f"models=['tests.core.db_models'], migrations={LIBRARY!r}")
    assert any("title" in line or "Book" in line for line in missing), missing


def test_the_project_has_no_migration_that_rebuilds_a_table() -> None:
    assert unsafe_operations() == []


@pytest.mark.parametrize("operation", sorted(REBUILDING))
@pytest.mark.parametrize("imported", ["ops", "by name", "by another name"])
def test_an_operation_that_rebuilds_a_table_is_noticed(tmp_path: Path, operation: str, imported: str) -> None:
    call = {"ops": f"ops.{operation}", "by name": operation, "by another name": "Harmless"}[imported]
    alias = " as Harmless" if imported == "by another name" else ""
    (tmp_path / "0007_bad.py").write_text(
        f"{HEAD}from tortoise.migrations.operations import {operation}{alias}\n"
        f"operations = [{call}('Shelf', 'note')]\n"
    )
    found = unsafe_operations(tmp_path, models=[])
    assert len(found) == 1
    assert found[0].startswith(f"0007_bad.py:4: {operation} ")


@pytest.mark.parametrize(
    ("field", "is_safe"),
    [
        ("fields.IntField(default=0)", False),
        ("fields.IntField(null=False)", False),
        ("fields.IntField(null=True)", True),
        ("fields.IntField(default=0, db_default=0)", True),
        ("fields.ManyToManyField('community.Shelf')", True),
    ],
)
def test_a_new_column_must_fit_the_rows_that_exist(tmp_path: Path, field: str, is_safe: bool) -> None:
    (tmp_path / "0007_new.py").write_text(
        f"{HEAD}operations = [ops.AddField(model_name='Shelf', name='size', field={field})]\n"
    )
    assert (unsafe_operations(tmp_path, models=[]) == []) is is_safe


def test_the_safe_recipes_pass(tmp_path: Path) -> None:
    (tmp_path / "0007_good.py").write_text(
        f"{HEAD}from community.core.db.operations import DropColumn, StateOnlyAlterField\n"
        "from community.core.db.operations import StateOnlyRemoveField\n"
        "operations = [DropColumn('Shelf', 'a'), StateOnlyRemoveField('Shelf', 'b'),"
        " StateOnlyAlterField('Shelf', 'c', fields.IntField()), ops.RunSQL('SELECT 1', '')]\n"
    )
    assert unsafe_operations(tmp_path, models=[]) == []


def test_constraints_in_a_model_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models_with_constraints.py").write_text(
        "class Shelf:\n    class Meta:\n        table = 'shelves'\n        constraints = ()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = unsafe_operations(tmp_path, models=["models_with_constraints"])
    assert len(found) == 1
    assert "models_with_constraints.py:4" in found[0]


@pytest.mark.each_database
async def test_the_project_migrates_up_down_and_up_again(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    up = await migrate(url)
    assert up
    newest = await schema(url)
    down = await migrate(url, target=NOTHING)
    assert [step.replace("-", "+", 1) for step in reversed(down)] == up
    assert {row[1] for row in await schema(url) if row[0] == "table"} <= {
        "tortoise_migrations",
        "sqlite_sequence",
    }
    assert await migrate(url) == up
    assert names(await schema(url)) == names(newest)


@pytest.mark.each_database
async def test_every_index_of_the_models_is_in_the_database(db: Kind) -> None:
    """`AddField` makes none, which neither database complains about: it is only slow one day."""
    if db == "sqlite":
        query = """SELECT m.tbl_name AS of_table, m.name, c.name AS col FROM sqlite_master m, pragma_index_info(m.name) c
        WHERE m.type = 'index' ORDER BY m.name, c.seqno"""
    else:
        query = """SELECT x.indrelid::regclass::text AS of_table, x.indexrelid::regclass::text AS name, a.attname AS col
        FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid ORDER BY 2, a.attnum"""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in await fetch(query):
        key = (row["of_table"], row["name"])
        found[key] = (*found.get(key, ()), row["col"])
    there = {(table, columns) for (table, _name), columns in found.items()}
    wanted = set()
    for model in Tortoise.apps["community"].values():  # type: ignore[index]
        fields = model._meta.fields_map
        groups = [(name,) for name, field in fields.items() if field.index and field.has_db_field]
        groups += [tuple(getattr(index, "fields", index)) for index in model._meta.indexes]
        wanted |= {
            (model._meta.db_table, tuple(fields[name].source_field or name for name in group))
            for group in groups
            if not fields[group[0]].pk
        }
    assert len(wanted) > 100
    assert wanted - there == set()

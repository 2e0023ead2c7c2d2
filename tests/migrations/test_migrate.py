"""Migrations up, down and up again keep rows, indexes and constraints, on both databases."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import OperationalError

from community.core.db import connect, dialect, disconnect, execute, fetch
from community.core.db.configuration import sqlite_path
from community.core.db.migrate import NOTHING, migrate, pending
from community.core.db.operations import UnsafeMigrationError
from tests.conftest import MakeDatabase
from tests.databases import Kind

LIBRARY = "tests.migrations.library"
PROJECT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    await connect(url, models=["tests.core.db_models"])
    try:
        yield
    finally:
        await disconnect()


async def library_rows(url: str) -> dict[str, list[dict[str, Any]]]:
    async with opened(url):
        shelves = await fetch("SELECT id, name, room FROM shelves ORDER BY id")
        books = await fetch("SELECT id, shelf_id, position FROM books ORDER BY id")
        return {"shelves": [dict(row) for row in shelves], "books": [dict(row) for row in books]}


async def schema(url: str) -> list[tuple[Any, ...]]:
    """Every table, column, index and constraint, as the database itself describes them."""
    async with opened(url):
        if dialect() == "sqlite":
            rows = await fetch("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        else:
            rows = await fetch(
                """SELECT 'index' AS kind, indexname AS name, indexdef AS meaning FROM pg_indexes
                WHERE schemaname = 'public'
                UNION ALL SELECT 'constraint', conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
                UNION ALL SELECT 'column', table_name || '.' || column_name,
                concat_ws(' ', data_type, is_nullable, column_default, character_maximum_length)
                FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2, 3"""
            )
        return [tuple(row[column] for column in dict(row)) for row in rows]


async def children_of_a_shelf_go_with_it(url: str) -> bool:
    async with opened(url):
        await execute("DELETE FROM shelves WHERE id = 3")
        return not await fetch("SELECT id FROM books WHERE shelf_id = 3")


@pytest.mark.each_database
async def test_up_and_down_and_up_again_keeps_rows_indexes_and_constraints(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    assert await migrate(url, target="0001_initial", migrations=LIBRARY) == ["+0001_initial"]
    async with opened(url):
        for shelf in (1, 2, 3):
            await execute(
                "INSERT INTO shelves (id, name, room, note) VALUES (:id, :name, 'cellar', 'old')",
                {"id": shelf, "name": f"shelf {shelf}"},
            )
            for position in (1, 2, 3):
                await execute(
                    "INSERT INTO books (id, shelf_id, title, position) VALUES (:id, :shelf, 'old', :place)",
                    {"id": shelf * 10 + position, "shelf": shelf, "place": position},
                )
    seeded, first_schema = await library_rows(url), await schema(url)
    assert len(seeded["books"]) == 9

    assert await migrate(url, migrations=LIBRARY) == ["+0002_colours", "+0003_no_notes"]
    assert await library_rows(url) == seeded
    newest_schema = await schema(url)
    text = repr(newest_schema)
    assert "books_by_title" in text
    assert "one_book_per_place" in text
    assert "note" not in text
    async with opened(url):
        colours = await fetch("SELECT colour, favourite_id FROM shelves ORDER BY id")
        assert [(row["colour"], row["favourite_id"]) for row in colours] == [
            ("red", None),
            ("white", None),
            ("white", None),
        ]
        changed = await fetch("SELECT title FROM books WHERE id = 11")
        assert changed[0]["title"] == "a;b"

    down = await migrate(url, target="0001_initial", migrations=LIBRARY)
    assert down == ["-0003_no_notes", "-0002_colours"]
    assert await library_rows(url) == seeded
    assert names(await schema(url)) == names(first_schema)

    assert await migrate(url, migrations=LIBRARY) == ["+0002_colours", "+0003_no_notes"]
    assert await library_rows(url) == seeded
    assert names(await schema(url)) == names(newest_schema)
    assert await migrate(url, migrations=LIBRARY) == []
    assert await children_of_a_shelf_go_with_it(url)
    assert len(await migrate(url, target=NOTHING, migrations=LIBRARY)) == 3
    assert await pending_in(url) == ["0001_initial", "0002_colours", "0003_no_notes"]


def names(described: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without the texts of SQLite's tables: a column that came back stands at another place in them."""
    return [row[:3] for row in described] if len(described[0]) == 4 else described


async def pending_in(url: str) -> list[str]:
    async with opened(url):
        return await pending(migrations=LIBRARY)


@pytest.mark.each_database
async def test_two_migrators_at_once_apply_each_migration_once(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    program = (
        "import asyncio; from community.core.db.migrate import migrate; "
        f"print(asyncio.run(migrate({url!r}, migrations={LIBRARY!r})))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    ended = [await process.communicate() for process in processes]
    assert [errors.decode() for _, errors in ended] == ["", ""]
    assert sorted(output.decode().strip() for output, _ in ended) == [
        "['+0001_initial', '+0002_colours', '+0003_no_notes']",
        "[]",
    ]
    assert await pending_in(url) == []


DANGEROUS = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("community", "0003_no_notes")]
    operations = [{operations}]
"""


@pytest.fixture
def dangerous_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A copy of the library's migrations with one more, made of the parameter."""
    package = f"library_{abs(hash(request.node.name))}"
    folder = tmp_path / package
    folder.mkdir()
    for file in (PROJECT / "tests" / "migrations" / "library").glob("*.py"):
        (folder / file.name).write_text(file.read_text())
    (folder / "0004_dangerous.py").write_text(DANGEROUS.format(operations=request.param))
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


@pytest.mark.parametrize(
    "dangerous_library",
    [
        'ops.AlterField(model_name="Shelf", name="room", field=fields.TextField(null=True))',
        'ops.RunSQL("DELETE FROM shelves WHERE id = 1")',
    ],
    indirect=True,
)
async def test_a_migration_that_would_lose_rows_on_sqlite_is_refused_and_undone(
    make_database: MakeDatabase, dangerous_library: str
) -> None:
    url = await make_database("sqlite", migrated=False)
    await migrate(url, migrations=LIBRARY)
    async with opened(url):
        await execute("INSERT INTO shelves (id, name, room) VALUES (1, 'a', 'b')")
        await execute("INSERT INTO books (id, shelf_id, title) VALUES (1, 1, 'a')")
    before, schema_before = await library_rows(url), await schema(url)
    with pytest.raises(UnsafeMigrationError):
        await migrate(url, migrations=dangerous_library)
    assert await library_rows(url) == before
    assert await schema(url) == schema_before
    assert await pending_in(url) == []


@pytest.mark.each_database
@pytest.mark.parametrize(
    "dangerous_library",
    ['ops.RunSQL("CREATE TABLE half (id INT)"), ops.RunSQL("SELECT 1 FROM nowhere")'],
    indirect=True,
)
async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    make_database: MakeDatabase, dangerous_library: str, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    await migrate(url, migrations=LIBRARY)
    before = await schema(url)
    for _ in range(2):
        with pytest.raises(OperationalError, match="nowhere"):
            await migrate(url, migrations=dangerous_library)
    assert await schema(url) == before


@pytest.mark.parametrize(
    "dangerous_library",
    [
        'ops.RunSQL("""CREATE TRIGGER renamed AFTER UPDATE ON shelves BEGIN'
        " UPDATE books SET position = 0; UPDATE books SET position = 1; END;"
        ' CREATE TABLE after_it (id INT)""")'
    ],
    indirect=True,
)
async def test_a_trigger_in_a_migration_is_one_statement(
    make_database: MakeDatabase, dangerous_library: str
) -> None:
    url = await make_database("sqlite", migrated=False)
    await migrate(url, migrations=dangerous_library)
    assert {"renamed", "after_it"} <= {row[1] for row in await schema(url)}
    assert sqlite_path(url).exists()

"""Statements with parameters by name, and queries compiled once, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from community.core import db as database
from community.core.db import (
    IntegrityError,
    as_json,
    as_time,
    compiled,
    execute,
    execute_returning,
    fetch,
    fetch_one,
    in_transaction,
    is_unique_violation,
    many,
    moment,
    savepoint,
    text,
)
from community.core.db.statements import prepare
from tests.conftest import MakeDatabase
from tests.core.db_models import Book, Shelf, opened
from tests.databases import Kind

pytestmark = pytest.mark.each_database
START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
async def books(make_database: MakeDatabase, database_kind: Kind) -> AsyncIterator[None]:
    async with opened(await make_database(database_kind, migrated=False)):
        async with in_transaction():
            for shelf in (1, 2, 3):
                await Shelf.create(id=shelf, name=f"shelf {shelf}")
                for position in range(10):
                    await Book.create(
                        id=shelf * 100 + position,
                        shelf_id=shelf,
                        title=f"book {position}",
                        position=position,
                        read=position % 2 == 0,
                        notes={"pages": position * 10},
                        bought_at=START + dt.timedelta(hours=position) if position else None,
                    )
        yield


async def test_a_compiled_query_gives_what_the_orm_gives(books: None) -> None:
    columns = ("id", "title", "read", "bought_at", "shelf__name")
    query = compiled(
        lambda given: (
            Book.filter(shelf_id__in=given.shelves, bought_at__lt=given.before, title__not=given.title)
            .order_by("id")
            .limit(given.size)
            .values(*columns)
        ),
        shelves=many(),
        before=moment,
        title=text,
    )
    for shelves in ([], [1], [1, 2], [3, 1, 2], [2, 2, 2, 9, 9, 9]):
        before = START + dt.timedelta(hours=6, microseconds=5)
        rows = await query(shelves=shelves, before=before, title="book 3", size=12)
        expected = (
            await Book.filter(shelf_id__in=shelves, bought_at__lt=before)
            .exclude(title="book 3")
            .order_by("id")
            .limit(12)
            .values(*columns)
        )
        assert [(row["id"], row["title"], bool(row["read"]), as_time(row["bought_at"])) for row in rows] == [
            (row["id"], row["title"], row["read"], row["bought_at"]) for row in expected
        ]
        assert [row["shelf__name"] for row in rows] == [row["shelf__name"] for row in expected]


async def test_a_compiled_query_sees_the_transaction_it_is_called_in(books: None) -> None:
    query = compiled(lambda given: Shelf.filter(id=given.shelf).values("name"))
    async with in_transaction():
        await execute("UPDATE test_shelves SET name = :name WHERE id = :id", {"name": "new", "id": 1})
        row = await query.first(shelf=1)
        assert row is not None
        assert row["name"] == "new"
    assert await query.first(shelf=99) is None


async def test_a_compiled_query_refuses_other_parameters_than_its_own(books: None) -> None:
    query = compiled(lambda given: Shelf.filter(id=given.shelf).values("name"))
    with pytest.raises(TypeError, match="shelf"):
        await query(shelf=1, size=3)
    with pytest.raises(ValueError, match="word"):
        await compiled(lambda given: Shelf.filter(name__contains=given.word).values("id"), word=text)(
            word="a"
        )


async def test_a_statement_takes_names_lists_and_moments(books: None) -> None:
    statement = """
        SELECT id, title, notes, bought_at, 'a :literal' AS quoted FROM test_books -- :comment
        WHERE shelf_id IN (:shelves) AND bought_at >= :since AND bought_at < :until AND title <> :title
          AND (:title <> 'x' OR title = 'y') ORDER BY id"""
    rows = await fetch(
        statement,
        {
            "shelves": {1, 2, 3},
            "since": START + dt.timedelta(hours=2),
            # The same moment said in another zone.
            "until": (START + dt.timedelta(hours=4)).astimezone(dt.timezone(dt.timedelta(hours=9))),
            "title": "book 2",
        },
    )
    assert [row["id"] for row in rows] == [103, 203, 303]
    assert as_time(rows[0]["bought_at"]) == START + dt.timedelta(hours=3)
    assert as_json(rows[0]["notes"]) == {"pages": 30}
    assert rows[0]["quoted"] == "a :literal"
    assert list(await fetch("SELECT id FROM test_books WHERE id IN (:ids)", {"ids": []})) == []
    with pytest.raises(ValueError, match="empty list"):
        await fetch("SELECT id FROM test_books WHERE id NOT IN (:ids)", {"ids": []})
    with pytest.raises(ValueError, match="time zone"):
        await fetch("SELECT id FROM test_books WHERE bought_at < :t", {"t": dt.datetime(2026, 1, 1)})  # noqa: DTZ001


async def test_a_moment_written_by_a_statement_reads_like_one_written_by_the_orm(books: None) -> None:
    moment_written = START + dt.timedelta(microseconds=7)
    changed = await execute(
        "UPDATE test_books SET bought_at = :at WHERE id = :id", {"at": moment_written, "id": 101}
    )
    assert changed == 1
    assert (await Book.get(id=101)).bought_at == moment_written
    assert await Book.filter(bought_at=moment_written).count() == 1


async def test_written_rows_come_back_by_returning(books: None) -> None:
    rows = await execute_returning(
        """UPDATE test_books SET position = position + :step
        WHERE shelf_id = :shelf AND position > :after RETURNING id""",
        {"step": 100, "shelf": 2, "after": 7},
    )
    assert sorted(row["id"] for row in rows) == [208, 209]


async def test_added_rows_are_counted_and_doubles_are_not(books: None) -> None:
    add = "INSERT INTO test_shelves (id, name) VALUES (:id, :name) ON CONFLICT (name) DO NOTHING"
    assert await execute(add, {"id": 20, "name": "shelf 20"}) == 1
    assert await execute(add, {"id": 21, "name": "shelf 20"}) == 0
    several = (
        "INSERT INTO test_shelves (id, name) SELECT id + 30, name || ' again' FROM test_shelves WHERE id < 4"
    )
    assert await execute(several) == 3


async def test_a_statement_can_differ_by_dialect(books: None) -> None:
    row = await fetch_one({"sqlite": "SELECT 'lite' AS kind", "postgresql": "SELECT 'big'::text AS kind"})
    assert row is not None
    assert row["kind"] == {"sqlite": "lite", "postgresql": "big"}[database.dialect()]


async def test_an_expected_double_leaves_the_transaction_usable(books: None) -> None:
    async with in_transaction():
        await Shelf.create(id=10, name="shelf 10")
        with pytest.raises(IntegrityError) as double:
            async with savepoint():
                await Shelf.create(id=11, name="shelf 10")
        assert is_unique_violation(double.value)
        with pytest.raises(IntegrityError) as orphan:
            async with savepoint():
                await execute("INSERT INTO test_shelves (id, name) VALUES (:id, NULL)", {"id": 12})
        assert not is_unique_violation(orphan.value)
        await Shelf.create(id=13, name="shelf 13")
    assert sorted(await Shelf.filter(id__gte=10).values_list("id", flat=True)) == [10, 13]


def test_placeholders_follow_the_dialect(database_kind: Kind) -> None:
    statement = "SELECT :a::int, :b, :a, ':c' FROM t WHERE x IN (:list)"
    translated, values = prepare(statement, {"a": 1, "b": 2, "list": (5, 6, 7)}, database_kind)
    if database_kind == "sqlite":
        assert translated == "SELECT ?::int, ?, ?, ':c' FROM t WHERE x IN (?, ?, ?, ?)"
        assert values == [1, 2, 1, 5, 6, 7, 7]
    else:
        assert translated == "SELECT $1::int, $2, $1, ':c' FROM t WHERE x IN ($3, $4, $5, $6)"
        assert values == [1, 2, 5, 6, 7, 7]


def test_random_ids_fit_into_javascript_numbers(database_kind: Kind) -> None:
    ids = {database.random_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(0 < number < 2**53 for number in ids)

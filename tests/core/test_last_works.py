"""What a transaction does right before its commit."""

from __future__ import annotations

from typing import Any

import pytest

from community.core import outbox
from community.core.db import before_commit, execute, fetch, in_transaction, savepoint

pytestmark = pytest.mark.each_database


async def test_it_happens_once_with_all_items_and_inside_the_transaction(fresh_database: str) -> None:
    seen: list[list[Any]] = []

    async def work(items: list[Any]) -> None:
        seen.append(items)
        await execute("UPDATE spaces SET position = 0")

    async with in_transaction("default"):
        before_commit(work, 1)
        async with savepoint():
            before_commit(work, 2)
        assert not seen
    assert seen == [[1, 2]]


async def test_nothing_happens_where_the_transaction_is_undone(fresh_database: str) -> None:
    seen: list[list[Any]] = []

    async def work(items: list[Any]) -> None:
        seen.append(items)

    with pytest.raises(ZeroDivisionError):
        async with in_transaction("default"):
            before_commit(work, 1)
            raise ZeroDivisionError
    assert not seen


async def test_a_work_that_fails_undoes_the_transaction_and_leaves_the_connection_usable(
    fresh_database: str,
) -> None:
    async def work(items: list[Any]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with in_transaction("default"):
            await outbox.record("test.happened")
            before_commit(work, 1)
    assert not await fetch("SELECT 1 FROM outbox_facts WHERE name = 'test.happened'")
    async with in_transaction("default"):
        assert await fetch("SELECT 1 AS one")


async def test_a_work_may_ask_for_another(fresh_database: str) -> None:
    seen: list[str] = []

    async def second(items: list[Any]) -> None:
        seen.append("second")

    async def first(items: list[Any]) -> None:
        seen.append("first")
        before_commit(second, 1)

    async with in_transaction("default"):
        before_commit(first, 1)
    assert seen == ["first", "second"]


async def test_outside_of_a_transaction_it_is_refused(fresh_database: str) -> None:
    async def work(items: list[Any]) -> None: ...

    with pytest.raises(RuntimeError):
        before_commit(work, 1)

"""The repairs rest on the library's inner working; an update must not change it unseen."""

from __future__ import annotations

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContextPooled

from community.core.db import repairs


@pytest.mark.parametrize("path", repairs.LIBRARY_SOURCES)
def test_the_library_is_the_one_that_was_repaired(path: str) -> None:
    assert repairs.source_digest(path) == repairs.LIBRARY_SOURCES[path], (
        f"{path} has changed: read it, see whether the repair is still right, then note the new digest."
    )


def test_the_repairs_are_in_place_and_stand_being_applied_twice() -> None:
    replaced = [
        (TransactionContextPooled, "__aenter__"),
        (TransactionContextPooled, "__aexit__"),
        (NestedTransactionContext, "__aexit__"),
        (AsyncpgDBClient, "execute_many"),
        (TransactionWrapper, "acquire_connection"),
        (TransactionWrapper, "_in_transaction"),
    ]
    before = [getattr(owner, name) for owner, name in replaced]
    repairs.apply()
    assert [getattr(owner, name) for owner, name in replaced] == before
    assert {method.__module__ for method in before} == {repairs.__name__}
    for owner, name in replaced:
        assert f"{owner.__module__}:{owner.__qualname__}.{name}" in repairs.LIBRARY_SOURCES

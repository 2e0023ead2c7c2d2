"""The databases that all other tests stand on."""

from __future__ import annotations

import pytest

from community.core.db import dialect, execute, fetch, now
from tests.databases import Kind

pytestmark = pytest.mark.each_database

_KEEP = """INSERT INTO submissions (id, member_id, key, fingerprint, result, created_at)
VALUES (:id, 1, 'k', 'f', '', :at)"""


async def _write_and_count() -> int:
    await execute(_KEEP, {"id": 1, "at": now()})
    return len(await fetch("SELECT id FROM submissions"))


@pytest.mark.parametrize("round_number", [1, 2])
async def test_nothing_is_left_of_what_an_earlier_test_wrote(db: Kind, round_number: int) -> None:
    assert dialect() == db
    assert await _write_and_count() == 1


@pytest.mark.parametrize("round_number", [1, 2])
async def test_a_fresh_database_is_empty_and_keeps_commits(fresh_database: str, round_number: int) -> None:
    assert fresh_database.startswith(dialect())
    assert await _write_and_count() == 1

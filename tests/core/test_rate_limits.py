"""How often somebody may try something, for all processes together."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.db import fetch
from community.core.db.connection import Dialect
from community.core.rate_limits import Limit, TooMany, forget_unspent

LIMIT = Limit("test", 4, timedelta(minutes=2))


async def passes(limit: Limit = LIMIT, whom: str = "somebody") -> bool:
    try:
        await limit.take(whom)
    except TooMany:
        return False
    return True


@pytest.mark.each_database
async def test_so_many_pass_at_once_and_then_one_after_each_step(db: Dialect) -> None:
    moment = now()
    with time_machine.travel(moment, tick=False):
        assert [await passes() for _ in range(6)] == [True, True, True, True, False, False]
    with time_machine.travel(moment + timedelta(seconds=29), tick=False):
        assert not await passes()
    with time_machine.travel(moment + timedelta(seconds=30), tick=False):
        assert [await passes() for _ in range(2)] == [True, False]
    with time_machine.travel(moment + timedelta(minutes=10), tick=False):
        assert [await passes() for _ in range(5)] == [True, True, True, True, False]


@pytest.mark.each_database
async def test_whoever_waits_as_told_passes(db: Dialect) -> None:
    moment = now()
    with time_machine.travel(moment, tick=False):
        for _ in range(4):
            await LIMIT.take("somebody")
        with pytest.raises(TooMany) as told:
            await LIMIT.take("somebody")
    assert told.value.seconds == 30
    with time_machine.travel(moment + timedelta(seconds=told.value.seconds), tick=False):
        assert await passes()


@pytest.mark.each_database
async def test_everybody_and_everything_is_counted_apart(db: Dialect) -> None:
    for _ in range(4):
        await LIMIT.take("somebody")
    assert not await passes()
    assert await passes(whom="somebody else")
    assert await passes(Limit("another", 4, timedelta(minutes=2)))


@pytest.mark.each_database
async def test_what_is_given_back_can_be_used_again(db: Dialect) -> None:
    for _ in range(4):
        await LIMIT.take("somebody")
    await LIMIT.give_back("somebody")
    assert [await passes(), await passes()] == [True, False]


@pytest.mark.each_database
async def test_of_many_at_once_no_more_pass_than_are_allowed(fresh_database: str) -> None:
    assert sum(await asyncio.gather(*(passes() for _ in range(40)))) == 4


@pytest.mark.each_database
async def test_the_table_names_nobody_and_forgets(db: Dialect) -> None:
    await LIMIT.take("erika@acme.example", "192.0.2.7")
    rows = [dict(row) for row in await fetch("SELECT * FROM rate_limits")]
    assert len(rows) == 1
    assert "acme" not in str(rows) and "192.0.2.7" not in str(rows)
    await forget_unspent()
    assert len(await fetch("SELECT key FROM rate_limits")) == 1
    with time_machine.travel(now() + timedelta(minutes=3)):
        await forget_unspent()
    assert await fetch("SELECT key FROM rate_limits") == []

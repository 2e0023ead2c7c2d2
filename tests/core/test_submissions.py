"""A form that arrives several times does its work once, also when it arrives at the same moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from community.core import outbox
from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.models import OutboxFact, Submission
from community.core.submissions import fingerprint, forget_old_submissions, new_key, once

pytestmark = pytest.mark.each_database

MEMBER = 7


async def send(key: str, text: str, member: int = MEMBER) -> str:
    """Work that leaves a trace in the database, as all such work does."""

    async def work() -> str:
        await outbox.record("thing.done", text=text)
        return f"/things/{await OutboxFact.all().count()}"

    return await once(member, key, fingerprint(text), work)


async def test_fifty_clicks_at_once_do_the_work_once_and_get_the_same_answer(fresh_database: str) -> None:
    for _ in range(5):
        before, key = await OutboxFact.all().count(), new_key()
        answers = await asyncio.gather(*(send(key, "hello") for _ in range(50)))
        assert len(set(answers)) == 1
        assert await OutboxFact.all().count() == before + 1


async def test_the_same_key_with_another_text_is_refused(fresh_database: str) -> None:
    key = new_key()
    await send(key, "hello")
    with pytest.raises(RuleBroken):
        await send(key, "something else")
    assert await OutboxFact.all().count() == 1


async def test_two_members_may_have_the_same_key(fresh_database: str) -> None:
    key = new_key()
    assert await send(key, "hello") != await send(key, "hello", member=8)


async def test_work_that_fails_can_be_sent_again(fresh_database: str) -> None:
    key = new_key()

    async def fail() -> str:
        await outbox.record("thing.done")
        raise RuleBroken("not now")

    with pytest.raises(RuleBroken, match="not now"):
        await once(MEMBER, key, fingerprint("hello"), fail)
    assert await OutboxFact.all().count() == 0
    assert await send(key, "hello") == "/things/1"


async def test_parts_that_move_from_one_field_to_the_next_are_another_text(fresh_database: str) -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


async def test_keys_are_forgotten_after_a_day(fresh_database: str) -> None:
    old, recent = new_key(), new_key()
    await send(old, "hello")
    await send(recent, "hello")
    await Submission.filter(key=old).update(created_at=now() - timedelta(hours=25))
    await forget_old_submissions()
    assert [row.key for row in await Submission.all()] == [recent]

"""Facts are recorded with their cause, held by one worker at a time, and delivered at least once."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from community.core import outbox
from community.core.clock import now
from community.core.db import in_transaction
from community.core.models import OutboxFact
from community.core.outbox import Consequences, Fact

pytestmark = pytest.mark.each_database


class Away(Exception):  # noqa: N818 - it is what it says
    """Something that comes back by itself."""


class Witness:
    """Consequences that note what reached them; `trouble` is raised by the second one."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.first: list[int] = []
        self.second: list[int] = []

    def table(self) -> Consequences:
        async def reach_first(fact: Fact) -> None:
            self.first.append(fact["number"])

        async def reach_second(fact: Fact) -> None:
            if self.trouble is not None:
                raise self.trouble
            self.second.append(fact["number"])

        return {"thing.done": [reach_second, reach_first]}


async def record(count: int = 1) -> None:
    for number in range(count):
        async with in_transaction():
            await outbox.record("thing.done", number=number)


async def deliver(witness: Witness, passing: tuple[type[Exception], ...] = ()) -> int:
    rows = await outbox.lease()
    await outbox.finish([await outbox.run(row, witness.table()) for row in rows], passing)
    return len(rows)


async def make_due() -> None:
    """As if the pause were over."""
    await OutboxFact.all().update(due_at=now())


async def test_a_fact_is_rolled_back_with_its_cause(fresh_database: str) -> None:
    with pytest.raises(ValueError, match="no"):
        async with in_transaction():
            await outbox.record("thing.done", number=1)
            raise ValueError("no")
    assert await OutboxFact.all().count() == 0


async def test_facts_are_delivered_in_their_order_and_once(fresh_database: str) -> None:
    await record(3)
    witness = Witness()
    assert await deliver(witness) == 3
    assert await deliver(witness) == 0
    assert witness.first == witness.second == [0, 1, 2]


async def test_a_fact_without_consequences_is_simply_done(fresh_database: str) -> None:
    await outbox.record("thing.nobody_waits_for")
    assert await deliver(Witness()) == 1
    assert await OutboxFact.filter(done_at=None).count() == 0


async def test_leased_facts_are_not_leased_again(fresh_database: str) -> None:
    await record(3)
    first = await outbox.lease(2)
    second = await outbox.lease(2)
    assert [len(first), len(second), len(await outbox.lease())] == [2, 1, 0]
    assert not {row.id for row in first} & {row.id for row in second}


async def test_a_lease_that_ran_out_comes_back(fresh_database: str) -> None:
    await record()
    await outbox.lease()
    await OutboxFact.all().update(leased_until=now() - timedelta(seconds=1))
    assert len(await outbox.lease()) == 1


async def test_leases_given_back_are_free_at_once(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(2)
    await outbox.lease(1)
    monkeypatch.setattr(outbox, "WORKER", "another")
    assert len(await outbox.lease(1)) == 1
    await outbox.give_back()
    assert len(await outbox.lease()) == 1


async def test_what_succeeded_is_not_repeated_when_something_else_failed(fresh_database: str) -> None:
    await record()
    witness = Witness(trouble=RuntimeError())
    await deliver(witness)
    witness.trouble = None
    await make_due()
    await deliver(witness)
    assert witness.first == [0]
    assert witness.second == [0]
    assert await OutboxFact.filter(done_at=None).count() == 0


async def test_pauses_grow_up_to_an_hour(fresh_database: str) -> None:
    await record()
    witness = Witness(trouble=RuntimeError())
    pauses = []
    for _ in range(outbox.ATTEMPTS_BEFORE_PARKING):
        await make_due()
        started = now()
        await deliver(witness)
        pauses.append(((await OutboxFact.get()).due_at - started).total_seconds())
    assert 1.5 < pauses[0] < 3
    assert all(later > earlier for earlier, later in itertools.pairwise(pauses[:10]))
    assert pauses[-1] <= outbox.LONGEST_PAUSE.total_seconds() * 1.2 + 1


async def test_a_poisoned_fact_is_parked_after_twelve_attempts_and_the_others_go_on(
    fresh_database: str,
) -> None:
    await record()
    witness = Witness(trouble=RuntimeError("with a text that nobody should read in a table"))
    for _ in range(outbox.ATTEMPTS_BEFORE_PARKING):
        assert (await OutboxFact.get()).parked_at is None
        await make_due()
        await deliver(witness)
    parked = await OutboxFact.get()
    assert parked.parked_at is not None
    assert parked.last_error.startswith("RuntimeError in reach_second, line ")
    await record()
    witness.trouble = None
    await make_due()
    assert await deliver(witness) == 1
    await outbox.retry_parked(parked.id)
    assert await deliver(witness) == 1
    assert await OutboxFact.filter(done_at=None).count() == 0


async def test_what_waits_for_something_away_is_tried_every_few_minutes_and_parked_after_days(
    fresh_database: str,
) -> None:
    await record()
    witness = Witness(trouble=Away())
    await OutboxFact.all().update(attempts=1000)
    await deliver(witness, (Away,))
    fact = await OutboxFact.get()
    assert fact.parked_at is None
    assert fact.due_at - now() < timedelta(minutes=7)
    await OutboxFact.all().update(created_at=now() - timedelta(days=4))
    await make_due()
    await deliver(witness, (Away,))
    assert (await OutboxFact.get()).parked_at is not None


async def test_delivered_facts_are_forgotten_after_two_weeks_and_owed_ones_never(fresh_database: str) -> None:
    await record(3)
    witness = Witness()
    await outbox.finish([await outbox.run(row, witness.table()) for row in await outbox.lease(2)])
    old, recent, owed = await OutboxFact.all().order_by("id")
    await OutboxFact.filter(id=old.id).update(done_at=now() - timedelta(days=15))
    await OutboxFact.filter(id=recent.id).update(done_at=now() - timedelta(days=13))
    await OutboxFact.filter(id=owed.id).update(created_at=now() - timedelta(days=400))
    await outbox.forget_delivered()
    assert {row.id for row in await OutboxFact.all()} == {recent.id, owed.id}

"""The transactional outbox: facts are recorded in the transaction that made them true, and delivered after it.

Delivery is at least once. A fact's consequences are ticked off one by one (`delivered`), so that a retry runs only
those that have not succeeded; each consequence is harmless when it runs twice. Payloads hold ids, never texts or
addresses: rights and erasure are looked at when a consequence runs, not when the fact was recorded.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community.core.clock import now
from community.core.db import dialect, execute, fetch, in_transaction
from community.core.models import OutboxFact

LEASE = timedelta(seconds=60)
BATCH = 50
ATTEMPTS_BEFORE_PARKING = 12
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_PAUSE_OF_PASSING = timedelta(minutes=5)
PATIENCE = timedelta(days=3)
"""How long a fact waits for something that is away (search, the mail server) before it is parked after all."""

WORKER = f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A recorded fact as consequences receive it; `payload` holds the ids it was recorded with."""

    id: int
    name: str
    payload: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.payload[key]


class NotYet(Exception):  # noqa: N818 - no error: the consequence waits for its time
    """What follows from the fact is not to happen before `until`; looked at again then."""

    def __init__(self, until: datetime) -> None:
        super().__init__("not yet")
        self.until = until


Consequence = Callable[[Fact], Awaitable[None]]
Consequences = Mapping[str, Sequence[Consequence]]


async def record(name: str, **payload: int | str | None) -> None:
    """Record what happened, inside the transaction that made it true."""
    moment = now()
    await OutboxFact.create(name=name, payload=payload, created_at=moment, due_at=moment)


async def record_for_later(name: str, *, due_at: datetime, **payload: int | str | None) -> None:
    """Like `record`, for a fact whose consequences wait until then, or until `make_due`."""
    await OutboxFact.create(name=name, payload=payload, created_at=now(), due_at=due_at)


async def make_due(name: str) -> int:
    """Let the facts of this name that are still waiting have their consequences now; how many there are."""
    moment = now()
    return await execute(
        """UPDATE outbox_facts SET due_at = :now
        WHERE name = :name AND done_at IS NULL AND parked_at IS NULL AND due_at > :now""",
        {"name": name, "now": moment},
    )


async def tick_off(names: Sequence[str], before: datetime) -> None:
    """Call facts of these names delivered that were recorded before: what follows from them was done otherwise."""
    await execute(
        """UPDATE outbox_facts SET done_at = :now
        WHERE name IN (:names) AND done_at IS NULL AND created_at < :before""",
        {"names": list(names), "before": before, "now": now()},
    )


async def count_due(names: Sequence[str]) -> int:
    """How many facts of these names are still owed their consequences."""
    rows = await fetch(
        """SELECT COUNT(*) AS n FROM outbox_facts
        WHERE name IN (:names) AND done_at IS NULL AND parked_at IS NULL AND due_at <= :now""",
        {"names": list(names), "now": now()},
    )
    return int(rows[0]["n"])


async def count_waiting(name: str) -> int:
    """How many facts of this name wait, due or not."""
    rows = await fetch(
        "SELECT COUNT(*) AS n FROM outbox_facts WHERE name = :name AND done_at IS NULL AND parked_at IS NULL",
        {"name": name},
    )
    return int(rows[0]["n"])


async def lease(
    limit: int = BATCH, *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> list[OutboxFact]:
    """Take due facts for this worker, oldest first. They come back by themselves when the lease runs out.

    `only`: none but facts of these names; `without`: none of these.
    """
    moment = now()
    wanted = "AND name IN (:names)" if only else "AND name NOT IN (:names)" if without else ""
    skip_locked = "FOR UPDATE SKIP LOCKED" if dialect() == "postgresql" else ""
    async with in_transaction():
        rows = await fetch(
            f"""SELECT id FROM outbox_facts
            WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= :now
              AND (leased_until IS NULL OR leased_until < :now) {wanted}
            ORDER BY due_at, id LIMIT {limit:d} {skip_locked}""",  # noqa: S608 - an integer and constants
            {"now": moment, "names": list(only or without)},
        )
        ids = [row["id"] for row in rows]
        if ids:
            await OutboxFact.filter(id__in=ids).update(leased_until=moment + LEASE, leased_by=WORKER)
    return await OutboxFact.filter(id__in=ids).order_by("id") if ids else []


async def give_back(rows: Sequence[OutboxFact] | None = None) -> None:
    """Return the leases of these facts, or all that this worker holds, so that another takes them at once."""
    held = OutboxFact.filter(leased_by=WORKER, done_at=None)
    if rows is not None:
        held = held.filter(id__in=[row.id for row in rows])
    await held.update(leased_until=None, leased_by="")


@dataclass(slots=True)
class Delivery:
    """How far one leased fact got: which consequences succeeded, and the first error of the others."""

    row: OutboxFact
    delivered: list[str]
    failure: Exception | None = None


async def run(row: OutboxFact, consequences: Consequences) -> Delivery:
    """Run what is still owed for one fact; one failing consequence does not keep back the others."""
    fact = Fact(row.id, row.name, row.payload)
    delivery = Delivery(row, list(row.delivered))
    for consequence in consequences.get(row.name, ()):
        if consequence.__name__ in delivery.delivered:
            continue
        try:
            await consequence(fact)
            delivery.delivered.append(consequence.__name__)
        except Exception as error:
            delivery.failure = delivery.failure or error
    return delivery


async def finish(
    deliveries: Sequence[Delivery],
    passing: tuple[type[Exception], ...] = (),
    forgotten: Collection[str] = (),
) -> None:
    """Write down how a batch went: done, or due again after a pause, or parked after too many attempts.

    Errors of the kinds `passing` end by themselves: the fact is tried again every few minutes, for days.
    Facts with names in `forgotten` are removed as soon as they are done.
    """
    moment = now()
    async with in_transaction():
        done = [delivery.row for delivery in deliveries if delivery.failure is None]
        if gone := [row.id for row in done if row.name in forgotten]:
            await OutboxFact.filter(id__in=gone).delete()
        if kept := [row.id for row in done if row.name not in forgotten]:
            await OutboxFact.filter(id__in=kept).update(done_at=moment, leased_until=None)
        for delivery in deliveries:
            if delivery.failure is not None:
                passes = isinstance(delivery.failure, passing)
                await _postpone(delivery.row, delivery.delivered, delivery.failure, passes=passes)


async def _postpone(row: OutboxFact, delivered: list[str], failure: Exception, *, passes: bool) -> None:
    if isinstance(failure, NotYet):
        waiting = OutboxFact.filter(id=row.id)
        await waiting.update(delivered=delivered, due_at=failure.until, leased_until=None)
        return
    attempts = row.attempts + 1
    longest = LONGEST_PAUSE_OF_PASSING if passes else LONGEST_PAUSE
    # Beyond 2**12 seconds every pause is the longest one.
    pause = min(timedelta(seconds=2 ** min(attempts, 12)), longest) * random.uniform(0.8, 1.2)  # noqa: S311 - a pause
    gives_up = attempts >= ATTEMPTS_BEFORE_PARKING and not (passes and now() - row.created_at < PATIENCE)
    await OutboxFact.filter(id=row.id).update(
        delivered=delivered,
        attempts=attempts,
        due_at=now() + pause,
        leased_until=None,
        # The type and place of an error; its message may hold what nobody should read in a table.
        last_error=f"{type(failure).__name__} in {_place(failure)}",
        parked_at=now() if gives_up else None,
    )


def _place(failure: Exception) -> str:
    trace = failure.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else "an unknown place"


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A fact that was given up for now, as administrators see it."""

    id: int
    name: str
    attempts: int
    recorded_at: datetime
    parked_at: datetime
    last_error: str
    """Type and place of the last error; never its message, which may hold what nobody should read."""


async def list_parked(size: int = 100) -> list[ParkedFact]:
    """Parked facts, the oldest first."""
    rows = await OutboxFact.filter(parked_at__isnull=False).order_by("parked_at", "id").limit(size)
    return [
        ParkedFact(row.id, row.name, row.attempts, row.created_at, row.parked_at, row.last_error)
        for row in rows
        if row.parked_at is not None
    ]


async def count_parked() -> int:
    return await OutboxFact.filter(parked_at__isnull=False).count()


async def retry_parked(fact_id: int) -> None:
    """Give a parked fact another round of attempts."""
    await OutboxFact.filter(id=fact_id, parked_at__isnull=False).update(
        parked_at=None, attempts=0, due_at=now(), leased_until=None
    )


async def forget_delivered(older_than: timedelta = timedelta(days=14)) -> None:
    """Remove facts that were delivered long ago."""
    await execute("DELETE FROM outbox_facts WHERE done_at < :before", {"before": now() - older_than})


async def forget_naming(number: int) -> None:
    """Remove facts that hold this id, delivered or not: what it named is gone."""
    await execute(
        "DELETE FROM outbox_facts WHERE CAST(payload AS TEXT) LIKE :number", {"number": f"%{number}%"}
    )

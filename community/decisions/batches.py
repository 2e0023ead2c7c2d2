"""Decisions that are made together: which entries of the log they are.

A batch is opened before the first decision, and each notes itself in its own transaction. So whatever breaks off in
between, even the process, the worker knows what was done: from the moment it is open there is a fact in the outbox,
which waits until the batch has ended, or until nothing has stirred in it for a while.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import as_json, as_time, execute, fetch_one, in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.decisions.models import Batch

SILENCE = timedelta(minutes=2)
"""After so long without a decision whoever makes them is taken for dead. No single one takes nearly as long."""
FACT = "decisions.bundled"
_BATCH = "SELECT id, act, entries, noted_at, ended_at, is_settled FROM decision_batches WHERE id = :id"


@dataclass(frozen=True, slots=True)
class BatchView:
    id: int
    act: str
    entries: tuple[int, ...]
    """Ids of the entries in the log, in the order in which they were made."""
    is_settled: bool


async def open_batch(batch_id: int, act: str) -> None:
    moment = now()
    async with in_transaction():
        await insert(Batch, id=batch_id, at=moment, act=act, entries=[], noted_at=moment, is_settled=False)
        await outbox.record_for_later(FACT, due_at=moment + SILENCE, batch_id=batch_id)


async def note_in_batch(batch_id: int, entry_id: int) -> None:
    """In the transaction that writes the entry. `RuleBroken` where the batch has ended."""
    row = await _lock(batch_id)
    if row is None or row["ended_at"] is not None:
        raise RuleBroken(_("This took too long and was broken off. What was done until then stays done."))
    entries = [*as_json(row["entries"]), entry_id]
    await execute(
        "UPDATE decision_batches SET entries = :entries, noted_at = :at WHERE id = :id",
        {"entries": json.dumps(entries), "at": now(), "id": batch_id},
    )


async def end_batch(batch_id: int, *, is_settled: bool) -> bool:
    """Nothing is added from now on, and those concerned are told; whether anything was done in it."""
    async with in_transaction():
        row = await _lock(batch_id)
        if row is None:
            return False
        if not as_json(row["entries"]):
            await execute("DELETE FROM decision_batches WHERE id = :id", {"id": batch_id})
        else:
            await execute(
                """UPDATE decision_batches SET ended_at = COALESCE(ended_at, :at), is_settled = :settled
                WHERE id = :id""",
                {"at": now(), "settled": is_settled or bool(row["is_settled"]), "id": batch_id},
            )
        await outbox.make_due(FACT)
    return bool(as_json(row["entries"]))


async def take_ended_batch(batch_id: int) -> BatchView | None:
    """For what follows from a batch: `NotYet` while somebody is at it, None where nothing was done.

    One in which nothing stirs any more is ended here.
    """
    async with in_transaction():
        row = await _lock(batch_id)
        if row is None:
            return None
        noted_at = as_time(row["noted_at"])
        if row["ended_at"] is None and noted_at is not None and now() < noted_at + SILENCE:
            raise outbox.NotYet(noted_at + SILENCE)
        if not await end_batch(batch_id, is_settled=False):
            return None
    return await get_batch(batch_id)


async def get_batch(batch_id: int) -> BatchView:
    """What may be shown of its entries, and to whom, the caller decides."""
    row = await fetch_one(_BATCH, {"id": batch_id})
    if row is None:
        raise NotFound
    return BatchView(row["id"], row["act"], tuple(as_json(row["entries"])), bool(row["is_settled"]))


async def _lock(batch_id: int) -> Any:
    return await fetch_one({"sqlite": _BATCH, "postgresql": f"{_BATCH} FOR UPDATE"}, {"id": batch_id})

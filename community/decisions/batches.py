"""Decisions that were made together: which entries of the log they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.clock import now
from community.core.db import as_json, fetch_one
from community.core.errors import NotFound
from community.core.rows import insert
from community.decisions.models import Batch


@dataclass(frozen=True, slots=True)
class BatchView:
    id: int
    act: str
    entries: tuple[int, ...]
    """Ids of the entries in the log, in the order in which they were made."""


async def keep_batch(batch_id: int, act: str, entry_ids: Sequence[int]) -> None:
    await insert(Batch, id=batch_id, at=now(), act=act, entries=list(entry_ids))


async def get_batch(batch_id: int) -> BatchView:
    """What may be shown of its entries, and to whom, the caller decides."""
    row = await fetch_one("SELECT id, act, entries FROM decision_batches WHERE id = :id", {"id": batch_id})
    if row is None:
        raise NotFound
    return BatchView(row["id"], row["act"], tuple(as_json(row["entries"])))

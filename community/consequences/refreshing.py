"""What happens to a source has the entries of the FAQ looked at that were made from it."""

from __future__ import annotations

from community.core.outbox import Fact
from community.faq.freshness import look_at, look_at_space, look_at_threads


async def check_entries_of_thread(fact: Fact) -> None:
    """Of both threads, where the fact names two."""
    await look_at_threads([fact.payload[key] for key in ("thread_id", "from_id") if fact.payload.get(key)])


async def check_entries_of_space(fact: Fact) -> None:
    await look_at_space(fact["space_id"])


async def check_judged_entry(fact: Fact) -> None:
    await look_at([fact["entry_id"]])

"""Fill a new index beside the running one, follow what changes meanwhile, and swap.

Readers search the running index until the swap. What changes while the new one is filled is known from the outbox:
facts that were delivered since then, or may have been. They are brought in line before the swap, in the end while
every write goes to both indexes, and once more after it for workers of other processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from community.core.clock import now
from community.core.db import as_json, fetch
from community.indexing import INDEXING_FACTS, MAKERS, bring_in_line, publish_vocabulary
from community.reindexing.state import BEAT_EVERY, Claim, Overtaken, ask, read
from community.vectors.keeping import with_kept_vectors
from community.vocabulary.queries import current_configuration
from search import SearchEngine

logger = logging.getLogger(__name__)

GIVING_BACK = (0.0, 0.1, 0.5)
"""Seconds before each attempt to give a claim back."""

BATCH = 100
MARGIN = timedelta(seconds=30)
"""Between the clocks of several hosts."""
MOST_PASSES = 10
SHORT_PASS = 1.0
"""Seconds. What changed in a pass that was as short as that is left to the one beside the swap."""

Progress = Callable[[int], object]


async def count_rows() -> int:
    """Rows that a build looks at."""
    return sum(
        [(await fetch(f'SELECT COUNT(*) AS n FROM "{table}"'))[0]["n"] for table, _ in MAKERS.values()]  # noqa: S608 - names of ours
    )


async def _all_ids(table: str) -> AsyncIterator[list[int]]:
    """Ids of a table in batches, by key, so that rows may come and go meanwhile."""
    last = -1
    while True:
        rows = await fetch(
            f'SELECT id FROM "{table}" WHERE id > :last ORDER BY id LIMIT {BATCH}',  # noqa: S608 - names of ours
            {"last": last},
        )
        if not rows:
            return
        ids = [row["id"] for row in rows]
        yield ids
        last = ids[-1]


async def fill(new: SearchEngine, progress: Progress) -> tuple[int, datetime]:
    """Write everything into an engine that is being filled. Answers the number of documents, and until when it
    knows what has changed."""
    started, count = now(), 0
    for kind, (table, documents_of) in MAKERS.items():
        async for ids in _all_ids(table):
            documents = await with_kept_vectors(new.embedder, kind, await documents_of(ids))
            await new.upsert(documents)
            count += len(documents)
            progress(len(ids))
    return count, await _catch_up(new, started)


async def _catch_up(new: SearchEngine, since: datetime) -> datetime:
    """Bring in line what has changed, and what changes while that is done, until it is hardly anything."""
    for _ in range(MOST_PASSES):
        began, start = now(), time.monotonic()
        await bring_changes_in_line(new, since)
        since = began
        if time.monotonic() - start < SHORT_PASS:
            break
    return since


async def bring_changes_in_line(engine: SearchEngine, since: datetime) -> None:
    """Bring in line the documents of all facts that were delivered since then, or are being delivered now.

    What is still owed and was never begun goes to the new index by itself after the swap.
    """
    changed = await _changed_rows(since)
    for kind, ids in changed.items():
        ordered = sorted(ids)
        for first in range(0, len(ordered), BATCH):
            await bring_in_line(engine, kind, ordered[first : first + BATCH])


async def _agree(engine: SearchEngine, since: datetime) -> None:
    """After the swap: other workers may have written to the old index, and told it new words, at the last moment."""
    await bring_changes_in_line(engine, since)
    await publish_vocabulary(engine)


async def _changed_rows(since: datetime) -> dict[str, set[int]]:
    rows = await fetch(
        """SELECT payload FROM outbox_facts WHERE name IN (:names) AND (done_at >= :since
        OR (done_at IS NULL AND (leased_until IS NOT NULL OR attempts > 0)))""",
        {"names": INDEXING_FACTS, "since": since - MARGIN},
    )
    payloads = [as_json(row["payload"]) for row in rows]
    changed: dict[str, set[int]] = {}
    for kind, name in (
        ("thread", "thread_id"),
        ("person", "member_id"),
        ("group", "group_id"),
        ("faq", "entry_id"),
    ):
        changed[kind] = {payload[name] for payload in payloads if payload.get(name)}
    changed["thread"] |= await _threads_of(
        {
            payload["post_id"]
            for payload in payloads
            if payload.get("post_id") and not payload.get("thread_id")
        }
    )
    return changed


async def _threads_of(post_ids: set[int]) -> set[int]:
    ordered = sorted(post_ids)
    threads: set[int] = set()
    for first in range(0, len(ordered), BATCH):
        rows = await fetch(
            "SELECT thread_id FROM posts WHERE id IN (:ids)", {"ids": ordered[first : first + BATCH]}
        )
        threads.update(row["thread_id"] for row in rows)
    return threads


async def rebuild(engine: SearchEngine, progress: Progress = lambda rows: None) -> int:
    """Build the index anew, all in this process, which must be the one that may write. Answers the documents."""
    engine.configure(await current_configuration())
    async with engine.rebuild() as new:
        count, since = await fill(new, progress)
        await bring_changes_in_line(new, since)
    await _agree(engine, since)
    return count


# --- shared with other processes --------------------------------------------------------------------------


async def fill_as_claimed(
    engine: SearchEngine,
    claim: Claim,
    progress: Progress = lambda rows: None,
    expect: Progress = lambda rows: None,
) -> None:
    """Fill a new index and leave it to whoever publishes it. `progress` and `expect` hear of rows."""
    done = total = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        progress(rows)

    async with _as_claimed(claim, lambda: claim.beat(done, total)):
        total = await count_rows()
        expect(total)
        engine.configure(await current_configuration())
        async with engine.prepare() as new:
            documents, current_to = await fill(new, count)
            prepared = new.prepared
        await claim.filled(prepared, current_to, documents)


async def publish_as_claimed(engine: SearchEngine, claim: Claim) -> None:
    """Make what was filled the live index. No write gets lost between the two."""
    async with _as_claimed(claim, claim.still_here):
        state = await read()
        engine.configure(await current_configuration())
        since = state.current_to or state.started_at or now()
        async with engine.rebuild(state.prepared) as new:
            await bring_changes_in_line(new, since)
        await _agree(engine, since)
    try:
        # Without the heartbeat: it would take the end of the claim for somebody else's.
        await claim.published()
    except asyncio.CancelledError:
        await _give_back(claim)
        raise


async def build_here(engine: SearchEngine, progress: Progress = lambda rows: None) -> bool:
    """Build at once in this process, which must be the one that may write; False if another one is building."""
    await engine.begin_writing()
    await ask()
    claim = await Claim.to_fill(at_once=True)
    if claim is None:
        return False
    await fill_as_claimed(engine, claim, progress)
    claim = await Claim.to_publish()
    if claim is None:
        return False
    await publish_as_claimed(engine, claim)
    return True


async def _give_back(claim: Claim) -> None:
    """Tried again: right after a cancellation the database may still be busy with what was broken off."""
    for pause in GIVING_BACK:
        await asyncio.sleep(pause)
        try:
            await claim.give_up()
        except Overtaken:
            return
        except Exception as error:
            logger.warning("claim on the index not given back", exc_info=error)
        else:
            return


@contextlib.asynccontextmanager
async def _as_claimed(claim: Claim, beat: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Keep the heart beating; an error is written down, a cancellation gives the build back.

    Everything that is awaited after the claim stands in here, or a cancellation there would leave it to nobody.
    Whoever is overtaken is cancelled: two processes must not publish.
    """
    working = asyncio.current_task()
    overtaken: list[Overtaken] = []

    async def keep_beating() -> None:
        while True:
            try:
                await beat()
            except Overtaken as error:
                overtaken.append(error)
                if working is not None:
                    working.cancel()
                return
            except Exception as error:
                # The database may be away for a moment; whoever takes this process for dead then begins anew.
                logger.warning("heartbeat missed", exc_info=error)
            await asyncio.sleep(BEAT_EVERY)

    beating = asyncio.create_task(keep_beating())
    try:
        yield
    except asyncio.CancelledError:
        if overtaken and working is not None:
            working.uncancel()
            raise overtaken[0] from None
        await _give_back(claim)
        raise
    except Exception as error:
        beating.cancel()
        with contextlib.suppress(Exception):
            await claim.failed(error)
        raise
    finally:
        beating.cancel()

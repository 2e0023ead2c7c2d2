"""What stands beside a thread: threads and FAQ entries about the same, as the index finds them.

They are kept in tables, so that a page need not search; who may see which is checked when they are shown. What is
kept depends on nothing that some readers of the thread may not know of: a thread in an exclusive space, or an entry
for members, takes no place from others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, random_id
from community.faq.models import IS_PUBLIC
from community.faq.queries import MOST_SIMILAR
from community.faq.rules import PUBLIC_AUDIENCE
from community.faq.words import overlap, telling
from community.indexing import ANY_MEMBER, EVERYBODY, faq_documents, id_of, thread_documents
from community.spaces.models import SpaceAccess
from community.threads.locks import lock_threads
from search import SearchEngine
from search.index import Document

RELATED_THREADS = 5
ENTRIES_LOOKED_AT = 10
THREADS_LOOKED_AT = 50
"""Of all that the same people read, when an entry has changed."""
MOST_LOOKS = 5
ONE_ENTRY_EVERY = timedelta(seconds=2)
"""When all are related anew."""
ONE_THREAD_EVERY = timedelta(seconds=0.2)
"""When a thread moves, or the readers of a space change."""
NOTED_AT_ONCE = 200
LONGEST_COMPARED = 2_000
"""Characters: what a text is about stands at its beginning."""
LEAST_AGREEMENT = 0.5
NEARLY_AS_NEAR = 0.8
"""Of the agreement of the nearest one; those that lag behind more are left out."""


async def relate_thread(engine: SearchEngine, thread_id: int) -> None:
    """Keep the threads that the index finds similar to this one, and the entries about the same, beside it.

    Only threads of the same space or of open spaces are kept.
    """
    for _look in range(MOST_LOOKS):
        documents = await thread_documents([thread_id])
        if not documents:
            return
        related = await _find_similar(engine, documents[0])
        if not await _keep(documents[0], await _find_entries(engine, documents[0]), related):
            return


async def relate_moved_thread(engine: SearchEngine, thread_id: int) -> None:
    """Look anew beside a thread that is in another space now, as the index knows, and beside those that list it."""
    await relate_thread(engine, thread_id)
    await _relate_later("x.related_id = :id", {"id": thread_id})


async def relate_threads_beside_space(space_id: int) -> None:
    """Let the worker look anew for the threads of other spaces that list one of this space, whose readers changed."""
    await _relate_later(
        """x.related_id IN (SELECT id FROM threads WHERE space_id = :id)
        AND x.thread_id IN (SELECT id FROM threads WHERE space_id <> :id)""",
        {"id": space_id},
    )


async def _relate_later(listing: str, given: dict[str, int]) -> None:
    """One after the other, as entries are."""
    rows = await fetch(
        f"""SELECT DISTINCT x.thread_id FROM related_threads x WHERE x.kind = 'similar' AND {listing}
        ORDER BY x.thread_id""",  # noqa: S608 - constants
        given,
    )
    for start in range(0, len(rows), NOTED_AT_ONCE):
        async with in_transaction():
            for number, row in enumerate(rows[start : start + NOTED_AT_ONCE], start):
                due_at = now() + number * ONE_THREAD_EVERY
                await outbox.record_for_later("thread.to_relate", due_at=due_at, thread_id=row["thread_id"])


async def relate_entry(engine: SearchEngine, entry_id: int) -> None:
    """Bring an entry, which the index knows as it is now, beside the threads about the same, and away from others.

    Each of them looks for its entries anew: which are the nearest is for the thread to say.
    """
    rows = await fetch("SELECT thread_id FROM similar_entries WHERE entry_id = :id", {"id": entry_id})
    thread_ids = {row["thread_id"] for row in rows}
    for entry in await faq_documents([entry_id]):
        thread_ids |= await _find_threads(engine, entry)
    for document in await thread_documents(sorted(thread_ids)):
        for _look in range(MOST_LOOKS):
            if not await _keep(document, await _find_entries(engine, document)):
                break


async def relate_entries_anew() -> None:
    """Let the worker look for the threads of every released entry: of a community that is older than this, or whose
    index finds otherwise now.

    One after the other, so that what else the worker does hardly waits for it. While the last round goes on, no other
    one begins.
    """
    async with in_transaction():
        if await outbox.count_waiting("faq.to_relate"):
            return
        rows = await fetch(f"SELECT e.id FROM faq_entries e WHERE {IS_PUBLIC} ORDER BY e.id")  # noqa: S608
        for number, row in enumerate(rows):
            due_at = now() + number * ONE_ENTRY_EVERY
            await outbox.record_for_later("faq.to_relate", due_at=due_at, entry_id=row["id"])


async def _find_similar(engine: SearchEngine, thread: Document) -> list[int]:
    open_spaces = await fetch("SELECT id FROM spaces WHERE access = 'open'")
    hits = await engine.related(
        thread.title,
        thread.question,
        frozenset({thread.space_id, *(row["id"] for row in open_spaces)}),
        exclude=thread.key,
        limit=RELATED_THREADS,
        kinds=("thread", "idea"),
    )
    return [id_of(hit.key) for hit in hits]


async def _find_threads(engine: SearchEngine, entry: Document) -> set[int]:
    """Of what is for other readers by itself, so that what is found for some tells nothing to others."""
    found: set[int] = set()
    for spaces in await _spaces_by_readers():
        hits = await engine.related(
            entry.title,
            entry.solution,
            spaces,
            exclude=entry.key,
            limit=THREADS_LOOKED_AT,
            kinds=("thread", "idea", "blog"),
        )
        documents = await thread_documents([id_of(hit.key) for hit in hits])
        found |= {id_of(each.key) for each in documents if agreement(entry, each) >= LEAST_AGREEMENT}
    return found


async def _spaces_by_readers() -> list[frozenset[int]]:
    """The open spaces, those for members, and each exclusive one."""
    spaces: dict[str | int, set[int]] = {}
    for row in await fetch("SELECT id, access FROM spaces ORDER BY id"):
        readers = row["id"] if row["access"] == SpaceAccess.EXCLUSIVE else row["access"]
        spaces.setdefault(readers, set()).add(row["id"])
    return [frozenset(each) for each in spaces.values()]


async def _find_entries(engine: SearchEngine, thread: Document) -> list[int]:
    """Those that agree most, as many of all that everybody reads as of all that members do; the nearest first."""
    found: dict[int, float] = {}
    for audiences in await _audiences_of_entries():
        hits = await engine.related(
            thread.title,
            thread.question,
            audiences,
            exclude=thread.key,
            limit=ENTRIES_LOOKED_AT,
            kinds=("faq",),
        )
        entries = await faq_documents([id_of(hit.key) for hit in hits])
        near = sorted(((agreement(entry, thread), id_of(entry.key)) for entry in entries), reverse=True)
        least = max(LEAST_AGREEMENT, NEARLY_AS_NEAR * near[0][0]) if near else 0.0
        found |= {entry_id: share for share, entry_id in near[:MOST_SIMILAR] if share >= least}
    return sorted(found, key=lambda entry_id: found[entry_id], reverse=True)


async def _audiences_of_entries() -> list[frozenset[int]]:
    """Among whose entries is looked: an import asks for each of its threads, and mostly before there are any."""
    rows = await fetch(f"SELECT DISTINCT e.published_audience FROM faq_entries e WHERE {IS_PUBLIC}")  # noqa: S608
    kinds = {row["published_audience"] for row in rows}
    of_all = [frozenset({EVERYBODY})] if PUBLIC_AUDIENCE in kinds else []
    return [*of_all, frozenset({EVERYBODY, ANY_MEMBER})] if kinds - {PUBLIC_AUDIENCE} else of_all


def agreement(entry: Document, thread: Document) -> float:
    """Which share of the telling words of each question stands in the other text, the smaller of the two."""
    if entry.lang != thread.lang:
        return 0.0
    question, title = telling(entry.title, entry.lang), telling(thread.title, thread.lang)
    answer = telling(f"{entry.solution}\n{entry.question[:LONGEST_COMPARED]}", entry.lang)
    story = telling(thread.question[:LONGEST_COMPARED], thread.lang)
    return min(overlap(title | story, question), overlap(question | answer, title))


async def _keep(thread: Document, entries: Sequence[int], related: Sequence[int] | None = None) -> bool:
    """Whether anything is different now. Then look again: somebody else may have kept something newer before us, and
    so the last one leaves what is right.

    The thread is locked before anything beside it, as everywhere.
    """
    thread_id = id_of(thread.key)
    async with in_transaction():
        await lock_threads([thread_id])
        differs = await _keep_entries(thread_id, entries)
        if related is not None:
            differs |= await _keep_threads(thread_id, related)
        if differs:
            await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})
    return differs


async def _keep_threads(thread_id: int, related: Sequence[int]) -> bool:
    """What a person, or a link, has put beside a thread stays that."""
    rows = await fetch(
        "SELECT related_id, kind FROM related_threads WHERE thread_id = :id ORDER BY position",
        {"id": thread_id},
    )
    others = {row["related_id"] for row in rows if row["kind"] != "similar"}
    wanted = [each for each in related if each not in others]
    if [row["related_id"] for row in rows if row["kind"] == "similar"] == wanted:
        return False
    await execute("DELETE FROM related_threads WHERE thread_id = :id AND kind = 'similar'", {"id": thread_id})
    for position, related_id in enumerate(wanted):
        await execute(
            """INSERT INTO related_threads (id, thread_id, related_id, kind, position)
            SELECT :row_id, :id, t.id, 'similar', :position FROM threads t WHERE t.id = :related
            ON CONFLICT (thread_id, related_id) DO NOTHING""",
            {"row_id": random_id(), "id": thread_id, "related": related_id, "position": position},
        )
    return True


async def _keep_entries(thread_id: int, entry_ids: Sequence[int]) -> bool:
    rows = await fetch(
        "SELECT entry_id FROM similar_entries WHERE thread_id = :id ORDER BY position", {"id": thread_id}
    )
    if [row["entry_id"] for row in rows] == list(entry_ids):
        return False
    await execute("DELETE FROM similar_entries WHERE thread_id = :id", {"id": thread_id})
    for position, entry_id in enumerate(entry_ids):
        await execute(
            """INSERT INTO similar_entries (id, entry_id, thread_id, position)
            SELECT :row_id, e.id, t.id, :position FROM faq_entries e, threads t
            WHERE e.id = :entry AND t.id = :thread ON CONFLICT (entry_id, thread_id) DO NOTHING""",
            {"row_id": random_id(), "entry": entry_id, "thread": thread_id, "position": position},
        )
    return True

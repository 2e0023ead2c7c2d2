"""What must be true after everything: the ledger against the tables, the index and the notifications."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from community.core.db import as_json, fetch
from community.indexing import thread_key
from community.ranks import points
from community.threads.recounting import recount
from search import open_engine
from search.index import Query
from tests.crash.crowd import Crowd, Ledger


async def wait_until_delivered(seconds: float = 60) -> None:
    """Wait until the outbox owes nothing; what is parked counts as owed."""
    for _ in range(int(seconds * 5)):
        rows = await fetch("SELECT COUNT(*) AS n FROM outbox_facts WHERE done_at IS NULL")
        if not rows[0]["n"]:
            return
        await asyncio.sleep(0.2)
    owed = await fetch(
        "SELECT name, attempts, last_error, COUNT(*) AS n FROM outbox_facts WHERE done_at IS NULL "
        "GROUP BY name, attempts, last_error"
    )
    raise AssertionError(f"The outbox still owes {[dict(row) for row in owed]}.")


async def findings(crowd: Crowd, index: Path) -> list[str]:
    """Everything that is not as confirmed; an empty list is the proof."""
    found = await _texts(crowd.ledger) + await _marks(crowd.ledger) + await _half_done() + await _told()
    found += await _not_indexed(crowd.ledger, crowd.space.id, index)
    found += await index_differs(index)
    wrong = await recount()
    if wrong:
        found.append(f"{wrong} rows had wrong counters")
    mended = await points.recount()
    if mended:
        found.append(str(mended))
    return found


async def _texts(ledger: Ledger) -> list[str]:
    """Every confirmed text is stored once, where the answer said, and no text twice."""
    rows = await fetch("SELECT id, thread_id, kind, body FROM posts")
    by_marker: dict[str, list] = {}
    for row in rows:
        for word in row["body"].replace(".", " ").split():
            if word.startswith("qx"):
                by_marker.setdefault(word, []).append(row)
    found = [
        f"{marker} stands in {len(posts)} posts" for marker, posts in by_marker.items() if len(posts) > 1
    ]
    for marker, thread_id in ledger.threads.items():
        posts = by_marker.get(marker, [])
        if [(post["thread_id"], post["kind"]) for post in posts] != [(thread_id, "opening")]:
            found.append(f"thread {thread_id} ({marker}) was confirmed and is not there")
    for marker, (thread_id, post_id) in ledger.answers.items():
        if [(post["thread_id"], post["id"]) for post in by_marker.get(marker, [])] != [(thread_id, post_id)]:
            found.append(f"answer {post_id} ({marker}) was confirmed and is not there")
    return found


async def _marks(ledger: Ledger) -> list[str]:
    """Kudos and solutions are what was confirmed last."""
    rows = await fetch("SELECT member_id, post_id FROM kudos")
    stored = {(row["member_id"], row["post_id"]) for row in rows}
    given = {pair for pair, is_given in ledger.kudos.items() if is_given}
    found = [f"kudos {pair} lost" for pair in given - stored]
    found += [f"kudos {pair} nobody has confirmed" for pair in stored - given]
    rows = await fetch("SELECT thread_id, post_id FROM solutions")
    solutions = {row["thread_id"]: row["post_id"] for row in rows}
    if solutions != ledger.solutions:
        found.append(f"solutions are {solutions}, confirmed were {ledger.solutions}")
    return found


async def _half_done() -> list[str]:
    """Nothing is half done: a thread has one opening, every post its fact, every fact its post."""
    rows = await fetch(
        """SELECT t.id, (SELECT COUNT(*) FROM posts p WHERE p.thread_id = t.id AND p.kind = 'opening') AS openings
        FROM threads t"""
    )
    found = [f"thread {row['id']} has {row['openings']} openings" for row in rows if row["openings"] != 1]
    facts = await fetch(
        "SELECT payload FROM outbox_facts WHERE name IN ('thread.started', 'answer.added', 'comment.added')"
    )
    recorded = Counter(as_json(row["payload"])["post_id"] for row in facts)
    posts = Counter(row["id"] for row in await fetch("SELECT id FROM posts"))
    if recorded != posts:
        found.append(
            f"posts without a fact, or facts without a post: {(posts - recorded) | (recorded - posts)}"
        )
    return found


async def _told() -> list[str]:
    """Every follower but the writer has exactly one notification for each answer."""
    told = Counter(
        (row["member_id"], row["post_id"])
        for row in await fetch(
            "SELECT member_id, post_id FROM notifications WHERE kind IN ('answered', 'answered_followed')"
        )
    )
    owed = Counter(
        (row["member_id"], row["id"])
        for row in await fetch(
            """SELECT f.member_id, p.id FROM posts p JOIN follows f ON f.thread_id = p.thread_id
            WHERE p.kind = 'answer' AND f.member_id <> p.author_id"""
        )
    )
    return [f"not told, or told twice: {(told - owed) | (owed - told)}"] if told != owed else []


async def _not_indexed(ledger: Ledger, space_id: int, index: Path) -> list[str]:
    """Every confirmed text is found by its word, in its thread."""
    engine = open_engine("", "", index)
    wanted = {**ledger.threads, **{marker: thread for marker, (thread, _post) in ledger.answers.items()}}
    found = []
    try:
        for marker, thread_id in wanted.items():
            hits = (await engine.search(Query(marker, frozenset({space_id}), limit=3))).hits
            if not any(hit.key == thread_key(thread_id) and marker in hit.passage_html for hit in hits):
                found.append(f"{marker} of thread {thread_id} is not in the index")
    finally:
        await engine.close()
    return found


async def index_differs(index: Path) -> list[str]:
    """The index holds every thread that is not hidden, and no other."""
    engine = open_engine("", "", index)
    spaces = frozenset(row["id"] for row in await fetch("SELECT id FROM spaces"))
    indexed: set[str] = set()
    try:
        while True:
            hits = (
                await engine.search(Query("", spaces, kinds=("thread",), limit=100, offset=len(indexed)))
            ).hits
            indexed |= {hit.key for hit in hits}
            if len(hits) < 100:
                break
    finally:
        await engine.close()
    visible = {thread_key(row["id"]) for row in await fetch("SELECT id FROM threads WHERE hidden_at IS NULL")}
    found = [f"{key} is not in the index" for key in sorted(visible - indexed)]
    return found + [f"{key} is in the index and should not be" for key in sorted(indexed - visible)]

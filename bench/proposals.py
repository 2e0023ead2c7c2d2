"""The first walk of the proposals' finder over a large community: whether it stays flat, in time and in memory.

`python -m bench.proposals [DATABASE_URL]`: as `bench.moderation_log`. The yardstick is the same walk over the first
part of the same community, in the same run: what one solution costs may not grow with how many there are.
"""

from __future__ import annotations

import itertools
import resource
import time
from datetime import timedelta

from bench.alone import run_alone
from bench.texts import Texts

SIZES = (2_500, 5_000, 10_000, 20_000)
AIM = 1.3
"""Times of what a solution costs among the fewest that it may cost among the most."""
WANTED_OF = 20
"""Every so many-th thread has figures that are reason enough."""
BESIDE = 5
"""Threads that the index puts beside each."""
COMMUNITY = 250_000


def most_megabytes() -> int:
    """That this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def fill(space_id: int, texts: Texts, first: int, last: int, before: list[int]) -> None:
    from community.core.clock import now
    from community.core.db import random_id
    from community.core.rows import insert_many
    from community.threads.models import Post, RelatedThread, Solution, Thread

    begun = now() - timedelta(days=700)
    threads, posts, solutions, related = [], [], [], []
    for number in range(first, last):
        at, thread_id = begun + timedelta(seconds=200 * number), random_id()
        asked = texts.title()[:90].rstrip("?")
        title, body = f"Wie finde ich {asked}?", texts.paragraphs[number % len(texts.paragraphs)]
        answers = {"opening": body, "answer": f"Sie finden {asked} im Kundencenter.\n\n{body}"}
        threads.append(
            {
                "id": thread_id,
                "space_id": space_id,
                "title": title,
                "slug": "frage",
                "language": "de",
                "status": "solved",
                "same_problem_count": 5 if number % WANTED_OF == 0 else 0,
                "created_at": at,
                "last_activity_at": at,
            }
        )
        for kind, said in answers.items():
            post_id = random_id()
            common = {"id": post_id, "thread_id": thread_id, "kind": kind, "created_at": at}
            posts.append({**common, "body": said, "body_html": ""})
        solutions.append({"id": random_id(), "thread_id": thread_id, "post_id": post_id, "accepted_at": at})
        related += [
            {
                "id": random_id(),
                "thread_id": thread_id,
                "related_id": other,
                "kind": "similar",
                "position": place,
            }
            for place, other in enumerate(before[-BESIDE:])
        ]
        before.append(thread_id)
    for model, rows in ((Thread, threads), (Post, posts), (Solution, solutions), (RelatedThread, related)):
        for start in range(0, len(rows), 1_000):
            await insert_many(model, rows[start : start + 1_000])


async def measure(url: str) -> float:
    from community.core.clock import now
    from community.core.db import connect, dialect, disconnect, execute
    from community.core.db.migrate import migrate
    from community.proposing.finding import CATCHING_UP_SECONDS, look_at_everything
    from community.spaces.models import Space

    await migrate(url)
    await connect(url)
    try:
        named = {"slug": "space", "name": "Space", "language": "de"}
        space = await Space.create(**named, access="open", kind="questions", created_at=now())
        texts, before, costs = Texts(), [], []
        for have, size in itertools.pairwise((0, *SIZES)):
            await fill(space.id, texts, have, size, before)
            await execute("ANALYZE")
            await execute("DELETE FROM faq_proposal_threads")
            await execute("DELETE FROM faq_proposals")
            cpu, clock, memory = time.process_time(), time.perf_counter(), most_megabytes()
            found = await look_at_everything()
            cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
            memory = most_megabytes() - memory
            costs.append(1_000 * cpu / size)
            print(
                f"{dialect()}: {size:>6,} solutions, {found:>5,} proposals: {costs[-1]:.2f} ms of CPU each "
                f"({1_000 * clock / size:.2f} on the clock), {memory} MB more than before it"
            )
        ratio = costs[-1] / costs[0]
        seconds = costs[-1] * COMMUNITY / 1_000
        hours = seconds / CATCHING_UP_SECONDS / 60
        print(
            f"{ratio:.2f} times as much each among {SIZES[-1]:,} as among {SIZES[0]:,} (aim: at most {AIM}). "
            f"{COMMUNITY:,} at this pace: {seconds / 60:.0f} minutes of CPU, {hours:.1f} hours"
            f" at {CATCHING_UP_SECONDS:.0f} seconds a minute"
        )
        return ratio
    finally:
        await disconnect()


if __name__ == "__main__":
    run_alone(measure, aim=AIM)

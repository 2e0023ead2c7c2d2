"""Choosing among the threads of a space of 100,000, beside one of a thousand: what the list for staff costs.

`python -m bench.many [DATABASE_URL]`: as `bench.moderation_log`.
"""

from __future__ import annotations

from datetime import timedelta

from bench.alone import run_alone
from bench.moderation_log import ROUNDS, timed

LARGE, SMALL = 100_000, 1_000
AIM = 2.0
"""Times of what the list of the small space costs that the list of the large one may cost at most."""


async def fill(space_id: int, threads: int) -> None:
    from community.core.clock import now
    from community.core.db import random_id
    from community.core.rows import insert_many
    from community.threads.models import Post, Thread

    begun = now() - timedelta(days=700)
    for start in range(0, threads, 1_000):
        made = [
            (random_id(), begun + timedelta(seconds=600 * number)) for number in range(start, start + 1_000)
        ]
        common = {"space_id": space_id, "title": "A question", "slug": "a-question", "language": "en"}
        await insert_many(
            Thread,
            [{**common, "id": each, "created_at": at, "last_activity_at": at} for each, at in made],
        )
        await insert_many(
            Post,
            [
                {
                    "id": random_id(),
                    "thread_id": each,
                    "kind": "opening",
                    "body": "It does not work.",
                    "body_html": "<p>It does not work.</p>",
                    "created_at": at,
                }
                for each, at in made
            ],
        )


async def measure(url: str) -> float:
    from community.core.clock import now
    from community.core.db import connect, dialect, disconnect, execute
    from community.core.db.migrate import migrate
    from community.core.viewer import Role, Viewer
    from community.spaces.models import Space
    from community.threads.many import MOST_AT_ONCE, list_many

    await migrate(url)
    await connect(url)
    try:
        costs = []
        for number, threads in enumerate((SMALL, LARGE)):
            named = {"slug": f"space-{number}", "name": f"Space {number}", "language": "en"}
            space = await Space.create(**named, access="open", kind="questions", created_at=now())
            await fill(space.id, threads)
            await execute("ANALYZE")
            viewer = Viewer(id=1, role=Role.MODERATOR, readable_space_ids=(space.id,))
            assert len(await list_many(viewer, space_id=space.id)) == MOST_AT_ONCE

            async def look(viewer: Viewer = viewer, space_id: int = space.id) -> None:
                await list_many(viewer, space_id=space_id)

            costs.append(await timed(look, ROUNDS))
        ratio = costs[1][0] / costs[0][0]
        print(
            f"{dialect()}: the {MOST_AT_ONCE} newest of {LARGE:,} threads in {costs[1][0]:.1f} ms of CPU "
            f"({costs[1][1]:.1f} on the clock), {ratio:.1f} times that of {SMALL:,} (aim: at most {AIM})"
        )
        return ratio
    finally:
        await disconnect()


if __name__ == "__main__":
    run_alone(measure, aim=AIM)

"""The queue of staff at ten thousand items: what its page costs beside that of a queue that fits on one page.

`python -m bench.queue`: in this process, on a database of its own, by CPU time, which is steady on a busy machine.
The cost of an item that nobody sees is what the ratio shows; whatever every page costs stands in both.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from bench.alone import run_alone

LARGE, SMALL = 10_000, 30
ROUNDS = 30
AIM = 2.5
"""Times of the list of the small queue that the list of the large one may cost at most."""


async def measure(url: str) -> float:
    from community.core.clock import now
    from community.core.db import connect, disconnect, random_id
    from community.core.db.migrate import migrate
    from community.core.rows import insert_many
    from community.core.viewer import Role, Viewer
    from community.decisions.models import WorkItem, WorkKind
    from community.moderation.queue import PAGE, Wanted, count_work, list_work

    await migrate(url)
    await connect(url)
    try:
        viewer = Viewer(id=1, role=Role.MODERATOR, readable_space_ids=tuple(range(1, 41)))
        costs, begun = {}, now() - timedelta(days=60)
        for size in (SMALL, LARGE):
            await insert_many(
                WorkItem,
                [
                    {
                        "id": random_id(),
                        "kind": str(list(WorkKind)[number % len(WorkKind)]),
                        "subject": f"post:{size}{number:06}",
                        "space_id": number % 41,
                        "since": begun + timedelta(minutes=number),
                        "soon_at": begun + timedelta(minutes=number, hours=4),
                        "due_at": begun + timedelta(minutes=number, hours=24),
                    }
                    for number in range(size)
                ],
            )
            lists, counts = [], []
            for number in range(ROUNDS):
                wanted = Wanted(("all", "unclaimed", "late")[number % 3])
                before = time.process_time()
                rows = await list_work(viewer, wanted, size=PAGE + 1)
                await list_work(viewer, wanted, after=rows[-1].cursor)
                between = time.process_time()
                await count_work(viewer)
                lists.append(1_000 * (between - before))
                counts.append(1_000 * (time.process_time() - between))
            costs[size] = statistics.median(lists), statistics.median(counts)
        ratio = costs[LARGE][0] / costs[SMALL][0]
        verdict = "reached" if ratio <= AIM else "missed"
        print(
            f"The queue at {LARGE:,} items: two parts of it in {costs[LARGE][0]:.1f} ms of CPU, {ratio:.1f} times "
            f"that at {SMALL} items (aim: at most {AIM}, {verdict}); all counts in {costs[LARGE][1]:.1f} ms"
        )
        return ratio
    finally:
        await disconnect()


if __name__ == "__main__":
    run_alone(measure, aim=AIM)

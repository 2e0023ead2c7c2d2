"""The moderation log at 100,000 entries: what checking its chain costs, and what its filters cost.

`python -m bench.moderation_log [DATABASE_URL]`: in this process, on a database that is empty at the beginning;
without an address in a SQLite file of its own. CPU time is that of this process: with SQLite all of it, with
PostgreSQL without the server, so the time on the clock stands beside it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bench.alone import run_alone

ENTRIES = 100_000
ROUNDS = 9
AIM = 50
"""Milliseconds of CPU that a part of the log may cost, however it is narrowed down."""

ACTS = (
    "hide_post",
    "restore_post",
    "lock_thread",
    "move_thread",
    "uphold_flags",
    "dismiss_flags",
    "release_text",
)


async def fill() -> None:
    """Entries of two years by twelve people of staff in forty spaces; one in a thousand names something rare."""
    from community.core.clock import now
    from community.core.rows import insert_many
    from community.decisions.models import LogEntry

    begun = now() - timedelta(days=730)
    for start in range(0, ENTRIES, 1_000):
        await insert_many(
            LogEntry,
            [
                {
                    "at": begun + timedelta(seconds=number * 630),
                    "actor_id": 1 + number % 12,
                    "actor_name": f"Staff {number % 12}",
                    "act": "change_role" if number % 1_000 == 0 else ACTS[number % len(ACTS)],
                    "subject": f"post:{number // 3}",
                    "space_id": 1 + number % 40,
                    "reason": f"{'Quixotic e' if number % 1_000 == 7 else 'E'}ntry {number} in the right place.",
                    "details": {"number": number},
                }
                for number in range(start, start + 1_000)
            ],
        )


async def timed(work: Callable[[], Awaitable[object]], rounds: int = 1) -> tuple[float, float]:
    """Milliseconds of CPU and on the clock; the medians of these rounds."""
    spent = []
    for _ in range(rounds):
        clock, cpu = time.perf_counter(), time.process_time()
        await work()
        spent.append((1_000 * (time.process_time() - cpu), 1_000 * (time.perf_counter() - clock)))
    return statistics.median(each[0] for each in spent), statistics.median(each[1] for each in spent)


async def measure(url: str) -> float:
    from community.core.clock import now
    from community.core.db import connect, dialect, disconnect, execute
    from community.core.db.migrate import migrate
    from community.core.viewer import Role, Viewer
    from community.decisions.chain import link_older_entries
    from community.decisions.queries import LogChoice, list_log
    from community.decisions.verification import verify_log

    await migrate(url)
    await connect(url)
    try:
        await fill()
        print(f"{dialect()}, {ENTRIES:,} entries: milliseconds of CPU, and on the clock")
        print("  taking all into the chain  {:9.0f} {:9.0f}".format(*await timed(link_older_entries)))
        await execute("ANALYZE")
        print("  checking the chain         {:9.0f} {:9.0f}".format(*await timed(verify_log)))
        report = await verify_log()
        assert (report.checked, report.wrong, report.seal_fits) == (ENTRIES, [], True), report
        staff = Viewer(id=1, role=Role.MODERATOR, readable_space_ids=tuple(range(1, 31)))
        head = Viewer(id=2, role=Role.ADMINISTRATOR, readable_space_ids=tuple(range(1, 41)))
        day = (now() - timedelta(days=400)).date()
        choices = {
            "everything": LogChoice(),
            "one act": LogChoice(act="lock_thread"),
            "a rare act": LogChoice(act="change_role"),
            "one person": LogChoice(actor_id=5),
            "one space": LogChoice(space_id=7),
            "one post": LogChoice(subject="post:77"),
            "a day": LogChoice(first=day, last=day),
            "person, act, month": LogChoice(
                actor_id=5, act="hide_post", first=day, last=day + timedelta(days=30)
            ),
            "words, often": LogChoice(words="right place"),
            "words, seldom": LogChoice(words="quixotic"),
            "words, never": LogChoice(words="zanzibar"),
        }
        worst = 0.0
        for name, choice in choices.items():
            for who, viewer in (("moderator", staff), ("administrator", head)):

                async def look(viewer: Viewer = viewer, choice: LogChoice = choice) -> None:
                    await list_log(viewer, choice=choice, size=51)

                cost = await timed(look, ROUNDS)
                worst = max(worst, cost[0])
                print(f"  {name:<18} {who:<13} {cost[0]:9.1f} {cost[1]:9.1f}")
        return worst
    finally:
        await disconnect()


if __name__ == "__main__":
    run_alone(measure, aim=AIM)

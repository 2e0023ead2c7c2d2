"""Search as you type, keystroke by keystroke, in this process: `python -m bench.instant PLAN`, with the environment
of a community.

Each word of the plan is typed letter by letter, with a slip now and then, by members and guests. What is measured is
what the server does for one keystroke, from the request to the bytes of the answer: by the clock, and in CPU time of
the process, which is the same on a quiet machine and steadier on a busy one.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote_plus

import httpx2

from bench.communities import VAR, Community
from community.app import create_app
from community.core.db import connect, disconnect
from community.settings import settings

QUERIES = 60
FEWEST_LETTERS = 2
SLIPS = 0.15
"""Share of the texts in which two letters change places."""
AIM = 30.0
"""Milliseconds that 95 of 100 keystrokes take at most, at 100,000 threads."""


def keystrokes(queries: list[str]) -> list[str]:
    """What stands in the field after each letter."""
    chance, typed = random.Random(3), []
    for query in queries:
        text = query
        if chance.random() < SLIPS and len(text) > 5:
            at = chance.randrange(2, len(text) - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        typed += [text[:length] for length in range(FEWEST_LETTERS, len(text) + 1)]
    return typed


async def measure(plan: Path) -> dict[str, float]:
    wanted = json.loads(plan.read_text("utf-8"))
    await connect(settings.database_url)
    app = create_app(connect_database=False)
    clock, cpu = [], []
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        texts = keystrokes(wanted["queries"][:QUERIES])
        for number, text in enumerate([*texts[:50], *texts]):
            headers = {"Accept-Language": "de", "HX-Request": "true"}
            if number % 3:
                headers["Cookie"] = f"session={wanted['tokens'][number % len(wanted['tokens'])]}"
            began, spent = time.perf_counter(), time.process_time()
            (
                await client.get(f"/search/suggestions?q={quote_plus(text)}", headers=headers)
            ).raise_for_status()
            if number >= 50:  # The first ones warm up.
                clock.append(1000 * (time.perf_counter() - began))
                cpu.append(1000 * (time.process_time() - spent))
    await disconnect()
    return {
        "keystrokes": len(clock),
        **{f"clock_{name}": value for name, value in _cuts(clock).items()},
        **{f"cpu_{name}": value for name, value in _cuts(cpu).items()},
    }


def _cuts(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


def run(community: Community) -> str:
    """Measure in a process of its own and say it in a line."""
    command = [sys.executable, "-m", "bench.instant", str(community.folder / "plan.json")]
    done = subprocess.run(
        command, env=community.environment(8000), cwd=VAR.parent.parent, check=True, capture_output=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    verdict = "reached" if found["cpu_p95"] <= AIM else "missed"
    return (
        f"Search as you type, {found['keystrokes']:.0f} keystrokes: p50 {found['clock_p50']} ms, "
        f"p95 {found['clock_p95']} ms by the clock; p50 {found['cpu_p50']} ms, p95 {found['cpu_p95']} ms of CPU "
        f"(aim: {AIM:.0f} ms, {verdict})"
    )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))

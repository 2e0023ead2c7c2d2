"""Web and worker are killed at random moments while people write; nothing that was confirmed may be missing.

Short as part of all tests; `make crash` (CRASH_KILLS=200) goes on for longer.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.crash.crowd import Crowd
from tests.crash.site import Site
from tests.crash.verdict import findings, wait_until_delivered

KILLS = int(os.environ.get("CRASH_KILLS", "6"))


@pytest.mark.timeout(120 + 10 * KILLS)
@pytest.mark.each_database
async def test_what_was_confirmed_survives_kills_and_happens_once(
    fresh_database: str, tmp_path: Path
) -> None:
    site = Site(fresh_database, tmp_path)
    crowd = await Crowd.gather(site)
    try:
        await site.start("worker")
        await site.start("web")
        crowd.start()
        for number in range(KILLS):
            await asyncio.sleep(random.uniform(0.3, 1.5))
            part = random.choice(("web", "worker")) if number > 1 else ("web", "worker")[number]
            await site.kill(part)
            await site.start(part)
        await asyncio.sleep(0.5)
        await asyncio.wait_for(crowd.stop(), 30)
        await wait_until_delivered()
    finally:
        crowd.abandon()
        await site.stop_all()
        print(site.read_log())
    assert site.kills == KILLS
    assert crowd.ledger.confirmed > 10 * KILLS, "nearly nothing was tried"
    assert await findings(crowd, tmp_path / "index") == []
    print(f"{crowd.ledger.confirmed} confirmed, {crowd.ledger.repeats} sent again, {site.kills} kills")

"""Notices and objections that waited before they stood in the queue stand there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.core.db import as_time, execute, fetch
from tests.conftest import MakeDatabase
from tests.databases import Kind
from tests.migrations.steps import migrated_to

BEFORE, AFTER = "0046_keep_drafts_of_edits", "0047_queue_notices_and_appeals"
FIRST = datetime(2026, 3, 4, 15, 30, 12, tzinfo=UTC)


async def fill() -> None:
    """Three notices, of which one is open, and two objections to what was decided about the others."""
    await execute(
        "INSERT INTO members (id, nickname, nickname_key, seed, year_joined) VALUES (1, 'Otter', 'otter', 1, 2026)"
    )
    for number, state in ((21, "open"), (22, "dismissed"), (23, "upheld")):
        await execute(
            """INSERT INTO notices (id, reference, subject, space_id, url, kind, text, reporter_id, nonce, token_hash,
            state, knew_at) VALUES (:id, :name, 'member:77', :space, '/members/x', 'hate', 'x', 1, :name, :name,
            :state, :at)""",
            {
                "id": number,
                "name": f"n{number}",
                "space": None if number == 21 else 8,
                "state": state,
                "at": FIRST + timedelta(hours=number),
            },
        )
        if state != "open":
            await execute(
                """INSERT INTO appeals (id, notice_id, text, filed_at, state)
                VALUES (:id, :notice, 'x', :at, :state)""",
                {
                    "id": 10 + number,
                    "notice": number,
                    "at": FIRST + timedelta(days=3),
                    "state": "open" if number == 22 else "rejected",
                },
            )


@pytest.mark.each_database
async def test_what_waited_stands_in_the_queue_and_leaves_it_on_the_way_back(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    async with migrated_to(url, BEFORE) as go_to:
        await fill()
        await go_to(AFTER)
        items = await fetch("SELECT * FROM work_items ORDER BY since")
        assert [(row["kind"], row["subject"], row["space_id"], row["not_for"]) for row in items] == [
            ("notice", "notice:21", 0, 1),
            ("appeal", "appeal:32", 8, None),
        ]
        times = [[as_time(row[name]) for name in ("since", "soon_at", "due_at")] for row in items]
        assert times[0] == [FIRST + timedelta(hours=hours) for hours in (21, 25, 45)]
        assert times[1] == [FIRST + timedelta(days=days) for days in (3, 6, 10)]
        bars = await fetch("SELECT item_id, member_id FROM work_bars")
        assert [(bar["item_id"], bar["member_id"]) for bar in bars] == [(items[0]["id"], 77)]
        await go_to(BEFORE)
        assert await fetch("SELECT id FROM work_items") == []

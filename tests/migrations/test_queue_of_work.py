"""What waited in the queue before there was one table for it waits on, with whoever was on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.core.db import as_time, execute, fetch
from tests.conftest import MakeDatabase
from tests.databases import Kind
from tests.migrations.steps import migrated_to

BEFORE, AFTER = "0028_warn_of_gaming", "0029_queue_of_work"
FIRST = datetime(2026, 3, 4, 15, 30, 12, tzinfo=UTC)


async def fill() -> None:
    """Three posts: one flagged twice with somebody on it, one whose flag is decided, one that nobody is on."""
    for member in (1, 2):
        await execute(
            "INSERT INTO members (id, nickname, nickname_key, seed, year_joined) VALUES (:id, :name, :name, 1, 2026)",
            {"id": member, "name": f"Otter-{member}"},
        )
    await execute(
        """INSERT INTO spaces (id, slug, name, kind, access, created_at)
        VALUES (9, 's', 'S', 'questions', 'open', :at)""",
        {"at": FIRST},
    )
    await execute(
        """INSERT INTO threads (id, space_id, author_id, title, slug, created_at, last_activity_at)
        VALUES (5, 9, 1, 'T', 't', :at, :at)""",
        {"at": FIRST},
    )
    for post in (11, 12, 13):
        await execute(
            """INSERT INTO posts (id, thread_id, author_id, kind, body, body_html, created_at)
            VALUES (:id, 5, 1, 'answer', 'x', 'x', :at)""",
            {"id": post, "at": FIRST},
        )
    flags = ((21, 11, "open", 0), (22, 11, "open", 3), (23, 12, "upheld", 0), (24, 13, "open", 5))
    for flag, post, state, hours in flags:
        await execute(
            """INSERT INTO flags (id, post_id, reporter_id, reason, note, state, created_at)
            VALUES (:id, :post, 2, 'other', '', :state, :at)""",
            {"id": flag, "post": post, "state": state, "at": FIRST + timedelta(hours=hours)},
        )
    await execute("INSERT INTO claims (item, member_id, claimed_at) VALUES ('post:11', 2, :at)", {"at": FIRST})


@pytest.mark.each_database
async def test_open_flags_and_claims_are_carried_over_and_back(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    url = await make_database(database_kind, migrated=False)
    async with migrated_to(url, BEFORE) as go_to:
        await fill()
        await go_to(AFTER)
        items = await fetch("SELECT * FROM work_items ORDER BY due_at")
        assert [(row["kind"], row["subject"], row["space_id"], row["not_for"]) for row in items] == [
            ("flag", "post:11", 9, 1),
            ("flag", "post:13", 9, 1),
        ]
        assert [row["claimed_by"] for row in items] == [2, None]
        assert as_time(items[0]["claimed_at"]) == FIRST
        times = [[as_time(row[name]) for name in ("since", "soon_at", "due_at")] for row in items]
        assert times[0] == [FIRST, FIRST + timedelta(hours=4), FIRST + timedelta(hours=24)]
        assert times[1][0] == FIRST + timedelta(hours=5)
        await go_to(BEFORE)
        claims = await fetch("SELECT item, member_id FROM claims")
        assert [tuple(dict(row).values()) for row in claims] == [("post:11", 2)]

"""Texts that waited before they stood in the queue stand there, in the space in which their thread is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.core.db import as_time, execute, fetch
from tests.conftest import MakeDatabase
from tests.databases import Kind
from tests.migrations.steps import migrated_to

BEFORE, AFTER = "0043_keep_canned_answers", "0044_queue_waiting_texts"
FIRST = datetime(2026, 3, 4, 15, 30, 12, tzinfo=UTC)


async def fill() -> None:
    """An answer whose thread was moved since, a refused one, and a new thread."""
    await execute(
        "INSERT INTO members (id, nickname, nickname_key, seed, year_joined) VALUES (1, 'Otter', 'otter', 1, 2026)"
    )
    for space in (8, 9):
        await execute(
            """INSERT INTO spaces (id, slug, name, kind, access, created_at)
            VALUES (:id, :slug, 'S', 'questions', 'open', :at)""",
            {"id": space, "slug": f"s{space}", "at": FIRST},
        )
    await execute(
        """INSERT INTO threads (id, space_id, author_id, title, slug, created_at, last_activity_at)
        VALUES (5, 9, 1, 'T', 't', :at, :at)""",
        {"at": FIRST},
    )
    for number, state, thread in ((21, "waiting", 5), (22, "refused", 5), (23, "waiting", None)):
        await execute(
            """INSERT INTO waiting_texts (id, kind, why, hits, state, space_id, thread_id, author_id, body, writers,
            submitted_at) VALUES (:id, :kind, 'held', '[]', :state, 8, :thread, 1, 'x', '[1]', :at)""",
            {
                "id": number,
                "kind": "answer" if thread else "thread",
                "state": state,
                "thread": thread,
                "at": FIRST + timedelta(hours=number),
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
            ("text", "text:21", 9, 1),
            ("text", "text:23", 8, 1),
        ]
        times = [as_time(items[0][name]) for name in ("since", "soon_at", "due_at")]
        assert times == [FIRST + timedelta(hours=hours) for hours in (21, 25, 45)]
        await go_to(BEFORE)
        assert await fetch("SELECT id FROM work_items") == []

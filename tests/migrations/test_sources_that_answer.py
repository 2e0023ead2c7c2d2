"""What answered, of the sources that entries had before it was noted; a merge makes an answer of a question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.core.db import execute, fetch
from tests.conftest import MakeDatabase
from tests.databases import Kind
from tests.migrations.steps import migrated_to

BEFORE, AFTER = "0071_keep_similar_entries", "0072_note_what_answers"
NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)
KEPT, MERGED = 21, 22
"""Threads: one as it was, and one whose question and answer stand in it since a merge."""
SOURCES = {41: (KEPT, KEPT, "opening"), 42: (KEPT, KEPT, "answer"), 43: (KEPT, MERGED, "answer")}
"""By post: where it stands, where it stood when the entry was made, and what it is."""


async def fill() -> None:
    """Post 43 opened the thread that was merged; post 44 answered there."""
    await execute(
        """INSERT INTO spaces (id, slug, name, kind, access, created_at)
        VALUES (1, 's', 'S', 'questions', 'open', :at)""",
        {"at": NOON},
    )
    for thread, hours in ((KEPT, 0), (MERGED, 1)):
        await execute(
            """INSERT INTO threads (id, space_id, title, slug, created_at, last_activity_at)
            VALUES (:id, 1, 'T', 't', :at, :at)""",
            {"id": thread, "at": NOON + timedelta(hours=hours)},
        )
    await execute(
        """INSERT INTO faq_entries (id, state, question, short_answer, steps, valid_for, created_at, edited_at, slug,
        published_question, published_short_answer, published_steps, published_html, published_valid_for)
        VALUES (31, 'draft', 'Q', 'A', '', '', :at, :at, 'q', '', '', '', '', '')""",
        {"at": NOON},
    )
    for post, (stands, stood, kind) in (SOURCES | {44: (KEPT, MERGED, "answer")}).items():
        hours = {41: 0, 42: 2, 43: 1, 44: 3}[post]
        await execute(
            """INSERT INTO posts (id, thread_id, kind, body, body_html, created_at)
            VALUES (:id, :thread, :kind, 'B', 'B', :at)""",
            {"id": post, "thread": stands, "kind": kind, "at": NOON + timedelta(hours=hours)},
        )
        await execute(
            """INSERT INTO faq_sources (id, entry_id, post_id, thread_id, checked_thread_id, fingerprint)
            VALUES (:id, 31, :id, :thread, :stood, 'x')""",
            {"id": post, "thread": stands, "stood": stood},
        )


@pytest.mark.each_database
async def test_whoever_asked_in_a_thread_that_was_merged_has_not_answered(
    database_kind: Kind, make_database: MakeDatabase
) -> None:
    async with migrated_to(await make_database(database_kind, migrated=False), BEFORE) as go_to:
        await fill()
        await go_to(AFTER)
        rows = await fetch("SELECT post_id FROM faq_sources WHERE is_answer ORDER BY post_id")
        assert [row["post_id"] for row in rows] == [42, 44]

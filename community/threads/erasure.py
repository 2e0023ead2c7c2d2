"""What becomes of a member's threads and posts when the member is erased."""

from __future__ import annotations

from community.core import markdown, outbox
from community.core.clock import now
from community.core.db import execute, fetch
from community.core.text import slug
from community.threads.erased import erased_texts

_THREADS = """(SELECT id FROM threads WHERE author_id = :me UNION SELECT thread_id FROM posts WHERE author_id = :me
UNION SELECT thread_id FROM same_problems WHERE member_id = :me)"""


async def lock_threads_of(member_id: int) -> None:
    """Take the locks of all threads that the member has a part in, before anything else, as every action does."""
    threads = f"SELECT id FROM threads WHERE id IN {_THREADS} ORDER BY id"  # noqa: S608 - constants
    await fetch({"sqlite": threads, "postgresql": f"{threads} FOR NO KEY UPDATE"}, {"me": member_id})


async def leave_threads(member_id: int) -> None:
    """Take back what is a member's own: marks, and with them what they count for. Posts stay.

    Kudos stay as numbers. Called inside the transaction that deletes the member, which empties the authors.
    """
    await execute(
        """UPDATE threads SET same_problem_count = same_problem_count - 1
        WHERE id IN (SELECT thread_id FROM same_problems WHERE member_id = :me)""",
        {"me": member_id},
    )
    await execute("DELETE FROM same_problems WHERE member_id = :me", {"me": member_id})
    # How satisfied somebody was stays as a number, what they wrote about it goes.
    await execute(
        """UPDATE satisfactions SET note = '', mail_due_at = NULL
        WHERE thread_id IN (SELECT id FROM threads WHERE author_id = :me)""",
        {"me": member_id},
    )
    await execute(
        f"UPDATE threads SET version = version + 1 WHERE id IN {_THREADS}",  # noqa: S608 - constants
        {"me": member_id},
    )


async def erase_texts(member_id: int) -> None:
    """Put a short sentence in the place of every text of the member, and forget what it said before.

    Answers of others, and solutions, stay what they are. Called before the member is deleted, in its transaction.
    """
    rows = await fetch(
        """SELECT t.language FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.author_id = :me
        UNION SELECT language FROM threads WHERE author_id = :me""",
        {"me": member_id},
    )
    await execute(
        "DELETE FROM revisions WHERE post_id IN (SELECT id FROM posts WHERE author_id = :me)",
        {"me": member_id},
    )
    await execute(
        "DELETE FROM drafts WHERE place IN (SELECT 'edit:' || id FROM posts WHERE author_id = :me)",
        {"me": member_id},
    )
    await execute(
        "DELETE FROM thread_tags WHERE thread_id IN (SELECT id FROM threads WHERE author_id = :me)",
        {"me": member_id},
    )
    for row in rows:
        await _erase_texts_in(row["language"], member_id)
    threads = await fetch(
        "SELECT DISTINCT thread_id FROM posts WHERE author_id = :me ORDER BY thread_id", {"me": member_id}
    )
    for row in threads:
        await outbox.record("thread.scrubbed", thread_id=row["thread_id"])


async def _erase_texts_in(language: str, member_id: int) -> None:
    texts = erased_texts(language)
    body, title = texts.by_author, texts.title
    given = {"me": member_id, "language": language}
    await execute(
        """UPDATE posts SET body = :body, body_html = :html, render_version = :render, edited_at = NULL,
        erased_at = :now, version = version + 1
        WHERE author_id = :me AND thread_id IN (SELECT id FROM threads WHERE language = :language)""",
        {
            "body": body,
            "html": markdown.render(body),
            "render": markdown.RENDER_VERSION,
            "now": now(),
            **given,
        },
    )
    await execute(
        """UPDATE threads SET title = :title, slug = :slug, tag_names = ''
        WHERE author_id = :me AND language = :language""",
        {"title": title, "slug": slug(title), **given},
    )

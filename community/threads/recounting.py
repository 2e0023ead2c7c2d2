"""`community recount`: every counter is a copy of facts; this brings the copies back in line."""

from __future__ import annotations

from community.core.db import execute, in_transaction
from community.core.site_stamp import raise_site_stamp

_PUBLIC_POSTS = """FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
  WHERE p.author_id = members.id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND s.access <> 'exclusive'"""

# Table, and for each column what the facts say.
COUNTERS: dict[str, dict[str, str]] = {
    "posts": {"kudos_count": "(SELECT COUNT(*) FROM kudos k WHERE k.post_id = posts.id)"},
    "threads": {
        "kudos_count": """COALESCE((SELECT p.kudos_count FROM posts p
          WHERE p.thread_id = threads.id AND p.kind = 'opening'), 0)""",
        "same_problem_count": "(SELECT COUNT(*) FROM same_problems x WHERE x.thread_id = threads.id)",
        "answer_count": """(SELECT COUNT(*) FROM posts p
          WHERE p.thread_id = threads.id AND p.kind = 'answer' AND p.hidden_at IS NULL)""",
        "status": """CASE WHEN EXISTS (SELECT 1 FROM solutions x WHERE x.thread_id = threads.id) THEN 'solved'
          WHEN EXISTS (SELECT 1 FROM posts p WHERE p.thread_id = threads.id AND p.kind = 'answer'
                       AND p.hidden_at IS NULL) THEN 'open' ELSE 'unanswered' END""",
    },
    "spaces": {
        "thread_count": "(SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL)",
        "solved_count": """(SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL
          AND t.status = 'solved')""",
    },
    "members": {
        "kudos_count": f"COALESCE((SELECT SUM(p.kudos_count) {_PUBLIC_POSTS}), 0)",
        "solution_count": f"""(SELECT COUNT(*) {_PUBLIC_POSTS}
          AND EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id))""",  # noqa: S608 - constants
    },
}


async def recount() -> int:
    """Bring all counters in line and answer the number of rows that were wrong; 0 on a sound database."""
    changed = 0
    async with in_transaction():
        # From the bottom up: kudos of posts first, because threads and members add them up.
        for table, columns in COUNTERS.items():
            settings = ", ".join(f"{column} = {facts}" for column, facts in columns.items())
            wrong = " OR ".join(f"{column} <> {facts}" for column, facts in columns.items())
            version = ", version = version + 1" if table == "threads" else ""
            changed += await execute(f"UPDATE {table} SET {settings}{version} WHERE {wrong}")  # noqa: S608
        if changed:
            await raise_site_stamp()
    return changed

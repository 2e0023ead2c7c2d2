"""That what was decided lies in another space now: with what it is about, so that those who read that see it."""

from __future__ import annotations

from collections.abc import Sequence

from community.core.db import execute
from community.decisions.work import move_work

AT_ONCE = 500


async def move_decided(subjects: Sequence[str], *, to_space: int) -> None:
    """What waits for staff about these things, the statements of reasons and reports about them, and the objections
    to those. In the transaction that moves the things."""
    await move_work(subjects, to_space=to_space)
    for start in range(0, len(subjects), AT_ONCE):
        given = {"space_id": to_space, "subjects": list(subjects[start : start + AT_ONCE])}
        for table in ("statements", "notices"):
            await execute(
                f"UPDATE {table} SET space_id = :space_id WHERE subject IN (:subjects)",  # noqa: S608
                given,
            )
        await execute(
            """UPDATE work_items SET space_id = :space_id WHERE (kind = 'notice' AND subject IN
            (SELECT 'notice:' || n.id FROM notices n WHERE n.subject IN (:subjects)))
            OR (kind = 'appeal' AND subject IN (SELECT 'appeal:' || a.id FROM appeals a
            LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
            WHERE COALESCE(s.subject, n.subject) IN (:subjects)))""",
            given,
        )

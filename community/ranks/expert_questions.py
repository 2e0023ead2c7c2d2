"""Sending a question to an expert of its space (RE-4): few for each question, and few for each expert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.ranks.queries import ExpertLine
from community.sanctions.queries import demand_may_write
from community.threads.models import ThreadStatus
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, ThreadView, author_of

MOST_PER_QUESTION = 3
MOST_PER_EXPERT, PERIOD = 10, timedelta(days=7)
"""So many questions are sent to one expert within the period; then others are offered."""

# Whoever hides their standing is not among them, nor whoever has answered or been asked already. Those who were asked
# least come first, so that not all questions go to the same one.
_ASKABLE = f"""
SELECT f.solutions, {AUTHOR_COLUMNS} FROM (
  SELECT e.member_id,
    (SELECT COUNT(*) FROM posts p JOIN solutions x ON x.post_id = p.id JOIN threads t ON t.id = p.thread_id
     WHERE p.author_id = e.member_id AND p.kind = 'answer' AND t.space_id = e.space_id
     AND p.hidden_at IS NULL AND t.hidden_at IS NULL) AS solutions,
    (SELECT COUNT(*) FROM expert_questions q WHERE q.member_id = e.member_id AND q.asked_at > :since) AS asked
  FROM experts e WHERE e.space_id = :space_id AND (e.expires_at IS NULL OR e.expires_at > :now)) AS f
JOIN members m ON m.id = f.member_id
WHERE m.erased_at IS NULL AND m.hides_ranks = :no AND m.role = 'customer' AND m.id <> :asker AND m.id <> :by
AND f.asked < :most {{one}}
AND NOT EXISTS (SELECT 1 FROM expert_questions q WHERE q.thread_id = :thread_id AND q.member_id = m.id)
AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.thread_id = :thread_id AND p.author_id = m.id
  AND p.kind = 'answer' AND p.hidden_at IS NULL)
ORDER BY f.asked, f.solutions DESC, m.nickname_key LIMIT 20
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class AskedExpert:
    author: AuthorRow
    asked_at: datetime


async def list_askable(thread: ThreadView, *, by: int) -> list[ExpertLine]:
    """The experts to whom this question can be sent now."""
    rows = await _askable(thread, by=by)
    return [ExpertLine(author, row["solutions"]) for row in rows if (author := author_of(row))]


async def _askable(thread: ThreadView, *, by: int, nickname: str | None = None) -> Sequence[Row]:
    moment = now()
    return await fetch(
        _ASKABLE.format(one="" if nickname is None else "AND m.nickname = :nickname"),
        {
            "thread_id": thread.id,
            "space_id": thread.space_id,
            "asker": thread.author_id or 0,
            "by": by,
            "since": moment - PERIOD,
            "now": moment,
            "most": MOST_PER_EXPERT,
            "no": False,
            "nickname": nickname,
        },
    )


async def list_asked(thread: ThreadView) -> list[AskedExpert]:
    """To whom this question was sent, the first one first. Whoever hides their standing since is not named."""
    rows = await fetch(
        f"""SELECT q.asked_at, {AUTHOR_COLUMNS} FROM expert_questions q JOIN members m ON m.id = q.member_id
        WHERE q.thread_id = :id AND m.erased_at IS NULL AND m.hides_ranks = :no
        ORDER BY q.asked_at, q.id""",  # noqa: S608 - constants
        {"id": thread.id, "no": False},
    )
    asked = []
    for row in rows:
        author, at = author_of(row), as_time(row["asked_at"])
        if author and at:
            asked.append(AskedExpert(author, at))
    return asked


async def count_asked(thread_id: int) -> int:
    row = await fetch_one(
        "SELECT COUNT(*) AS n FROM expert_questions WHERE thread_id = :id", {"id": thread_id}
    )
    return int(row["n"]) if row else 0


async def has_askable_experts(space_id: int) -> bool:
    """Whether a space has an expert who shows it."""
    row = await fetch_one(
        """SELECT 1 AS found FROM experts e JOIN members m ON m.id = e.member_id
        WHERE e.space_id = :space_id AND (e.expires_at IS NULL OR e.expires_at > :now)
        AND m.erased_at IS NULL AND m.hides_ranks = :no AND m.role = 'customer' LIMIT 1""",
        {"space_id": space_id, "now": now(), "no": False},
    )
    return row is not None


async def ask_expert(thread: ThreadView, nickname: str, *, by: int) -> None:
    """Send the question to an expert of its space.

    Whoever cannot be asked (no expert, hides it, was asked too often …) is refused in the same words, so that nobody
    learns by trying who hides what.
    """
    async with in_transaction():
        # Whoever sends the same question to another expert at this moment waits here, so that none is over the bound.
        row = "SELECT status, locked_at, hidden_at FROM threads WHERE id = :id"
        rows = await fetch({"sqlite": row, "postgresql": f"{row} FOR NO KEY UPDATE"}, {"id": thread.id})
        if not rows or rows[0]["locked_at"] is not None or rows[0]["hidden_at"] is not None:
            raise RuleBroken(_("This question cannot be answered any more."))
        if rows[0]["status"] == ThreadStatus.SOLVED:
            raise RuleBroken(_("This question is solved already."))
        await demand_may_write(by, thread.space_id)
        if await count_asked(thread.id) >= MOST_PER_QUESTION:
            raise RuleBroken(_("This question has been sent to as many experts as possible."))
        experts = await _askable(thread, by=by, nickname=nickname)
        if not experts:
            raise RuleBroken(_("This member cannot be asked at the moment. Please choose somebody else."))
        given = {"id": random_id(), "thread_id": thread.id, "member_id": experts[0]["member_id"]}
        await execute(
            """INSERT INTO expert_questions (id, thread_id, member_id, asked_by_id, asked_at)
            VALUES (:id, :thread_id, :member_id, :by, :now)""",
            {**given, "by": by, "now": now()},
        )
        await outbox.record("expert.asked", thread_id=thread.id, member_id=given["member_id"], by=by)


async def is_still_asked(thread_id: int, member_id: int) -> bool:
    """Whether it makes sense to tell: still an expert who shows it, and the question still waits."""
    row = await fetch_one(
        """SELECT 1 AS found FROM expert_questions q JOIN threads t ON t.id = q.thread_id
        JOIN members m ON m.id = q.member_id JOIN experts e ON e.member_id = m.id AND e.space_id = t.space_id
        WHERE q.thread_id = :thread_id AND q.member_id = :member_id AND t.hidden_at IS NULL
        AND t.locked_at IS NULL AND t.status <> 'solved' AND m.erased_at IS NULL AND m.hides_ranks = :no
        AND (e.expires_at IS NULL OR e.expires_at > :now)""",
        {"thread_id": thread_id, "member_id": member_id, "no": False, "now": now()},
    )
    return row is not None

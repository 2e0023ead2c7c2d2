"""Reminding the asker of an answered question that they have yet to say whether it is solved: twice, each once.

A question has at most one row. It is planned when an answer comes (`plan`, a consequence), so that looking for what
is due costs the same however many threads there are, and threads that were imported remind nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts.links import Purpose, hash_of, new_nonce, token_of
from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, in_transaction, random_id
from community.core.vault_keys import token_hash

REMIND_AFTER = (timedelta(days=3), timedelta(days=10))
"""Since the newest visible answer by somebody else: who still gets answers has somebody to talk to."""
RECENT = timedelta(days=60)
"""Nobody is reminded of what was answered longer ago, however it came to be open again."""
LINK_LASTS = timedelta(days=60)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answered, unsolved question that can be seen and worked on, and since when it waits for its asker."""

    thread_id: int
    asker_id: int
    space_id: int
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class AskerAnswer:
    """An answer that could be the solution, for the list from which the asker chooses."""

    id: int
    nickname: str
    """Empty for a former member."""
    body_html: str
    created_at: datetime


async def find_waiting(thread_id: int) -> Waiting | None:
    """The question as waiting for its asker; None if it is solved, hidden, locked, unanswered or nobody's."""
    rows = await fetch(
        """SELECT t.id AS thread_id, t.author_id AS asker_id, t.space_id, MAX(p.created_at) AS answered_at
        FROM threads t JOIN spaces s ON s.id = t.space_id JOIN posts p ON p.thread_id = t.id
        WHERE t.id = :id AND s.kind = 'questions' AND t.status = 'open' AND t.hidden_at IS NULL
        AND t.locked_at IS NULL AND t.author_id IS NOT NULL AND p.kind = 'answer' AND p.hidden_at IS NULL
        AND (p.author_id IS NULL OR p.author_id <> t.author_id) GROUP BY t.id, t.author_id, t.space_id""",
        {"id": thread_id},
    )
    for row in rows:
        answered_at = as_time(row["answered_at"])
        assert answered_at is not None  # noqa: S101 - of a post, never empty
        return Waiting(row["thread_id"], row["asker_id"], row["space_id"], answered_at)
    return None


async def plan(thread_id: int, *, since: datetime | None = None) -> None:
    """Note when the asker is reminded next, counted from the newest answer, or from `since` if that is later."""
    waiting = await find_waiting(thread_id)
    if waiting is None or waiting.answered_at < now() - RECENT:
        await execute("UPDATE reminders SET due_at = NULL WHERE thread_id = :id", {"id": thread_id})
        return
    rows = await fetch("SELECT sent_count FROM reminders WHERE thread_id = :id", {"id": thread_id})
    sent = int(rows[0]["sent_count"]) if rows else 0
    if sent >= len(REMIND_AFTER):
        return
    nonce = new_nonce()
    await execute(
        """INSERT INTO reminders (id, thread_id, due_at, nonce, token_hash)
        VALUES (:id, :thread_id, :due_at, :nonce, :hash)
        ON CONFLICT (thread_id) DO UPDATE SET due_at = excluded.due_at""",
        {
            "id": random_id(),
            "thread_id": thread_id,
            "due_at": max(waiting.answered_at, since or waiting.answered_at) + REMIND_AFTER[sent],
            "nonce": nonce,
            "hash": hash_of(Purpose.REMINDER, nonce),
        },
    )


async def send_due_reminders() -> None:
    """Record what is due, in bounded batches. Of two workers, or after a crash, each reminder is recorded once."""
    while True:
        rows = await fetch(
            """SELECT id, thread_id, sent_count, due_at FROM reminders WHERE due_at <= :now
            ORDER BY due_at, id LIMIT :size""",
            {"now": now(), "size": AT_ONCE},
        )
        for row in rows:
            await _look_at(row)
        if len(rows) < AT_ONCE:
            return


async def _look_at(row: Row) -> None:
    """Send, put off or give up one reminder. The row says whether somebody else has done so meanwhile."""
    sent, due_at, moment = int(row["sent_count"]), as_time(row["due_at"]), now()
    async with in_transaction():
        waiting = await find_waiting(row["thread_id"])
        given = {"id": row["id"], "sent": sent, "due_at": due_at, "now": moment}
        same = "WHERE id = :id AND sent_count = :sent AND due_at = :due_at"
        if waiting is None or waiting.answered_at < moment - RECENT or sent >= len(REMIND_AFTER):
            await execute(f"UPDATE reminders SET due_at = NULL {same}", given)  # noqa: S608 - constants
            return
        due = waiting.answered_at + REMIND_AFTER[sent]
        if due > moment:
            await execute(f"UPDATE reminders SET due_at = :later {same}", {**given, "later": due})  # noqa: S608
            return
        # A worker that comes late sends the second no sooner after the first than one that is in time.
        later = [moment + after - REMIND_AFTER[sent] for after in REMIND_AFTER[sent + 1 :]]
        changed = await execute(
            f"""UPDATE reminders SET sent_count = sent_count + 1, sent_at = :now, due_at = :later {same}""",  # noqa: S608
            {**given, "later": later[0] if later else None},
        )
        if changed:
            await outbox.record("thread.reminder_due", thread_id=row["thread_id"], number=sent + 1)
            await outbox.record("account.asker_reminded", thread_id=row["thread_id"])


async def find_token(thread_id: int) -> str:
    """The secret part of the link in the mails about a thread."""
    rows = await fetch("SELECT nonce FROM reminders WHERE thread_id = :id", {"id": thread_id})
    return token_of(Purpose.REMINDER, rows[0]["nonce"]) if rows else ""


async def find_thread(token: str) -> Waiting | None:
    """The question a link is about, while it still waits; without using anything up."""
    rows = await fetch(
        "SELECT thread_id FROM reminders WHERE token_hash = :hash AND sent_at > :after",
        {"hash": token_hash(token), "after": now() - LINK_LASTS},
    )
    return await find_waiting(rows[0]["thread_id"]) if rows else None


async def list_answers(waiting: Waiting) -> list[AskerAnswer]:
    """The visible answers by others, newest first."""
    rows = await fetch(
        """SELECT p.id, p.body_html, p.created_at, COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS nickname
        FROM posts p LEFT JOIN members m ON m.id = p.author_id AND m.erased_at IS NULL
        WHERE p.thread_id = :id AND p.kind = 'answer' AND p.hidden_at IS NULL
        AND (p.author_id IS NULL OR p.author_id <> :asker) ORDER BY p.created_at DESC, p.id DESC LIMIT 20""",
        {"id": waiting.thread_id, "asker": waiting.asker_id},
    )
    answers = []
    for row in rows:
        created_at = as_time(row["created_at"])
        assert created_at is not None  # noqa: S101 - never empty
        answers.append(AskerAnswer(row["id"], row["nickname"] or "", row["body_html"], created_at))
    return answers


async def keep_open(thread_id: int) -> None:
    """The asker says that it is not solved: nothing more is sent until another answer comes."""
    await execute("UPDATE reminders SET due_at = NULL WHERE thread_id = :id", {"id": thread_id})

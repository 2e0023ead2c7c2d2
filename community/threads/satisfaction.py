"""Asking the asker of a solved question, once, how satisfied they are with the solution.

Nobody else sees the answer with the thread: administrators get means, and lines without nickname and thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts.links import Purpose, hash_of, new_nonce, token_of
from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.vault_keys import token_hash

RATINGS = (1, 2, 3, 4, 5)
LONGEST_NOTE = 200
MAIL_AFTER = timedelta(days=1)
"""So long the question stands on the thread's page alone."""
LINK_LASTS = timedelta(days=60)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What the asker is asked about a solved question, and what they have answered."""

    id: int
    thread_id: int
    asker_id: int
    space_id: int
    rating: int | None
    note: str
    answered_at: datetime | None


async def ask(thread_id: int, *, ago: timedelta = timedelta()) -> None:
    """Ask about the solution, in the transaction that accepts it (so long `ago`), with the thread's row locked.

    Nothing happens if it was asked since the question was last open: a solution that replaces another asks no more.
    """
    nonce, moment = new_nonce(), now() - ago
    await execute(
        """INSERT INTO satisfactions (id, thread_id, round, asked_at, mail_due_at, nonce, token_hash)
        SELECT :id, t.id, (SELECT COUNT(*) FROM satisfactions x WHERE x.thread_id = t.id), :at, :mail_at,
        :nonce, :hash FROM threads t WHERE t.id = :thread_id AND t.author_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM satisfactions x WHERE x.thread_id = t.id AND x.withdrawn_at IS NULL)""",
        {
            "id": random_id(),
            "thread_id": thread_id,
            "at": moment,
            "mail_at": moment + MAIL_AFTER,
            "nonce": nonce,
            "hash": hash_of(Purpose.SATISFACTION, nonce),
        },
    )


async def withdraw(thread_id: int) -> None:
    """The question is open again, so what was said about its solution counts no more. In the same transaction."""
    await execute(
        """UPDATE satisfactions SET withdrawn_at = :now, mail_due_at = NULL
        WHERE thread_id = :id AND withdrawn_at IS NULL""",
        {"now": now(), "id": thread_id},
    )


async def resume(thread_id: int) -> None:
    """The solution is back that was withdrawn last, and with it what was said about it. In the same transaction."""
    await execute(
        """UPDATE satisfactions SET withdrawn_at = NULL WHERE thread_id = :id AND round =
        (SELECT MAX(x.round) FROM satisfactions x WHERE x.thread_id = :id)""",
        {"id": thread_id},
    )


async def give(asked: Asked, *, rating: int, note: str, ago: timedelta = timedelta()) -> None:
    """Answer, once. The line is cut to `LONGEST_NOTE` characters."""
    if rating not in RATINGS:
        raise RuleBroken(_("Please choose a number from 1 to 5."))
    changed = await execute(
        """UPDATE satisfactions SET rating = :rating, note = :note, answered_at = :now, mail_due_at = NULL
        WHERE id = :id AND answered_at IS NULL AND withdrawn_at IS NULL""",
        {"rating": rating, "note": " ".join(note.split())[:LONGEST_NOTE], "now": now() - ago, "id": asked.id},
    )
    if not changed:
        raise RuleBroken(_("You have answered already, or the question is open again. Thank you."))


async def send_due_questions() -> None:
    """Record the mails that are due, in bounded batches; each once."""
    while True:
        rows = await fetch(
            "SELECT id, thread_id FROM satisfactions WHERE mail_due_at <= :now ORDER BY mail_due_at, id LIMIT :size",
            {"now": now(), "size": AT_ONCE},
        )
        for row in rows:
            async with in_transaction():
                if await execute(
                    "UPDATE satisfactions SET mail_due_at = NULL WHERE id = :id AND mail_due_at IS NOT NULL",
                    {"id": row["id"]},
                ):
                    await outbox.record("account.satisfaction_asked", thread_id=row["thread_id"])
        if len(rows) < AT_ONCE:
            return


_ASKED = """SELECT y.id, y.thread_id, t.author_id AS asker_id, t.space_id, y.rating, y.note, y.answered_at, y.nonce
FROM satisfactions y JOIN threads t ON t.id = y.thread_id
WHERE y.withdrawn_at IS NULL AND t.hidden_at IS NULL AND t.status = 'solved' AND t.author_id IS NOT NULL"""


async def find_asked(thread_id: int) -> Asked | None:
    """What its asker is asked about this thread now."""
    rows = await fetch(f"{_ASKED} AND y.thread_id = :id", {"id": thread_id})
    return _asked(rows[0]) if rows else None


async def find_token(thread_id: int) -> str:
    """The secret part of the link in the mail, while there is something to answer; else empty."""
    rows = await fetch(f"{_ASKED} AND y.thread_id = :id AND y.answered_at IS NULL", {"id": thread_id})
    return token_of(Purpose.SATISFACTION, rows[0]["nonce"]) if rows else ""


async def find_by_token(token: str) -> Asked | None:
    """What a link asks, answered or not; without using anything up."""
    rows = await fetch(
        f"{_ASKED} AND y.token_hash = :hash AND y.asked_at > :after",
        {"hash": token_hash(token), "after": now() - LINK_LASTS},
    )
    return _asked(rows[0]) if rows else None


def _asked(row: Row) -> Asked:
    return Asked(
        id=row["id"],
        thread_id=row["thread_id"],
        asker_id=row["asker_id"],
        space_id=row["space_id"],
        rating=row["rating"],
        note=row["note"],
        answered_at=as_time(row["answered_at"]),
    )

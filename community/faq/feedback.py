"""Did an entry help? One answer for each member, who may change it; guests' answers know nobody.

A guest's answer is named by a number and a sign of ours, so that reasons can be added to it within the hour. The sign
is in the page alone; the database holds nothing by which two answers could be put together.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch_one, in_transaction
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq.rules import LONGEST_REASON, Reason
from community.settings import settings

CHANGEABLE_FOR = timedelta(hours=1)


async def give_feedback(
    entry_id: int, *, helpful: bool, by: Viewer, reason: str = "", reasons: Iterable[str] = ()
) -> int:
    """Count whether an entry helped, and answer the number of the answer. A member's later answer replaces theirs."""
    values = {
        "entry_id": entry_id,
        "member_id": by.id if by.is_member else None,
        "helpful": helpful,
        **_said(helpful, reason, reasons),
        "at": now(),
    }
    async with in_transaction():
        await _lock(entry_id)
        before = None
        if by.is_member:
            before = await fetch_one(
                "SELECT helpful FROM faq_feedback WHERE entry_id = :entry_id AND member_id = :member_id",
                values,
            )
        rows = await execute_returning(
            """INSERT INTO faq_feedback (entry_id, member_id, helpful, reason, reasons, created_at)
            VALUES (:entry_id, :member_id, :helpful, :reason, :reasons, :at)
            ON CONFLICT (entry_id, member_id) DO UPDATE SET helpful = excluded.helpful, reason = excluded.reason,
            reasons = excluded.reasons, created_at = excluded.created_at RETURNING id""",
            values,
        )
        await outbox.record("faq.judged", entry_id=entry_id)
        await _count(entry_id, helpful, 1)
        if before is not None:
            await _count(entry_id, bool(before["helpful"]), -1)
    return int(rows[0]["id"])


async def own_reasons(entry_id: int, by: Viewer) -> tuple[str, frozenset[str]]:
    """What a member has said about an entry: their line, and what they ticked."""
    row = await fetch_one(
        "SELECT reason, reasons FROM faq_feedback WHERE entry_id = :entry_id AND member_id = :member_id",
        {"entry_id": entry_id, "member_id": by.id},
    )
    return (row["reason"], frozenset(row["reasons"].split(","))) if row else ("", frozenset())


async def add_reasons(answer: str, entry_id: int, *, reason: str, reasons: Iterable[str]) -> None:
    """Add to a guest's "no" of this hour why; `answer` is what `sign_answer` made. `NotFound` for any other."""
    digits = answer.partition(".")[0]
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        raise NotFound
    if not hmac.compare_digest(answer.encode(), sign_answer(int(digits)).encode()):
        raise NotFound
    changed = await execute(
        """UPDATE faq_feedback SET reason = :reason, reasons = :reasons WHERE id = :id AND entry_id = :entry_id
        AND member_id IS NULL AND helpful = :no AND created_at > :since""",
        {
            "id": int(digits),
            "entry_id": entry_id,
            "no": False,
            "since": now() - CHANGEABLE_FOR,
            **_said(False, reason, reasons),
        },
    )
    if not changed:
        raise NotFound


def sign_answer(number: int) -> str:
    """What lets whoever gave an answer add to it, and nobody else."""
    said = f"faq feedback {number}"
    sign = hmac.new(settings.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()[:32]
    return f"{number}.{sign}"


def _said(helpful: bool, reason: str, reasons: Iterable[str]) -> dict[str, str]:
    """Reasons belong to a "no"; whoever says that an entry helped may say what was good."""
    ticked = set() if helpful else set(reasons)
    return {
        "reason": reason.strip()[:LONGEST_REASON],
        "reasons": ",".join(each for each in Reason if each in ticked),
    }


async def _lock(entry_id: int) -> None:
    if not await execute("UPDATE faq_entries SET version = version WHERE id = :id", {"id": entry_id}):
        raise NotFound


async def _count(entry_id: int, helpful: bool, by: int) -> None:
    column = "helpful_count" if helpful else "unhelpful_count"
    await execute(
        f"UPDATE faq_entries SET {column} = {column} + :by WHERE id = :id",  # noqa: S608 - two constants
        {"id": entry_id, "by": by},
    )

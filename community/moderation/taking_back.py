"""What a granted appeal does: undo what the statement of reasons is about, as far as nobody has done so meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from community.core.clock import now
from community.core.db import as_json, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.decisions.queries import LogLine, list_entries
from community.moderation import sanctioning
from community.sanctions.actions import PROLONGED
from community.sanctions.queries import SanctionRow, get_sanction
from community.threads import order
from community.waiting.actions import wait_again

ENDS_IN = timedelta(minutes=1)
"""Of a sanction whose earlier end is over by the time that the later one turns out to be wrong."""


async def take_back(act: str, subject: str, *, at: datetime | None, by: Viewer, reason: str) -> None:
    """In the transaction of the appeal; `at` is when it was decided."""
    kind, _colon, text = subject.partition(":")
    number = int(text)
    if kind == "text":
        await wait_again(number, by=by, reason=reason)
    elif kind == "sanction":
        await _take_back_sanction(act, number, at, by, reason)
    elif act == "hide_post" and await _is(
        """SELECT 1 FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = :id
        AND CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END IS NOT NULL""",
        number,
    ):
        await order.restore_post(number, by=by, reason=reason, solution=await _find_solution(number))
    elif act == "lock_thread" and await _is(
        "SELECT 1 FROM threads WHERE id = :id AND locked_at IS NOT NULL", number
    ):
        await order.unlock_thread(number, by=by, reason=reason)


async def _is(statement: str, number: int) -> bool:
    return bool(await fetch(statement, {"id": number}))


async def _find_solution(post_id: int) -> Mapping[str, Any] | None:
    """What hiding the post has noted about the solution that it was."""
    rows = await fetch(
        "SELECT details FROM moderation_log WHERE subject = :post AND act = 'hide_post' ORDER BY id DESC LIMIT 1",
        {"post": f"post:{post_id}"},
    )
    return as_json(rows[0]["details"]).get("solution") if rows else None


# --- sanctions --------------------------------------------------------------------------------------------


async def find_sanctioned(subject: str) -> str:
    """Under which subject the log keeps what happens to a sanction: "member:<id>". Empty for other subjects."""
    kind, _colon, number = subject.partition(":")
    if kind != "sanction":
        return ""
    row = await fetch_one("SELECT member_id FROM sanctions WHERE id = :id", {"id": int(number)})
    return f"member:{row['member_id']}" if row else ""


async def find_sanctioners(sanction_id: int) -> set[int]:
    """Whoever imposed it or changed anything about it, and the member who is under it."""
    row = await fetch_one(
        "SELECT member_id, imposed_by_id, lifted_by_id FROM sanctions WHERE id = :id", {"id": sanction_id}
    )
    if row is None:
        return set()
    entries = await _entries(row["member_id"], sanction_id)
    return {each for each in (*dict(row).values(), *(entry.actor_id for entry in entries)) if each}


async def _entries(member_id: int, sanction_id: int) -> list[LogLine]:
    """What the log says of changes of its end, the newest first."""
    found = await list_entries([f"member:{member_id}"], ["change_sanction"])
    return [entry for entry in found if entry.details.get("sanction") == sanction_id]


async def _take_back_sanction(
    act: str, sanction_id: int, at: datetime | None, by: Viewer, reason: str
) -> None:
    try:
        row = await get_sanction(sanction_id)
    except NotFound:
        return  # It went with its member.
    if row.lifted_at is not None:
        return
    if act != PROLONGED:
        # Also where it has ended: it would count for the next one.
        await sanctioning.lift(sanction_id, reason=reason, by=by, was_wrong=True)
    elif row.holds(now()):
        await _bring_back_end(row, at, by, reason)


async def _bring_back_end(row: SanctionRow, at: datetime | None, by: Viewer, reason: str) -> None:
    """The end before the change that was decided at this moment; what has passed by now ends at once."""
    entries = await _entries(row.member_id, row.id)
    changes = [entry for entry in entries if entry.details.get("ends_before")]
    if not changes or at is None:
        return
    change = min(changes, key=lambda entry: abs(entry.at - at))
    before = datetime.fromisoformat(change.details["ends_before"])
    ends_at = max(before, now() + ENDS_IN)
    if row.ends_at is not None and ends_at < row.ends_at:
        await sanctioning.change(row.id, ends_at=ends_at, reason=reason, by=by)

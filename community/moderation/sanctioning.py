"""Sanctions together with what ends by them: log-ins, links, and the way back under another nickname."""

from __future__ import annotations

from datetime import datetime

from community.accounts import exclusion
from community.core.db import in_transaction
from community.core.errors import authorize
from community.core.viewer import Viewer
from community.moderation.permissions import can_sanction
from community.sanctions import actions
from community.sanctions.actions import Wish
from community.sanctions.rules import SHUTTING_OUT, Kind


async def impose(member_id: int, wish: Wish, *, by: Viewer) -> int:
    """The new sanction's id; from this moment on it holds. Raises RuleBroken, Conflict, NotFound."""
    authorize(can_sanction(by))
    async with in_transaction():
        sanction_id = await actions.impose(member_id, wish, by=by)
        if wish.kind in SHUTTING_OUT:
            await exclusion.shut_out(member_id)
        if wish.kind is Kind.BAN:
            await exclusion.keep_out(member_id)
    return sanction_id


async def change(sanction_id: int, *, ends_at: datetime, reason: str, by: Viewer, seen: str = "") -> None:
    authorize(can_sanction(by))
    await actions.change(sanction_id, ends_at=ends_at, reason=reason, by=by, seen=seen)


async def lift(sanction_id: int, *, reason: str, by: Viewer, seen: str = "", was_wrong: bool = False) -> None:
    """`was_wrong`: an objection to it was right."""
    authorize(can_sanction(by))
    async with in_transaction():
        row = await actions.lift(sanction_id, reason=reason, by=by, seen=seen, was_wrong=was_wrong)
        if row.kind == Kind.BAN:
            await exclusion.let_back(row.member_id)

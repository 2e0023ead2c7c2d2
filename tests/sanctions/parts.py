"""What tests of sanctions begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from community.core.clock import now
from community.members.models import Member
from community.moderation import sanctioning
from community.sanctions.actions import Wish
from community.sanctions.rules import TIMED, Kind
from tests.cast import Cast
from tests.factories import viewer_for

WHY = "Insults in three threads, after a warning."


async def impose(cast: Cast, member: Member, kind: Kind, *, days: float = 3, **wish: Any) -> int:
    """A sanction by the moderator; its id."""
    ends_at = now() + timedelta(days=days) if kind in TIMED else None
    given: dict[str, Any] = {"kind": kind, "reason": WHY, "ends_at": ends_at} | wish
    return await sanctioning.impose(member.id, Wish(**given), by=await viewer_for(cast.moderator))

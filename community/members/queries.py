"""What others may see of a member."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.db import fetch
from community.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Profile:
    """The public side of a member (ID-2)."""

    id: int
    nickname: str
    role: str
    staff_name: str
    staff_field: str
    photo: str
    seed: int
    year_joined: int
    kudos_count: int
    solution_count: int
    hides_ranks: bool


async def get_profile(nickname: str) -> Profile:
    """The member with exactly this nickname; former members have no profile."""
    rows = await fetch(
        """SELECT id, nickname, role, staff_name, staff_field, photo, seed, year_joined, kudos_count,
        solution_count, hides_ranks FROM members WHERE nickname = :nickname AND erased_at IS NULL""",
        {"nickname": nickname},
    )
    if not rows:
        raise NotFound
    return Profile(**{**dict(rows[0]), "hides_ranks": bool(rows[0]["hides_ranks"])})


async def complete_nickname(start: str, size: int = 8) -> list[str]:
    """Nicknames that begin with `start` (at least two letters), for mentions."""
    if len(start) < 2:
        return []
    rows = await fetch(
        """SELECT nickname FROM members WHERE nickname >= :start AND nickname < :end AND erased_at IS NULL
        ORDER BY nickname LIMIT :size""",
        {"start": start, "end": start + "\uffff", "size": size},
    )
    return [row["nickname"] for row in rows]

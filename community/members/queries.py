"""What others may see of a member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.db import fetch
from community.core.errors import NotFound
from community.core.vault_keys import derive_token
from community.settings import settings


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
    points: int
    rank: str
    """Empty below the first one, and for those who hide it."""
    hides_ranks: bool


async def get_profile(nickname: str) -> Profile:
    """The member with exactly this nickname; former members have no profile."""
    rows = await fetch(
        """SELECT id, nickname, role, staff_name, staff_field, photo, seed, year_joined, kudos_count,
        solution_count, points, CASE WHEN hides_ranks = :no THEN
          (SELECT r.name FROM ranks r WHERE r.points <= m.points ORDER BY r.points DESC LIMIT 1) END AS rank,
        hides_ranks FROM members m WHERE nickname = :nickname AND erased_at IS NULL""",
        {"nickname": nickname, "no": False},
    )
    if not rows:
        raise NotFound
    row = rows[0]
    return Profile(**{**dict(row), "rank": row["rank"] or "", "hides_ranks": bool(row["hides_ranks"])})


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


async def is_nickname_taken(nickname_key: str, *, by_others_than: int = 0) -> bool:
    """Whether a member has, or somebody once had, a nickname that looks like this."""
    rows = await fetch(
        """SELECT 1 AS found FROM members WHERE nickname_key = :key AND id <> :id
        UNION ALL SELECT 1 FROM retired_nicknames WHERE nickname_key IN (:retired)""",
        {"key": nickname_key, "id": by_others_than, "retired": [nickname_key, retired_key(nickname_key)]},
    )
    return bool(rows)


def retired_key(nickname_key: str) -> str:
    """Under which a nickname that was given up is remembered: it cannot be read back without SECRET_KEY.

    Rows from before may hold the key itself; whoever looks asks for both.
    """
    return derive_token(settings.secret_key, "retired nickname", nickname_key)


async def list_staff_names() -> tuple[str, ...]:
    """The short real names of all staff: no nickname may look like one of them."""
    rows = await fetch("SELECT staff_name FROM members WHERE staff_name <> '' AND erased_at IS NULL")
    return tuple(row["staff_name"] for row in rows)


async def list_profiles_by_ids(member_ids: Sequence[int]) -> dict[int, str]:
    """Nicknames of those members that are still there."""
    rows = await fetch(
        "SELECT id, nickname FROM members WHERE id IN (:ids) AND erased_at IS NULL", {"ids": list(member_ids)}
    )
    return {row["id"]: row["nickname"] for row in rows}

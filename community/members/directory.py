"""Finding members for administrators: by nickname, never by anything that the vault holds."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.db import fetch
from community.core.nicknames import nickname_key

MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class MemberLine:
    id: int
    nickname: str
    role: str
    staff_name: str
    staff_field: str
    year_joined: int
    kudos_count: int
    solution_count: int


_LINES = """SELECT id, nickname, role, staff_name, staff_field, year_joined, kudos_count, solution_count
FROM members WHERE erased_at IS NULL"""


async def find_members(start: str, size: int = 50) -> list[MemberLine]:
    """Members whose nickname begins like this, spelling aside; the exact one first."""
    key = nickname_key(start)
    if not key:
        return []
    rows = await fetch(
        f"""{_LINES} AND (nickname_key LIKE :pattern OR nickname = :nickname)
        ORDER BY CASE WHEN nickname_key = :key THEN 0 ELSE 1 END, nickname_key LIMIT :size""",
        {"pattern": f"{key}%", "nickname": start.strip(), "key": key, "size": size},
    )
    return [MemberLine(**dict(row)) for row in rows]


async def list_staff(size: int = 200) -> list[MemberLine]:
    """All staff by role and name."""
    rows = await fetch(
        f"{_LINES} AND role <> 'customer' ORDER BY role, staff_name, nickname_key LIMIT :size",
        {"size": size},
    )
    return [MemberLine(**dict(row)) for row in rows]


async def count_members() -> int:
    """Members, counted up to `MOST_COUNTED` and one more: the page costs the same at any size."""
    rows = await fetch(
        f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM members WHERE erased_at IS NULL LIMIT {MOST_COUNTED + 1}) AS m"  # noqa: S608
    )
    return int(rows[0]["n"])

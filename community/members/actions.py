"""What changes about a member's public side."""

from __future__ import annotations

from community.core.db import execute


async def choose_language(member_id: int, code: str) -> None:
    await execute("UPDATE members SET language = :code WHERE id = :id", {"code": code, "id": member_id})


async def choose_mode(member_id: int, mode: str) -> None:
    await execute("UPDATE members SET colour_mode = :mode WHERE id = :id", {"mode": mode, "id": member_id})

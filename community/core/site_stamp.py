"""One number that rises when something changes that many pages show (names, spaces, what is hidden)."""

from __future__ import annotations

from community.core.db import execute


async def raise_site_stamp() -> None:
    """Make every cached guest page stale. Called inside the transaction of the change."""
    await execute("UPDATE site_stamp SET value = value + 1 WHERE id = 1", {})

"""What somebody can do who owns the database."""

from __future__ import annotations

from community.core.db import dialect, execute


async def open_the_gates() -> None:
    """Let the moderation log be changed in place."""
    if dialect() == "postgresql":
        await execute("ALTER TABLE moderation_log DISABLE TRIGGER USER")
        await execute("ALTER TABLE moderation_log_links DISABLE TRIGGER USER")
        return
    for name in ("log_stays", "log_is_kept", "log_links_stay", "log_links_are_kept"):
        await execute(f"DROP TRIGGER IF EXISTS moderation_{name}")

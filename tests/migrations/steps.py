"""A database that is brought to one migration after the other, and looked at in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from community.core.db import connect, disconnect
from community.core.db.migrate import migrate

GoTo = Callable[[str], Awaitable[None]]


@asynccontextmanager
async def migrated_to(url: str, target: str) -> AsyncIterator[GoTo]:
    """Connected to the empty database at `url`, as it is after the migration `target`; what is yielded goes to another."""
    await migrate(url, target=target)
    await connect(url)

    async def go_to(target: str) -> None:
        await disconnect()
        await migrate(url, target=target)
        await connect(url)

    try:
        yield go_to
    finally:
        await disconnect()

"""What nobody posted, and files that have no row: found and removed by the worker."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from anyio.to_thread import run_sync

from community.attachments.actions import discard_unposted
from community.attachments.rules import KEPT_UNPOSTED
from community.attachments.storage import incoming
from community.attachments.stores import storage
from community.core.clock import now
from community.core.db import fetch

AT_ONCE = 500


async def remove_files(names: Sequence[str]) -> None:
    """Remove stored files by the names of their rows, which are gone."""
    await storage().remove([each for name in names for each in (name, f"{name}.small")])


async def forget_unposted() -> None:
    """Take back what lay in a form for a day and was not posted. What waits with a text stays with it."""
    while rows := await fetch(
        f"""SELECT id, member_id FROM attachments WHERE post_id IS NULL AND place NOT LIKE 'text:%'
        AND created_at < :before ORDER BY created_at LIMIT {AT_ONCE}""",  # noqa: S608 - a constant
        {"before": now() - KEPT_UNPOSTED},
    ):
        for row in rows:
            await discard_unposted([row["id"]], by=row["member_id"])


async def sweep_storage() -> None:
    """Remove files that have been stored for a day and have no row: left by what broke off, or by posts that went."""
    before = now() - KEPT_UNPOSTED
    await run_sync(_sweep_incoming, before)
    batch: list[str] = []
    async for name in storage().list_old(before):
        batch.append(name)
        if len(batch) == AT_ONCE:
            await _sweep(batch)
            batch = []
    await _sweep(batch)


async def _sweep(names: list[str]) -> None:
    wanted = list({name.removesuffix(".small") for name in names})
    rows = await fetch(
        "SELECT storage_name FROM attachments WHERE storage_name IN (:names)", {"names": wanted}
    )
    known = {row["storage_name"] for row in rows}
    await storage().remove([name for name in names if name.removesuffix(".small") not in known])


def _sweep_incoming(before: datetime) -> None:
    """What a killed process was receiving."""
    folder = incoming()
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        with suppress(OSError):
            if datetime.fromtimestamp(entry.stat().st_mtime, UTC) < before:
                os.unlink(entry.path)

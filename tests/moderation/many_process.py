"""Hides posts at once, as this member, in a process that a test kills: `many_process MEMBER POST …`."""

from __future__ import annotations

import asyncio
import sys

from community.core.db import connect, disconnect
from community.moderation.bulk import Wish, act_on_many
from community.settings import settings
from community.spaces.queries import load_viewer


async def hide(member_id: int, post_ids: list[int]) -> None:
    await connect(settings.database_url)
    try:
        viewer, _spaces = await load_viewer(member_id)
        await act_on_many(Wish("hide_post", by=viewer, reason="A wave of advertising."), post_ids)
    finally:
        await disconnect()


if __name__ == "__main__":
    member, *posts = map(int, sys.argv[1:])
    asyncio.run(hide(member, posts))

"""Erasing a post for good, with all that hangs on it: what waits to change it, its files, notes of the team."""

from __future__ import annotations

from typing import Any

from community.attachments.actions import erase_attachments_of_posts
from community.core.db import in_transaction
from community.core.viewer import Viewer
from community.decisions.grounds import Ground
from community.moderation.notes import forget_notes_of_post
from community.threads.clearing import clear_post
from community.waiting.following import forget_edits


async def erase_post(post_id: int, *, ground: Ground, by: Viewer, reason: str, **noted: Any) -> None:
    """Erase what a hidden post says, in one transaction, so that nothing can bring it back.

    Its thread is locked first, as by whoever edits the post or lets an edit wait: none can come in between.
    """
    async with in_transaction():
        await clear_post(post_id, ground=ground, by=by, reason=reason, **noted)
        await forget_edits(post_id)
        await erase_attachments_of_posts([post_id])
        await forget_notes_of_post(post_id)

"""Erasing a member (ID-7): at once everything that tells who it was, then every mention by others (`replacing`).

One transaction takes the account out of the vault, the author off every post, and the member out of the community.
Nothing is put in the place of the member: all who have gone are the same "former member".
"""

from __future__ import annotations

from community.accounts.erasure import erase_account
from community.attachments.actions import erase_attachments_of
from community.core import outbox
from community.core.db import execute, fetch, in_transaction
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Role, Viewer
from community.decisions.actions import forget_actor
from community.decisions.statements import forget_member
from community.members.actions import remove_member
from community.moderation.appeals import forget_appellant
from community.moderation.notes import forget_notes_on_posts_of
from community.moderation.notices import forget_reporter
from community.sanctions.actions import forget_sanctions
from community.threads.erasure import erase_texts, leave_threads, lock_threads_of
from community.waiting.following import forget_texts_of


async def erase_member(viewer: Viewer, *, with_texts: bool, language: str) -> None:
    """Erase the viewer. With `with_texts`, what they wrote is erased too.

    Raises RuleBroken for the last administrator; NotFound where it has happened already.
    """
    async with in_transaction():
        await lock_threads_of(viewer.id)
        nickname = await _lock_member(viewer)
        await erase_attachments_of(viewer.id, with_texts=with_texts)
        if with_texts:
            await forget_notes_on_posts_of(viewer.id)
            await erase_texts(viewer.id)
        await leave_threads(viewer.id)
        await _forget_words(viewer.id)
        await forget_actor(viewer.id)
        await forget_member(viewer.id)
        erasure_id = await erase_account(viewer.id, nickname=nickname, language=language)
        await remove_member(viewer.id)
        await outbox.record("member.erased", erasure_id=erasure_id)


async def _lock_member(viewer: Viewer) -> str:
    """The nickname; from now on nobody writes anything in the name of this member."""
    administrators = "SELECT id FROM members WHERE role = 'administrator' AND erased_at IS NULL ORDER BY id"
    rows = await fetch({"sqlite": administrators, "postgresql": f"{administrators} FOR NO KEY UPDATE"})
    ids = {row["id"] for row in rows}
    if ids == {viewer.id}:
        raise RuleBroken(_("You are the only administrator. Make somebody else one before you go."))
    member = "SELECT nickname, role FROM members WHERE id = :me"
    rows = await fetch({"sqlite": member, "postgresql": f"{member} FOR UPDATE"}, {"me": viewer.id})
    if not rows:
        raise NotFound
    if rows[0]["role"] == Role.ADMINISTRATOR and viewer.id not in ids:
        raise RuleBroken(_("Your role has changed meanwhile. Please try again."))
    return str(rows[0]["nickname"])


async def _forget_words(member_id: int) -> None:
    """What the member wrote outside of posts; drafts, notifications and claims go with the member."""
    await forget_appellant(member_id)
    await forget_reporter(member_id)
    await execute("UPDATE flags SET note = '' WHERE reporter_id = :me", {"me": member_id})
    await execute(
        "UPDATE faq_feedback SET reason = '', member_id = NULL WHERE member_id = :me", {"me": member_id}
    )
    await execute("UPDATE site_text_versions SET note = '' WHERE saved_by = :me", {"me": member_id})
    for table in ("group_invitations", "group_links"):
        await execute(f"DELETE FROM {table} WHERE invited_by = :me", {"me": member_id})  # noqa: S608
    await forget_sanctions(member_id)
    await forget_texts_of(member_id)
    await execute("DELETE FROM submissions WHERE member_id = :me", {"me": member_id})

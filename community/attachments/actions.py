"""Attach files, post them, take them out again.

A file is checked and stored first and gets its row last; a row goes first and its file after it. Whatever breaks off
in between leaves a file without a row, and `cleaning` finds that.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from community.attachments import remaking, rules, scanning
from community.attachments.models import Attachment
from community.attachments.queries import AttachmentRow, held_in, list_of_posts
from community.attachments.rules import FileRefused, refusal
from community.attachments.storage import StorageDown
from community.attachments.stores import storage
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.rate_limits import TooMany
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.settings import settings
from community.threads.locks import lock_thread_of
from community.threads.marks import raise_version

logger = logging.getLogger(__name__)

NAMES_PER_FACT = 40


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came, in a place of its own that is removed with it. `problem` is the code of a refusal."""

    name: str
    path: Path
    size: int
    digest: str
    problem: str = ""


async def attach_file(received: Received, *, place: str, by: int, beside: int = 0) -> AttachmentRow:
    """Check, rebuild and store a file for a form that is being filled in, which has `beside` others already.

    Raises `FileRefused`.
    """
    if received.problem:
        raise FileRefused(refusal(received.problem, received.name))
    if beside >= rules.MOST_FILES:
        raise FileRefused(_too_many())
    await _check_room(by, received.size)
    try:
        await rules.FILES_PER_DAY.take(by)
    except TooMany:
        raise FileRefused(_("You have attached very many files today. Please try again later.")) from None
    target, small = received.path.with_suffix(".made"), received.path.with_suffix(".small")
    try:
        await _scan(received)
        made = await remaking.remake(received.path, target, small)
        row = await _described(received, made, target, place=place, by=by)
        await storage().keep(row.storage_name, target)
        if made.is_picture:
            await storage().keep(f"{row.storage_name}.small", small)
    except remaking.NotRemade as trouble:
        raise FileRefused(refusal(trouble.code, received.name)) from None
    except (OSError, StorageDown) as trouble:
        raise FileRefused(refusal("full", received.name)) from trouble
    finally:
        for path in (target, small):
            path.unlink(missing_ok=True)
    await _insert(row)
    return row


async def _scan(received: Received) -> None:
    """As it came: a scanner knows harmful files by what they were."""
    if not settings.attachments.clamd_url:
        return
    try:
        if await scanning.is_harmful(received.path, settings.attachments.clamd_url):
            raise FileRefused(refusal("infected", received.name))
    except scanning.ScannerDown as down:
        logger.warning("virus scanner gives no answer", exc_info=down)
        raise FileRefused(refusal("unscanned", received.name)) from None


async def _described(
    received: Received, made: remaking.Remade, target: Path, *, place: str, by: int
) -> AttachmentRow:
    size, digest = await asyncio.to_thread(_measured, target)
    return AttachmentRow(
        id=random_id(),
        post_id=None,
        member_id=by,
        place=place,
        name=rules.clean_name(received.name, made.content_type),
        alt="",
        content_type=made.content_type,
        size=size,
        digest=digest,
        storage_name=secrets.token_hex(16),
        width=made.width,
        height=made.height,
        small_width=made.small_width,
        small_height=made.small_height,
    )


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


async def _insert(row: AttachmentRow) -> None:
    """The row, if there is still room for it; otherwise its file goes again."""
    try:
        async with in_transaction():
            # The member's row is the lock: of many files at once no more come through than there is room for.
            member = "SELECT id FROM members WHERE id = :me"
            await fetch(
                {"sqlite": member, "postgresql": f"{member} FOR NO KEY UPDATE"}, {"me": row.member_id}
            )
            await _check_room(row.member_id or 0, row.size)
            values = {name: getattr(row, name) for name in row.__slots__}
            await insert(Attachment, **values, position=0, created_at=now())
    except BaseException:
        with suppress(StorageDown):
            await storage().remove([row.storage_name, f"{row.storage_name}.small"])
        raise


async def _check_room(member_id: int, size: int) -> None:
    found = await fetch_one(
        """SELECT COALESCE(SUM(size), 0) AS whole,
        COALESCE(SUM(CASE WHEN created_at > :yesterday THEN size ELSE 0 END), 0) AS today
        FROM (SELECT size, created_at FROM attachments WHERE member_id = :me AND post_id IS NULL
              UNION ALL SELECT a.size, a.created_at FROM posts p JOIN attachments a ON a.post_id = p.id
              WHERE p.author_id = :me) AS own""",
        {"me": member_id, "yesterday": now() - rules.FILES_PER_DAY.period},
    )
    whole, today = (int(found["whole"]), int(found["today"])) if found else (0, 0)
    chosen = settings.attachments
    if today + size > chosen.day_megabytes * rules.MEGABYTE:
        sentence = _("You have attached many files today: %(most)s MB are possible within 24 hours.")
        raise FileRefused(sentence % {"most": number(chosen.day_megabytes)})
    if whole + size > chosen.member_megabytes * rules.MEGABYTE:
        sentence = _(
            "Your files take all the room there is for you: %(most)s MB. Please take out some of the old ones."
        )
        raise FileRefused(sentence % {"most": number(chosen.member_megabytes)})


def demand_few(ids: Collection[int]) -> None:
    """`RuleBroken` where these are more files than one post can have."""
    if len(ids) > rules.MOST_FILES:
        raise RuleBroken(_too_many())


def _too_many() -> str:
    return ngettext(
        "A post can have %(count)d file.", "A post can have %(count)d files.", rules.MOST_FILES
    ) % {"count": rules.MOST_FILES}


# --- with the post ----------------------------------------------------------------------------------------


async def post_attachments(post_id: int, ids: Sequence[int], *, by: int) -> None:
    """Give unposted files to a post, in this order, in the transaction that writes it.

    Raises `RuleBroken` if one of them is gone.
    """
    demand_few(ids)
    async with in_transaction():
        for position, attachment_id in enumerate(ids):
            changed = await execute(
                """UPDATE attachments SET post_id = :post_id, member_id = NULL, place = '', position = :position
                WHERE id = :id AND member_id = :by AND post_id IS NULL""",
                {"post_id": post_id, "position": position, "id": attachment_id, "by": by},
            )
            if not changed:
                raise rules.file_gone()


async def hold_attachments(text_id: int, ids: Sequence[int], *, by: int) -> None:
    """Let unposted files wait with a text that waits for somebody's yes, in the transaction that stores it."""
    demand_few(ids)
    async with in_transaction():
        for position, attachment_id in enumerate(ids):
            changed = await execute(
                """UPDATE attachments SET place = :place, position = :position
                WHERE id = :id AND member_id = :by AND post_id IS NULL""",
                {"place": held_in(text_id), "position": position, "id": attachment_id, "by": by},
            )
            if not changed:
                raise rules.file_gone()


async def post_held_attachments(text_id: int, post_id: int) -> None:
    """Give the files of a text that waited to the post that it became, in the transaction that publishes it."""
    await execute(
        """UPDATE attachments SET post_id = :post_id, member_id = NULL, place = ''
        WHERE place = :place AND post_id IS NULL""",
        {"post_id": post_id, "place": held_in(text_id)},
    )


async def discard_held_attachments(text_id: int) -> None:
    """The text they wait with is taken back; in the same transaction."""
    await _delete("post_id IS NULL AND place = :place", place=held_in(text_id))


async def describe_unposted(alts: Mapping[int, str], *, by: int) -> None:
    """What is to be seen on pictures of a form that is not published yet."""
    async with in_transaction():
        for attachment_id, alt in alts.items():
            await execute(
                """UPDATE attachments SET alt = :alt
                WHERE id = :id AND member_id = :by AND post_id IS NULL AND place NOT LIKE 'text:%'""",
                {"alt": rules.clean_alt(alt), "id": attachment_id, "by": by},
            )


async def change_attachments(
    post_id: int, ids: Sequence[int], *, by: int, alts: Mapping[int, str] = MappingProxyType({})
) -> None:
    """Let a post have these files and no others, with these words about pictures, in the transaction of its edit."""
    async with in_transaction():
        present = {row.id for row in (await list_of_posts([post_id])).get(post_id, ())}
        new = [each for each in ids if each not in present]
        demand_few(ids)
        await _delete("post_id = :post_id AND id IN (:ids)", post_id=post_id, ids=list(present - set(ids)))
        await post_attachments(post_id, new, by=by)
        await _put_in_order(post_id, ids)
        for attachment_id, alt in alts.items():
            await execute(
                "UPDATE attachments SET alt = :alt WHERE id = :id AND post_id = :post_id",
                {"alt": rules.clean_alt(alt), "id": attachment_id, "post_id": post_id},
            )


async def discard_unposted(ids: Collection[int], *, by: int) -> int:
    """Take files out of a form again, and answer how many; those that were posted or wait meanwhile stay."""
    async with in_transaction():
        return await _delete(
            "post_id IS NULL AND member_id = :by AND place NOT LIKE 'text:%' AND id IN (:ids)",
            by=by,
            ids=list(ids),
        )


async def erase_attachments_of_posts(post_ids: Collection[int]) -> None:
    """Erase the files of posts whose texts are erased, in the same transaction."""
    async with in_transaction():
        await _delete("post_id IN (:ids)", ids=list(post_ids))


async def erase_attachments_of(member_id: int, *, with_texts: bool) -> None:
    """What becomes of files when their member is erased: unposted ones go; posted ones share the fate of the texts.

    Called before the member is deleted, in its transaction.
    """
    await _delete("member_id = :me AND post_id IS NULL", me=member_id)
    if with_texts:
        await _delete("post_id IN (SELECT id FROM posts WHERE author_id = :me)", me=member_id)


async def _delete(condition: str, **values: object) -> int:
    """Delete rows, and let the worker remove their files once that is committed."""
    if values.get("ids") == []:
        return 0
    statement = f"DELETE FROM attachments WHERE {condition} RETURNING storage_name"  # noqa: S608 - our own text
    rows = await execute_returning(statement, values)
    names = [row["storage_name"] for row in rows]
    for start in range(0, len(names), NAMES_PER_FACT):
        await outbox.record("attachments.removed", names=" ".join(names[start : start + NAMES_PER_FACT]))
    return len(names)


async def put_first(attachment_id: int, post_id: int, *, staff: Viewer | None = None) -> None:
    """Let a picture be the first one of its post: of an article, that is its teaser picture.

    Where it is somebody else's post, `staff` is who does it, and it stands in the log like every change of it.
    """
    async with in_transaction():
        thread_id = await lock_thread_of(post_id)
        if staff is not None:
            thread = await fetch_one("SELECT space_id FROM threads WHERE id = :id", {"id": thread_id})
            space_id = thread["space_id"] if thread else None
            await log("edit_post", f"post:{post_id}", by=staff, reason="", space_id=space_id)
        ids = [row.id for row in (await list_of_posts([post_id])).get(post_id, ()) if row.id != attachment_id]
        await _put_in_order(post_id, [attachment_id, *ids])
        await raise_version(thread_id)


async def _put_in_order(post_id: int, ids: Sequence[int]) -> None:
    for position, attachment_id in enumerate(ids):
        await execute(
            "UPDATE attachments SET position = :position WHERE id = :id AND post_id = :post_id",
            {"position": position, "id": attachment_id, "post_id": post_id},
        )

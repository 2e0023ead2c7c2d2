"""An answer that comes by mail: published by the rules of the web, kept as a draft, or refused with a word of why.

Only the account's own address is ever written to, and the mail has to come from there: an address for answers may
get into other hands with a mail that was passed on, and those must not write under somebody's nickname.
"""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum

from community.accounts.queries import is_own_address, own_words
from community.core import outbox, personal_hints
from community.core.errors import NotFound, RuleBroken
from community.core.limits import ANSWERS_BY_MAIL, EXPLANATIONS
from community.core.rate_limits import TooMany
from community.core.reply_addresses import ReplyTag, read_address
from community.core.submissions import find_result, once
from community.core.viewer import Viewer
from community.replies.reading import ReadMail, read_mail
from community.settings import settings
from community.site_texts.acceptance import list_wanted
from community.spaces.queries import load_viewer
from community.threads import actions, permissions, queries
from community.threads.actions import LONGEST_BODY, LONGEST_DRAFT, SHORTEST_TEXT
from community.waiting import publishing

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a mail."""

    PUBLISHED = "published"
    HELD = "held"
    """It waits for somebody's yes, and its author is told so."""
    REFUSED = "refused"
    """Its author is told why."""
    IGNORED = "ignored"
    """Nobody has written it, or nobody is there any more who has."""


class Refusal(StrEnum):
    """Why an answer is not published; `accounts.reply_mails` says it in words."""

    STRANGER = "stranger"
    """It does not come from the address of the account."""
    ENDED = "ended"
    """The mail that is answered is too old."""
    CLOSED = "closed"
    """The thread takes no answers, is gone, or may not be read any more: one answer for all."""
    STAFF = "staff"
    """Staff log in with a second factor, and a mail has none."""
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    MUTED = "muted"
    """Its author may not write there at the moment. Kept as a draft."""
    PERSONAL = "personal"
    """It may say who its author is. Kept as a draft, to be looked at."""
    TERMS = "terms"
    """A new version of the terms or the like waits to be accepted. Kept as a draft, too."""
    FULL = "full"
    """It was to be kept as a draft, and the one that is there leaves no room for it."""


_KEPT = frozenset({Refusal.PERSONAL, Refusal.TERMS, Refusal.MUTED})


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


async def receive(
    tag: ReplyTag, content: bytes, *, return_path: str | None = None, is_whole: bool = True
) -> Outcome:
    """Do what a mail to the address with this tag asks for. What this answers is on disk.

    Of a mail that is too large its headers are enough (`is_whole` is false).

    The same mail once more, as servers send it after a lost connection, changes nothing and answers the same.
    """
    mail = await asyncio.to_thread(read_mail, content, return_path=return_path)
    viewer, _spaces = await load_viewer(tag.member_id)
    if mail.automatic or viewer.is_guest:
        logger.info("mail ignored", extra={"outcome": mail.automatic or "former member"})
        return Outcome.IGNORED
    earlier = await find_result(viewer.id, _key(tag, mail))
    if earlier is not None:
        return Outcome(earlier.partition(":")[0])
    try:
        return await _publish(tag, mail, viewer, is_whole=is_whole)
    except Refused as refused:
        logger.info("mail refused", extra={"outcome": str(refused.reason)})
        await _explain(tag, mail, viewer, refused.reason)
        return Outcome.REFUSED


def _key(tag: ReplyTag, mail: ReadMail) -> str:
    """One mail to two threads is two answers."""
    return f"{mail.key}:{tag.thread_id}"


async def _publish(tag: ReplyTag, mail: ReadMail, viewer: Viewer, *, is_whole: bool) -> Outcome:
    await _check(tag, mail, viewer, is_whole=is_whole)
    try:
        thread = await queries.get_thread(tag.thread_id, viewer)
    except NotFound:
        raise Refused(Refusal.CLOSED) from None
    if viewer.mute_in(thread.space_id) is not None:
        raise Refused(Refusal.MUTED)
    if not permissions.can_answer(viewer, thread):
        raise Refused(Refusal.CLOSED)
    if await list_wanted(viewer.id, look=True):
        raise Refused(Refusal.TERMS)
    if await _may_tell_author(mail.text, viewer):
        raise Refused(Refusal.PERSONAL)

    async def work() -> str:
        posted = await publishing.add_answer(thread, body=mail.text, by=viewer)
        if posted.waits:
            await _record("waits", tag)
            return f"{Outcome.HELD}:{posted.id}"
        if mail.has_files:
            await _record("files_left_out", tag)
        return f"{Outcome.PUBLISHED}:{posted.id}"

    try:
        result = await once(viewer.id, _key(tag, mail), _key(tag, mail), work)
    except RuleBroken:
        raise Refused(Refusal.CLOSED) from None
    return Outcome(result.partition(":")[0])


async def _may_tell_author(text: str, viewer: Viewer) -> bool:
    """What the form would ask about; and what is left of our own mail where a program quotes in a way of its own: it
    holds links for its receiver alone."""
    if f"{settings.base_url}/mails/" in text or f"{settings.base_url}/notifications" in text:
        return True
    if any(read_address(word.strip("<>()[]:;,")) for word in text.split() if "@" in word):
        return True
    words = () if viewer.is_staff else await own_words(viewer.id)
    return bool(personal_hints.find(text, own_words=words))


async def _check(tag: ReplyTag, mail: ReadMail, viewer: Viewer, *, is_whole: bool) -> None:
    """What can be said without looking at the thread."""
    if not await is_own_address(viewer.id, mail.sender):
        raise Refused(Refusal.STRANGER)
    if permissions.must_answer_in_site(viewer):
        raise Refused(Refusal.STAFF)
    if tag.has_ended:
        raise Refused(Refusal.ENDED)
    if len(mail.text) > LONGEST_BODY or not is_whole:
        raise Refused(Refusal.TOO_LONG)
    if len(mail.text) < SHORTEST_TEXT:
        raise Refused(Refusal.EMPTY)
    try:
        await ANSWERS_BY_MAIL.take(viewer.id)
    except TooMany:
        raise Refused(Refusal.TOO_MANY) from None


async def _explain(tag: ReplyTag, mail: ReadMail, viewer: Viewer, reason: Refusal) -> None:
    """Let the member know, at their own address; not more often than somebody would want to read."""

    async def work() -> str:
        is_lost = reason in _KEPT and not await _keep_draft(tag, mail, viewer)
        if is_told:
            await _record(Refusal.FULL if is_lost else reason, tag)
        return str(Outcome.REFUSED)

    try:
        await EXPLANATIONS.take(viewer.id)
        is_told = True
    except TooMany:
        is_told = False
    await once(viewer.id, _key(tag, mail), _key(tag, mail), work)


async def _keep_draft(tag: ReplyTag, mail: ReadMail, viewer: Viewer) -> bool:
    """Under what the member may have typed there already; false where no room is left for it."""
    place = f"answer:{tag.thread_id}"
    draft = await queries.find_draft(place, viewer)
    body = f"{draft.body}\n\n{mail.text}" if draft and draft.body.strip() else mail.text
    if len(body) > LONGEST_DRAFT:
        return False
    await actions.save_draft(place, by=viewer.id, body=body)
    return True


async def _record(reason: str, tag: ReplyTag) -> None:
    """The mail is written by the worker, from the ids alone."""
    await outbox.record(
        "account.reply_answered", member_id=tag.member_id, thread_id=tag.thread_id, reason=str(reason)
    )

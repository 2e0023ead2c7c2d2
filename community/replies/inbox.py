"""Answers by mail, and reports of mails that came back, from a mailbox, looked into every half minute over IMAP.

A mail is removed from the mailbox only when what follows from it is on disk: it holds names that belong nowhere else.
Mails to no genuine address are marked as read and left.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from community.core.mail import is_this_machine
from community.replies.reading import LARGEST_MAIL, receivers_of, return_path_of
from community.replies.taking import find_tag, take

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 30
SECONDS_PER_STEP: Final = 60
AT_ONCE: Final = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """MAIL_INBOX_URL: `imaps://user:password@host:port/Folder`."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    has_tls: bool

    def __repr__(self) -> str:
        return "<InboxPlace>"


def read_inbox_url(url: str) -> InboxPlace:
    """Raises ValueError with a sentence that does not repeat the value."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("MAIL_INBOX_URL cannot be read.") from None
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise ValueError("MAIL_INBOX_URL reads imaps://user:password@host/folder.")
    if parts.scheme == "imap" and not is_this_machine(parts.hostname):
        raise ValueError("MAIL_INBOX_URL begins with imaps://: else the password would travel in the clear.")
    return InboxPlace(
        host=parts.hostname,
        port=port or (993 if parts.scheme == "imaps" else 143),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        has_tls=parts.scheme == "imaps",
    )


@contextlib.contextmanager
def opened(place: InboxPlace) -> Iterator[imaplib.IMAP4]:
    """The mailbox, logged in. Raises OSError or imaplib.IMAP4.error, whose words may quote the user."""
    if place.has_tls:
        context = ssl.create_default_context()
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            place.host, place.port, ssl_context=context, timeout=SECONDS_PER_STEP
        )
    else:
        box = imaplib.IMAP4(place.host, place.port, timeout=SECONDS_PER_STEP)
    try:
        box.login(place.user, place.password)
        status, _said = box.select(_quoted(place.folder))
        if status != "OK":
            raise imaplib.IMAP4.error("There is no such folder.")
        yield box
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def look_into(place: InboxPlace, stop: asyncio.Event | None = None) -> int:
    """Do all new mails once and answer how many there were for us. Raises OSError or imaplib.IMAP4.error."""
    with contextlib.ExitStack() as stack:
        box = await _aside(lambda: stack.enter_context(opened(place)))
        try:
            numbers = await _aside(lambda: _new_mails(box))
            count = 0
            for number in numbers:
                if stop is not None and stop.is_set():
                    break
                count += await _take(box, number)
            return count
        finally:
            closing = stack.pop_all()
            await _aside(closing.close)


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


async def _take(box: imaplib.IMAP4, number: str) -> bool:
    """Do one mail; whether it was for us. One that fails stays new, so that it is tried again."""
    try:
        head, size = await _aside(lambda: _head_of(box, number))
        tag = find_tag(receivers_of(head))
        if tag is None:
            await _aside(lambda: box.uid("STORE", number, "+FLAGS", r"(\Seen)"))
            return False
        is_whole = size <= LARGEST_MAIL
        content = await _aside(lambda: _content_of(box, number)) if is_whole else head
        await take(tag, content, return_path=return_path_of(head), is_whole=is_whole)
        await _aside(lambda: _remove(box, number))
    except (OSError, imaplib.IMAP4.error):
        raise
    except Exception as error:  # the other mails do not wait for it
        logger.warning("mail not taken", exc_info=error)
        return False
    return True


def _new_mails(box: imaplib.IMAP4) -> list[str]:
    _status, found = box.uid("SEARCH", "UNSEEN")
    return (found[0] or b"").decode("ascii").split()[:AT_ONCE] if found else []


def _head_of(box: imaplib.IMAP4, number: str) -> tuple[bytes, int]:
    answer = box.uid("FETCH", number, "(RFC822.SIZE BODY.PEEK[HEADER])")[1]
    pieces = [piece for piece in answer if isinstance(piece, tuple)]
    if not pieces:
        return b"", 0  # Somebody has removed it meanwhile.
    said = b" ".join([pieces[0][0], *(piece for piece in answer if isinstance(piece, bytes))])
    size = re.search(rb"RFC822\.SIZE (\d{1,12})", said)
    return pieces[0][1], int(size[1]) if size else 0


def _content_of(box: imaplib.IMAP4, number: str) -> bytes:
    answer = box.uid("FETCH", number, "(BODY.PEEK[])")[1]
    return next((piece[1] for piece in answer if isinstance(piece, tuple)), b"")


def _remove(box: imaplib.IMAP4, number: str) -> None:
    box.uid("STORE", number, "+FLAGS", r"(\Seen \Deleted)")
    if "UIDPLUS" in box.capabilities:
        box.uid("EXPUNGE", number)
    else:
        box.expunge()

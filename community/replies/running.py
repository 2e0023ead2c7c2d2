"""The process behind `community receive-mail`."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import logging
import signal

from community.core.db import connect, disconnect
from community.replies.inbox import LOOK_EVERY, look_into, read_inbox_url
from community.replies.server import MailDoor
from community.settings import settings

logger = logging.getLogger(__name__)


async def receive_over_network(host: str, port: int, *, speaks_lmtp: bool) -> None:
    """Take mails until SIGTERM or SIGINT."""
    stop = _stop_on_signals()
    await connect(settings.database_url)
    door = MailDoor(speaks_lmtp=speaks_lmtp)
    try:
        await door.open(host, port)
        await stop.wait()
        await door.close()
    finally:
        await disconnect()


async def receive_from_inbox() -> None:
    """Look into the mailbox again and again until SIGTERM or SIGINT."""
    stop = _stop_on_signals()
    place = read_inbox_url(settings.mail_inbox_url)
    await connect(settings.database_url)
    try:
        while not stop.is_set():
            try:
                await look_into(place, stop)
            except (OSError, imaplib.IMAP4.error) as trouble:
                # Its words may quote the user; the mails wait where they are.
                logger.warning("mails not fetched", extra={"error_kind": type(trouble).__name__})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
    finally:
        await disconnect()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop

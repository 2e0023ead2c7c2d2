"""Reports of mail servers that a mail of ours could not be delivered (RFC 3464): no more go where nobody is.

The address that a report is sent to says whose mail it was, so nothing of the report is believed but how it ended.
Who could forge one has got the mail, and only stops the news to themself.
"""

from __future__ import annotations

import asyncio
import logging
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from community.accounts.mail_reach import note_returned
from community.core.db import in_transaction
from community.core.reply_addresses import BounceTag
from community.notifications.mail_figures import RETURNED, count
from community.replies.reading import BROKEN

logger = logging.getLogger(__name__)

MOST_BLOCKS: Final = 20
LONGEST_VALUE: Final = 200

_NOBODY_THERE = re.compile(r"5\.(?:1\.[0-68]|1\.10|2\.[01]|4\.[146]|0\.0)\b")
"""Of RFC 3463 and its registry: bad, unknown or moved address, no mail taken for it, disabled mail box, no such host,
or no word of why. Others pass: a full mail box (2.2), a text too long or not liked (2.3, 3, 6), rules (7).
Stricter than `core.mail` with a refused receiver: there the text has not been seen yet, a report may be about it."""


async def receive_report(tag: BounceTag, content: bytes, *, return_path: str | None) -> None:
    """Stop the news to the address if the report says that nobody is there.

    `return_path` is the sender given to the mail server; reports have none, so that nobody answers them.
    """
    if tag.has_ended or (return_path is not None and return_path.strip("<> ")):
        return
    if not await asyncio.to_thread(says_nobody_is_there, content):
        return
    async with in_transaction():
        if await note_returned(tag.member_id, tag.address_sign):
            await count(RETURNED)
    logger.info("mail returned")


def says_nobody_is_there(content: bytes) -> bool:
    """Whether the mail is a report of a final failure that lies in the receiver's address."""
    try:
        mail = BytesParser(policy=compat32).parsebytes(content)
        parts = mail.get_payload()
        if mail.get_content_type() != "multipart/report" or not isinstance(parts, list):
            return False
        return any(
            _has_failed(block) for part in parts if isinstance(part, Message) for block in _blocks(part)
        )
    except BROKEN:
        return False


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a report: of the mail, and of each receiver."""
    blocks = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
        return []
    return [block for block in blocks[:MOST_BLOCKS] if isinstance(block, Message)]


def _has_failed(block: Message) -> bool:
    action = str(block.get("Action") or "")[:LONGEST_VALUE].strip().lower()
    status = str(block.get("Status") or "")[:LONGEST_VALUE].strip()
    return action == "failed" and _NOBODY_THERE.match(status) is not None

"""Addresses to which a member answers by mail: MAIL_REPLY_ADDRESS with a tag that names thread and member.

The tag says nothing to whoever reads along: a mail server that could tell the member's number from it would know
whose nickname belongs to an address. It cannot be made without SECRET_KEY, and it ends.

It is 26 bytes: a seal of thread, member and day, by which it is recognised, and the three of them covered with a
stream that the seal begins (as in RFC 5297). In letters and digits that is 42 signs, so that the whole fits into
the 64 that stand before an @.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from community.core.clock import now
from community.core.mail import PermanentMailError, receiver
from community.settings import settings

LASTS: Final = timedelta(days=60)
"""How long a mail can be answered."""

MARK: Final = ("##-", "-##")
"""Begin and end of the line in our mails above which an answer is written."""

_SEAL_BYTES: Final = 10
_SAID_BYTES: Final = 16
_TAG_SIGNS: Final = 42
_ID_BITS: Final = 53
_DAY_BITS: Final = 22
_FIRST_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_LOCAL_PART: Final = 64 - 1 - _TAG_SIGNS


@dataclass(frozen=True, slots=True)
class ReplyTag:
    """What a genuine address stands for."""

    thread_id: int
    member_id: int
    made_at: datetime
    """The day, at its beginning."""

    @property
    def has_ended(self) -> bool:
        return now() - self.made_at > LASTS + timedelta(days=1)


def address_for(thread_id: int, member_id: int) -> str:
    """Where this member answers in this thread by mail; empty where no mail is received."""
    if not (settings.mail_reply_address and settings.secret_key):
        return ""
    day = (now() - _FIRST_DAY).days
    said = (thread_id << _ID_BITS | member_id) << _DAY_BITS | day
    local_part, _at, domain = settings.mail_reply_address.partition("@")
    tag = _cover(said.to_bytes(_SAID_BYTES, "big"))
    return f"{local_part}+{base64.b32encode(tag).decode('ascii').rstrip('=').lower()}@{domain}"


def read_address(address: str) -> ReplyTag | None:
    """What the address stands for; None for every address that is not one of ours. It may have ended."""
    if not (settings.mail_reply_address and settings.secret_key) or len(address) > 320:
        return None
    # Some servers change the case of what they pass on.
    own, _at, domain = settings.mail_reply_address.casefold().partition("@")
    local_part, _at, its_domain = address.strip().strip("<>").casefold().rpartition("@")
    before, plus, tag = local_part.rpartition("+")
    if (before, plus, its_domain.rstrip(".")) != (own, "+", domain) or len(tag) != _TAG_SIGNS:
        return None
    try:
        covered = base64.b32decode(tag.upper() + "=" * (-_TAG_SIGNS % 8))
    except (binascii.Error, ValueError):
        return None
    seal, said = covered[:_SEAL_BYTES], _with_stream(covered[_SEAL_BYTES:], covered[:_SEAL_BYTES])
    if not hmac.compare_digest(seal, _seal(said)):
        return None
    number = int.from_bytes(said, "big")
    ids = number >> _DAY_BITS
    return ReplyTag(
        thread_id=ids >> _ID_BITS,
        member_id=ids & ((1 << _ID_BITS) - 1),
        made_at=_FIRST_DAY + timedelta(days=number & ((1 << _DAY_BITS) - 1)),
    )


def problem_with_reply_address(address: str) -> str | None:
    """What is wrong with MAIL_REPLY_ADDRESS, in a sentence without its value, or None."""
    if not address:
        return None
    try:
        receiver(address)
    except PermanentMailError:
        return "MAIL_REPLY_ADDRESS is no mail address."
    local_part = address.partition("@")[0]
    if "+" in local_part or len(local_part) > LONGEST_LOCAL_PART:
        return (
            f"MAIL_REPLY_ADDRESS has more than {LONGEST_LOCAL_PART} characters before the @, or a plus sign: "
            "a sign of its own for each answer is put behind it."
        )
    return None


def _cover(said: bytes) -> bytes:
    seal = _seal(said)
    return seal + _with_stream(said, seal)


def _seal(said: bytes) -> bytes:
    return _keyed("seal", said)[:_SEAL_BYTES]


def _with_stream(said: bytes, seal: bytes) -> bytes:
    stream = _keyed("stream", seal)
    return bytes(one ^ other for one, other in zip(said, stream, strict=False))


def _keyed(purpose: str, value: bytes) -> bytes:
    return hmac.new(
        settings.secret_key.encode(), f"reply address: {purpose}:".encode() + value, hashlib.sha256
    ).digest()

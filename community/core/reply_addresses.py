"""Addresses to which mails come back: MAIL_REPLY_ADDRESS with a tag that says what for.

A member answers to one that names thread and member; what cannot be delivered is reported to one that names the
member and the address which the mail went to.

The tag says nothing to whoever reads along: a mail server that could tell the member's number from it would know
whose nickname belongs to an address. It cannot be made without SECRET_KEY, and it ends.

It is 26 bytes: a seal of thread (or address), member and day, by which it is recognised, and the three of them
covered with a stream that the seal begins (as in RFC 5297). In letters and digits that is 42 signs, so that the
whole fits into the 64 that stand before an @.
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


class _Ends:
    __slots__ = ()
    made_at: datetime

    @property
    def has_ended(self) -> bool:
        return now() - self.made_at > LASTS + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReplyTag(_Ends):
    """What a genuine address for answers stands for."""

    thread_id: int
    member_id: int
    made_at: datetime
    """The day, at its beginning."""


@dataclass(frozen=True, slots=True)
class BounceTag(_Ends):
    """What a genuine address for reports stands for."""

    address_sign: int
    """Tells whether the member still has the address that the mail went to; up to 53 bits."""
    member_id: int
    made_at: datetime
    """The day, at its beginning."""


def address_for(thread_id: int, member_id: int) -> str:
    """Where this member answers in this thread by mail; empty where no mail is received."""
    return _write("reply", thread_id, member_id)


def read_address(address: str) -> ReplyTag | None:
    """What the address stands for; None for every address that is not one of ours. It may have ended."""
    said = _read("reply", address)
    return said and ReplyTag(*said)


def bounce_address_for(member_id: int, address_sign: int) -> str:
    """Where mail servers report what cannot be delivered to this member; empty where no mail is received."""
    return _write("bounce", address_sign, member_id)


def read_bounce_address(address: str) -> BounceTag | None:
    """What the address stands for; None for every address that is not one of ours. It may have ended."""
    said = _read("bounce", address)
    return said and BounceTag(*said)


def _write(use: str, about: int, member_id: int) -> str:
    if not (settings.mail_reply_address and settings.secret_key):
        return ""
    day = (now() - _FIRST_DAY).days
    said = ((about << _ID_BITS | member_id) << _DAY_BITS | day).to_bytes(_SAID_BYTES, "big")
    seal = _seal(use, said)
    tag = _spelled(seal + _with_stream(use, said, seal))
    local_part, _at, domain = settings.mail_reply_address.partition("@")
    return f"{local_part}+{tag}@{domain}"


def _read(use: str, address: str) -> tuple[int, int, datetime] | None:
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
    if _spelled(covered) != tag:
        return None  # The last sign has two bits that stand for nothing.
    seal = covered[:_SEAL_BYTES]
    said = _with_stream(use, covered[_SEAL_BYTES:], seal)
    if not hmac.compare_digest(seal, _seal(use, said)):
        return None
    number = int.from_bytes(said, "big")
    ids = number >> _DAY_BITS
    made_at = _FIRST_DAY + timedelta(days=number & ((1 << _DAY_BITS) - 1))
    return ids >> _ID_BITS, ids & ((1 << _ID_BITS) - 1), made_at


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


def _spelled(covered: bytes) -> str:
    return base64.b32encode(covered).decode("ascii").rstrip("=").lower()


def _seal(use: str, said: bytes) -> bytes:
    return _keyed(use, "seal", said)[:_SEAL_BYTES]


def _with_stream(use: str, said: bytes, seal: bytes) -> bytes:
    stream = _keyed(use, "stream", seal)
    return bytes(one ^ other for one, other in zip(said, stream, strict=False))


def _keyed(use: str, purpose: str, value: bytes) -> bytes:
    return hmac.new(
        settings.secret_key.encode(), f"{use} address: {purpose}:".encode() + value, hashlib.sha256
    ).digest()

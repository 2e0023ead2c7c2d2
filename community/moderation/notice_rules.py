"""What holds for notices (Digital Services Act, Art. 16) wherever they are read or written."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from community.moderation.models import FlagReason

SHORTEST_TEXT, LONGEST_TEXT = 20, 4_000
"""So short a text could not tell anybody why something is against the law."""
LONGEST_URL = 300
LONGEST_NAME = 120
DEALT_WITH_WITHIN = timedelta(hours=24)
"""Reckoned from when it was known; what took longer is marked."""


class NoticeKind(StrEnum):
    """What whoever reports says is wrong."""

    HATE = "hate"
    THREAT = "threat"
    DEFAMATION = "defamation"
    PRIVACY = "privacy"
    COPYRIGHT = "copyright"
    FRAUD = "fraud"
    TERROR = "terror"
    ABUSE = "abuse"
    """Sexual abuse: the one kind that the law lets be reported without a name."""
    OTHER_LAW = "other_law"
    RULES = "rules"
    """Not against the law, but against the netiquette."""


NAMELESS = frozenset({NoticeKind.ABUSE, NoticeKind.RULES})
"""What can be reported without name and address."""
ABOUT_LIVES = frozenset({NoticeKind.THREAT, NoticeKind.TERROR, NoticeKind.ABUSE})
"""What may have to be told to the police at once (Art. 18)."""


def flag_reason(kind: NoticeKind) -> FlagReason:
    """As what such a notice stands among the flags of a post."""
    if kind is NoticeKind.RULES:
        return FlagReason.OTHER
    return FlagReason.PERSONAL if kind is NoticeKind.PRIVACY else FlagReason.LAW


def is_late(knew_at: datetime, dealt_at: datetime | None, moment: datetime) -> bool:
    return (dealt_at or moment) - knew_at > DEALT_WITH_WITHIN

"""What an entry says, and the decisions about it that need no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from community.core.markdown_entries import without_words
from community.spaces.models import SpaceAccess

PUBLIC_AUDIENCE = "public"
MEMBERS_AUDIENCE = "members"
AUDIENCES = (PUBLIC_AUDIENCE, MEMBERS_AUDIENCE)

LONGEST_QUESTION = 200
LONGEST_SHORT_ANSWER = 1_200
LONGEST_STEPS = 12_000
LONGEST_VALID_FOR = 120
LONGEST_REASON = 500
MOST_RELATED = 5


class Reason(StrEnum):
    """Why an entry did not help, to tick."""

    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    OTHER_QUESTION = "question"
    STEPS_FAIL = "steps"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EntryText:
    """Everything of an entry that an editor writes or chooses; together it is one version."""

    question: str
    short_answer: str
    steps: str = ""
    """Markdown."""
    valid_for: str = ""
    valid_until: str = ""
    """A date as "2026-12-31", the last day on which it holds; empty if it has no end."""
    category_id: int | None = None
    language: str = "de"
    audience: str = PUBLIC_AUDIENCE
    related: str = ""
    """Ids of other entries, as `join_ids` writes them."""

    def as_kept(self) -> EntryText:
        """Without blanks around what was typed, and with the number alone in addresses of entries: whoever reads this
        entry, or a copy of it elsewhere, may not be one who may read the question of that one."""
        kept: dict[str, Any] = {name: without_words(getattr(self, name).strip()) for name in TYPED}
        return replace(self, **kept)


TYPED = ("question", "short_answer", "steps", "valid_for")
"""What of an `EntryText` is written freely."""


def text_of(row: Mapping[str, Any], prefix: str = "") -> EntryText:
    """The text that stands in a row of an entry or of a version; with "published_" the released one."""
    return EntryText(**{name: row[f"{prefix}{name}"] for name in EntryText.__slots__})


def join_ids(ids: Iterable[int]) -> str:
    """Ids as one text, each once, in their order."""
    return " ".join(str(number) for number in dict.fromkeys(ids))


def split_ids(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split())


def needs_clearance(audience: str, accesses: Iterable[str]) -> bool:
    """Whether readers of the entry may not read one of its sources, so that a person has to say yes to the text."""
    readable = {SpaceAccess.OPEN}
    if audience == MEMBERS_AUDIENCE:
        readable.add(SpaceAccess.MEMBERS)
    return any(access not in readable for access in accesses)


def source_fingerprint(kind: str, title: str, body: str) -> str:
    """What a source says, as one value to compare; the title counts with the opening post."""
    parts = (title, body) if kind == "opening" else ("", body)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def digest_of(text: EntryText) -> str:
    """A version's text as one value to compare: the erasure of a member alters it without making a new version."""
    return hashlib.sha256(repr(text).encode()).hexdigest()


def seen_together(standings: Iterable[str]) -> str:
    """How all sources stood that an editor had in view, as one value."""
    return hashlib.sha256("\x1f".join(sorted(standings)).encode()).hexdigest()

"""The rows of a Stack Exchange dump as this project understands them, and the report on the others."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """`owner_name` is only given where the dump has a name instead of a user."""

    id: int
    created_at: datetime
    title: str
    body_html: str
    tags: tuple[str, ...]
    owner_id: int | None
    owner_name: str | None
    accepted_answer_id: int | None
    score: int
    view_count: int
    edited_at: datetime | None
    closed_at: datetime | None
    last_activity_at: datetime
    licence: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The question may come later in the file, or not at all."""

    id: int
    question_id: int
    created_at: datetime
    body_html: str
    owner_id: int | None
    owner_name: str | None
    score: int
    edited_at: datetime | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is what the writer typed, in the small Markdown of comments."""

    id: int
    post_id: int
    created_at: datetime
    text: str
    owner_id: int | None
    owner_name: str | None
    score: int
    licence: str | None


@dataclass(frozen=True, slots=True)
class Vote:
    """An up-vote, or, if `accepts`, the asker's mark on the accepted answer. Givers are unknown."""

    id: int
    post_id: int
    created_at: datetime
    accepts: bool


@dataclass(frozen=True, slots=True)
class User:
    """Only what members show of themselves; place, website and the like are not read."""

    id: int
    created_at: datetime
    name: str
    reputation: int


@dataclass(frozen=True, slots=True)
class TagRow:
    id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PostLink:
    """From one question to another: a duplicate of it, or just related."""

    id: int
    post_id: int
    related_post_id: int
    created_at: datetime
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class BadgeRow:
    """`level` is 1 for gold, 2 for silver, 3 for bronze."""

    id: int
    user_id: int
    name: str
    created_at: datetime
    level: int


@dataclass(slots=True)
class Report:
    """Counts by kind of row (``question``, ``vote`` …) and, for the latter two, by reason in plain English."""

    read: Counter[str] = field(default_factory=Counter)
    left_out: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    mended: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    missing_files: list[str] = field(default_factory=list)

    def leave_out(self, kind: str, reason: str) -> None:
        self.left_out[kind][reason] += 1

    def mend(self, kind: str, what: str) -> None:
        self.mended[kind][what] += 1

"""Parts of the desk of an entry, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from community.core.differences import Segment
from community.web.parts import Link, When
from community.web.staff_notes import NoteView


@dataclass(frozen=True, slots=True)
class TextDifference:
    """One field of an entry, what goes and what comes marked word by word."""

    label: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ScheduleView:
    text: str
    releaser: str
    has_failed: bool


@dataclass(frozen=True, slots=True)
class OriginalView:
    """What is translated, to be read beside the translation."""

    url: str
    language: str
    language_name: str
    question: str
    short_answer: str
    steps: Markup
    valid_for: str
    version: int


@dataclass(frozen=True, slots=True)
class InLanguage:
    language_name: str
    question: str
    language: str
    url: str
    """Empty for the entry that is open."""
    stage_text: str
    is_original: bool


@dataclass(frozen=True, slots=True)
class LanguagesView:
    """In which languages an entry is there, and whether a translation is behind its original."""

    entries: tuple[InLanguage, ...] = ()
    missing: tuple[Link, ...] = ()
    """Languages in which it is still to be written, with the form for that."""
    original: OriginalView | None = None
    changes: tuple[TextDifference, ...] = ()
    """What the original says differently since the translation was found to agree with it."""
    agree_url: str = ""


@dataclass(frozen=True, slots=True)
class SentBack:
    """What somebody wants to be changed before the text in work is released."""

    name: str
    """Empty for a former member."""
    reason: str
    when: When


@dataclass(frozen=True, slots=True)
class Together:
    """What editors have to work on one entry together: who is on it, and what they say to each other about it."""

    take_url: str = ""
    """Empty while somebody is on it, and where there is nothing to be done."""
    give_back_url: str = ""
    notes_url: str = ""
    notes: tuple[NoteView, ...] = ()
    """The oldest first."""
    colleagues: str = ""
    sent_back: SentBack | None = None


@dataclass(frozen=True, slots=True)
class RelatedChoice:
    name: str
    """Of the box that is ticked."""
    question: str
    language: str


@dataclass(frozen=True, slots=True)
class RelatedPicker:
    ticked: tuple[RelatedChoice, ...]
    found: tuple[RelatedChoice, ...]
    """By the words that were looked for."""
    is_searched: bool
    titles: Mapping[int, str]
    """How the entries are called whose ids stand in the texts of the page."""


@dataclass(frozen=True, slots=True)
class ReadingHint:
    label: str
    excerpt: str
    instead: str
    """A plain word for the one in the text; may be empty."""


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How easily the text of the form is read. Empty for a text without words."""

    figure: str = ""
    hints: tuple[ReadingHint, ...] = ()

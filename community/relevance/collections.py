"""What is measured: documents, and questions of which the right documents are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from search.index import Document


@dataclass(frozen=True, slots=True)
class Question:
    """One question as somebody would type it, and the keys of the documents that answer it."""

    text: str
    answered_by: frozenset[str]
    groups: tuple[str, ...]
    """Under which headings it is counted: "raw", "all" …"""
    subject: str
    """Questions with one subject are drawn together for the intervals: ten ways to ask one thing are one chance."""
    body: str = ""
    """What the asker wrote below the title; such a question is put to similar threads alone."""
    asked_by: str = ""
    """Key of the document that is this very question: it may not answer itself."""
    asked_at: int | None = None
    """Unix seconds; younger documents were not there when it was asked."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A question with the answer as it was first written, and what an editor made of it."""

    question: str
    raw_answer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A set as it was read, with what was left out and why, in English, and how often."""

    name: str
    kind: str
    language: str
    """That most documents are in; readers are taken to have chosen it. Empty if it is neither known nor guessed."""
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    edited: tuple[Edited, ...] = ()


class CollectionUnreadable(Exception):  # noqa: N818 - read aloud, "except CollectionUnreadable" says it
    """There is nothing to measure with; the message says what is wrong, for the person at the terminal."""

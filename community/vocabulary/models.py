"""What staff teach the search: words that mean the same, and names. The groups that ship stand in a file. Beside them
stands what staff have found out about words while writing: which of them customers do not use."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class EntryKind(StrEnum):
    SAME = "same"
    """Each word finds all the others."""
    ONE_WAY = "one_way"
    """The first word finds the others, none of them finds it."""
    NAME = "name"
    """The first word is a name of a product or an abbreviation; the others are its long forms."""
    JARGON = "jargon"
    """The first word is one that customers do not use, the others say the same to them: for whoever writes the FAQ.
    The search is told nothing of it."""
    OFF = "off"
    """A group that ships, switched off; without words of its own."""


class VocabularyEntry(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    words: Any = fields.JSONField(default=list)
    """As they were written, in order."""
    replaces = fields.CharField(max_length=120, null=True, unique=True)
    """The first word of the group that ships in whose place this one stands."""
    version = fields.IntField(default=1, db_default=1)
    changed_by = fields.BigIntField(null=True)
    """The member who wrote this version; kept as a number because an entry outlives the member."""
    changed_at = fields.DatetimeField()

    class Meta:
        table = "vocabulary_entries"

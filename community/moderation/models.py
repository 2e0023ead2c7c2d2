from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class FlagState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class FlagReason(StrEnum):
    """What a member can say is wrong with a post."""

    LAW = "law"
    INSULT = "insult"
    ADVERTISING = "advertising"
    PERSONAL = "personal"
    WRONG_PLACE = "wrong_place"
    OTHER = "other"


class Measure(StrEnum):
    """What follows from a flag that is upheld."""

    HIDE = "hide"
    LOCK = "lock"
    NOTE = "note"


class Flag(Model):
    """A member's report of a post to the moderators."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    reporter = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    reason = fields.CharField(max_length=24)
    note = fields.CharField(max_length=1000, default="")
    state = fields.CharField(max_length=16, default="open", db_default="open")
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "flags"
        indexes = (("state", "created_at"),)


class StaffNote(Model):
    """What one of staff lets colleagues know about a thread or about a nickname. Nobody else ever sees it.

    Exactly one of thread and member is set; the note goes with it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    text = fields.TextField()
    author_id = fields.BigIntField(db_index=True)
    """A number and no foreign key: a note outlives whoever wrote it."""
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_notes"

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class FlagState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class AppealState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REJECTED = "rejected"
    SETTLED = "settled"
    """What it asks for came about in another way before anybody decided."""


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
    """What one of staff lets colleagues know about a thread, a post, a nickname or an FAQ entry. Nobody else sees it.

    Exactly one of thread, post, member and entry is set; the note goes with it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    entry = fields.ForeignKeyField(
        "community.Entry", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    entry_version = fields.IntField(null=True)
    """Which version of the entry was there when it was written."""
    text = fields.TextField()
    author_id = fields.BigIntField(db_index=True)
    """A number and no foreign key: a note outlives whoever wrote it."""
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_notes"


class Notice(Model):
    """Something reported as illegal, by anybody: see `moderation.notices`."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    reference = fields.CharField(max_length=16, unique=True)
    """By which whoever reported and staff speak of it."""
    subject = fields.CharField(max_length=60, db_index=True)
    """What it is about: "post:<id>", "member:<id>", "faq:<id>"."""
    space_id = fields.BigIntField(null=True)
    url = fields.CharField(max_length=300)
    kind = fields.CharField(max_length=16)
    text = fields.TextField()
    reporter = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    is_from_outside = fields.BooleanField(default=False, db_default=False)
    """Reported without an account."""
    notifier_id = fields.BigIntField(null=True)
    """Who it was without an account, in the vault; empty once that is forgotten."""
    flag = fields.ForeignKeyField(
        "community.Flag", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    """The flag beside it, if it is about a post: decided together."""
    language = fields.CharField(max_length=8, default="", db_default="")
    nonce = fields.CharField(max_length=64, unique=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    """Of the address under which whoever reported sees how it stands."""
    state = fields.CharField(max_length=16, default="open", db_default="open")
    measure = fields.CharField(max_length=16, default="", db_default="")
    reason = fields.CharField(max_length=1000, default="", db_default="")
    """Of the decision."""
    knew_at = fields.DatetimeField()
    """From when on the company knows of it."""
    dealt_at = fields.DatetimeField(null=True)
    dealt_late = fields.BooleanField(default=False, db_default=False)
    decided_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "notices"
        indexes = (("state", "knew_at"), ("dealt_at",))


class Appeal(Model):
    """Somebody objects to a decision: the member whom a statement concerns, or whoever has given notice."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    statement_id = fields.BigIntField(null=True, unique=True)
    notice = fields.OneToOneField("community.Notice", related_name=False, null=True, on_delete=fields.CASCADE)
    text = fields.TextField()
    filed_at = fields.DatetimeField()
    state = fields.CharField(max_length=16, default="open", db_default="open")
    reason = fields.CharField(max_length=1000, default="", db_default="")
    """Of the decision."""
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "appeals"
        indexes = (("state", "filed_at"),)


class CannedAnswer(Model):
    """A text that staff begin answers with. Who wrote and changed it, the moderation log knows."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    title = fields.CharField(max_length=80)
    text = fields.TextField()
    language = fields.CharField(max_length=8, default="", db_default="")
    """For threads in this language; empty: for all."""
    space = fields.ForeignKeyField(
        "community.Space", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    """Where it is offered; empty: everywhere."""
    use_count = fields.IntField(default=0, db_default=0)
    """How often it was put into an answer form."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "canned_answers"

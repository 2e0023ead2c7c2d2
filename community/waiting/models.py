"""Texts that wait for somebody's yes before they are public.

They have a table of their own: nothing that reads threads and posts can show one by a forgotten condition.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class TextKind(StrEnum):
    """What becomes public once it is released."""

    THREAD = "thread"
    ANSWER = "answer"
    COMMENT = "comment"
    EDIT = "edit"


class Why(StrEnum):
    FOUR_EYES = "four_eyes"
    """A text of staff, in a space that asks for a second person."""
    HELD = "held"
    """A text of a member that a rule has held."""


class TextState(StrEnum):
    WAITING = "waiting"
    REFUSED = "refused"
    """Still there for its author, who may change it and send it once more."""
    RELEASED = "released"
    """Published: the words are in the post now, and no longer here."""


class WaitingText(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    why = fields.CharField(max_length=16)
    hits: Any = fields.JSONField(default=list)
    """The rules that hold it, each with what it found; empty where no rule does."""
    state = fields.CharField(max_length=16, default="waiting", db_default="waiting")
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.CASCADE)
    """Of a new thread. Everything else stands in the space in which its thread is now."""
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    """What a comment is about; what an edit changes."""
    post_version = fields.IntField(default=0, db_default=0)
    """The version of the post that an edit was made from."""
    author = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    title = fields.CharField(max_length=200, default="", db_default="")
    body = fields.TextField()
    tags = fields.CharField(max_length=200, default="", db_default="")
    idea_status = fields.CharField(max_length=16, default="", db_default="")
    """Of an answer that gives an idea a status."""
    edit_reason = fields.CharField(max_length=1000, default="", db_default="")
    """Why staff change what a colleague wrote."""
    files_out = fields.CharField(max_length=160, default="", db_default="")
    """Ids of the files that an edit takes out of its post, with commas between. What it adds is held with it."""
    version = fields.IntField(default=1, db_default=1)
    """Rises with every change: whoever decides says which one they have read."""
    writers: Any = fields.JSONField(default=list)
    """Numbers of all who have written into it; none of them can release it."""
    submitted_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    refusal = fields.CharField(max_length=1000, default="", db_default="")
    """Why it was refused, as its author reads it."""
    published_thread_id = fields.BigIntField(null=True)
    published_post_id = fields.BigIntField(null=True)

    class Meta:
        table = "waiting_texts"
        indexes = (("state", "submitted_at"), ("author_id", "state", "submitted_at"))


class HoldingRule(Model):
    """A rule by which texts of members are held. Its kind says which of the numbers and words count."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    name = fields.CharField(max_length=80)
    is_on = fields.BooleanField(default=False, db_default=False)
    space = fields.ForeignKeyField(
        "community.Space", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    """Where it counts; empty: everywhere."""
    posts = fields.IntField(default=0, db_default=0)
    minutes = fields.IntField(default=0, db_default=0)
    days = fields.IntField(default=0, db_default=0)
    words: Any = fields.JSONField(default=list)
    hit_count = fields.IntField(default=0, db_default=0)
    """How many texts it has held so far."""
    last_hit_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "holding_rules"

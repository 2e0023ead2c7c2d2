"""Who decided what, and why. Rows are added in the transaction of their cause and never changed,
but for names that are forgotten with the person."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


class LogEntry(Model):
    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor_id = fields.BigIntField(null=True)
    """The member who acted; kept as a number because an entry outlives the member."""
    actor_name = fields.CharField(max_length=60)
    act = fields.CharField(max_length=40)
    subject = fields.CharField(max_length=60)
    """What it was done to: "post:<id>", "thread:<id>", "faq:<id>"."""
    space_id = fields.BigIntField(null=True)
    reason = fields.CharField(max_length=1000)
    details: Any = fields.JSONField(default=dict)

    class Meta:
        table = "moderation_log"
        indexes = (("subject", "at"), ("at",))


class Release(Model):
    """A second person's yes: `drafted_by` and `released_by` are never the same."""

    id = fields.BigIntField(primary_key=True)
    subject = fields.CharField(max_length=60)
    version = fields.IntField()
    drafted_by = fields.BigIntField()
    released_by = fields.BigIntField()
    released_at = fields.DatetimeField()

    class Meta:
        table = "releases"
        unique_together = (("subject", "version"),)

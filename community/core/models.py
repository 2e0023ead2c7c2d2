"""Tables that know no feature: the outbox, the site's stamp, forms already sent, tries that are counted."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


class OutboxFact(Model):
    """What happened, recorded in the transaction that made it true (see `community.core.outbox`)."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    payload: Any = fields.JSONField()
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0, db_default=0)
    leased_until = fields.DatetimeField(null=True)
    leased_by = fields.CharField(max_length=64, default="", db_default="")
    delivered: Any = fields.JSONField(default=list)
    done_at = fields.DatetimeField(null=True)
    parked_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(default="", db_default="")

    class Meta:
        table = "outbox_facts"
        indexes = (("done_at", "parked_at", "due_at"), ("parked_at",))


class SiteStamp(Model):
    """One row, one number: it rises whenever something changes that many pages show.

    Cached guest pages are valid while it and the version of their own thread stand still.
    """

    id = fields.IntField(primary_key=True, generated=False)
    value = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "site_stamp"


class Submission(Model):
    """A form that was sent: its key, what it said, and where its result stands. Kept for a day."""

    # An answer by mail is kept like a form, for longer: its key begins with "mail:" (core.submissions).

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField()
    key = fields.CharField(max_length=64)
    fingerprint = fields.CharField(max_length=64)
    result = fields.CharField(max_length=255, default="", db_default="")
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "submissions"
        unique_together = (("member_id", "key"),)


class RateLimit(Model):
    """How much of an allowance is spent (see `community.core.rate_limits`). Says nothing about who it is."""

    key = fields.CharField(max_length=64, primary_key=True)
    spent_until = fields.BigIntField(db_index=True)
    """Milliseconds since 1970."""

    class Meta:
        table = "rate_limits"

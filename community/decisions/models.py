"""Who decided what, and why. Rows are added in the transaction of their cause and never changed,
but for names that are forgotten with the person. Triggers of the database
refuse other changes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


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
    name_salt = fields.CharField(max_length=32, default="", db_default="")
    reason_salt = fields.CharField(max_length=32, default="", db_default="")
    """Random; the chain covers digests made with them. They go with what they salt: a short text could be guessed."""

    class Meta:
        table = "moderation_log"
        indexes = (("subject", "at"), ("at",), ("act", "id"), ("actor_id", "id"), ("space_id", "id"))


class LogLink(Model):
    """An entry's place in the chain: its hash covers the entry and the hash before it."""

    position = fields.BigIntField(primary_key=True, generated=False)
    """1, 2, 3 …, in the order of commits."""
    entry_id = fields.BigIntField(unique=True)
    """No foreign key: a link outlives an entry that somebody removes, so that it is missed."""
    name_digest = fields.CharField(max_length=64)
    reason_digest = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "moderation_log_links"


class LogHead(Model):
    """The end of the chain; one row, which is locked before the chain grows."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    count = fields.BigIntField()
    hash = fields.CharField(max_length=64)
    older_until = fields.BigIntField()
    """Entries up to this id are from before the chain; later ones are never taken into it afterwards."""
    older_done = fields.BigIntField()
    """How far these have been taken into the chain."""
    began_at = fields.DatetimeField()
    seal = fields.CharField(max_length=64)
    """Made with SECRET_KEY; empty once something was added behind an end whose seal did not fit."""

    class Meta:
        table = "moderation_log_head"


class Statement(Model):
    """What a member is told of an act that restricts them (`decisions.statements`), with every part the law wants."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member_id = fields.BigIntField(null=True, db_index=True)
    """Whom it concerns; empty for a former member."""
    decided_by = fields.BigIntField(null=True)
    """Empty where no person decided. The member concerned is not told who it was."""
    at = fields.DatetimeField(db_index=True)
    act = fields.CharField(max_length=40)
    """The measure, as the log calls it."""
    subject = fields.CharField(max_length=60, db_index=True)
    space_id = fields.BigIntField(null=True)
    facts = fields.CharField(max_length=1000)
    ground = fields.CharField(max_length=16)
    ground_name = fields.CharField(max_length=200, default="", db_default="")
    is_prompted = fields.BooleanField(default=False, db_default=False)
    """Whether a report led to it."""
    is_automated = fields.BooleanField(default=False, db_default=False)
    """Whether a program decided."""
    is_found_by_program = fields.BooleanField(default=False, db_default=False)
    """Whether a program had found it, and a person decided."""
    until = fields.DatetimeField(null=True)
    """When it ends by itself; empty: it does not."""
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "statements"


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


class WorkKind(StrEnum):
    """What can wait for staff. `web.work_kinds` says of each in words what it is."""

    FLAG = "flag"
    UNANSWERED = "unanswered"
    FAQ = "faq"
    REVEAL = "reveal"
    TEXT = "text"
    NOTICE = "notice"
    APPEAL = "appeal"
    DRAFT = "draft"
    """An FAQ entry that waits for nobody and that somebody works on. It is never in the queue."""


IN_QUEUE = tuple(kind for kind in WorkKind if kind is not WorkKind.DRAFT)


class WorkItem(Model):
    """Something that waits for staff. It is there while its cause lasts, and deleted with it.

    Members are kept as numbers, like in the log; `forget_actor` takes them out.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    subject = fields.CharField(max_length=60)
    """What it is about: "post:<id>", "thread:<id>", "faq:<id>", "reveal:<id>", "text:<id>", "notice:<id>",
    "appeal:<id>"."""
    space_id = fields.BigIntField(default=0, db_default=0)
    """Only staff who read this space see the item; 0 where it belongs to none."""
    not_for = fields.BigIntField(null=True)
    """The one member of staff who neither sees nor decides it: nobody decides about their own."""
    since = fields.DatetimeField()
    soon_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    claimed_by = fields.BigIntField(null=True)
    claimed_at = fields.DatetimeField(null=True)
    """When the claim was last renewed; it lapses by itself."""
    handed_to = fields.BigIntField(null=True)
    handed_by = fields.BigIntField(null=True)
    note = fields.CharField(max_length=300, default="", db_default="")
    """What `handed_by` wants the next one to know."""
    snoozed_until = fields.DatetimeField(null=True)

    class Meta:
        table = "work_items"
        unique_together = (("kind", "subject"),)
        indexes = (
            ("due_at", "id"),
            ("kind", "due_at", "id"),
            ("space_id", "due_at", "id"),
            ("claimed_by",),
            ("handed_to",),
            ("snoozed_until",),
            ("kind", "space_id", "not_for", "due_at"),
        )


class WorkBar(Model):
    """One more of staff from whom an item is kept, beside its `not_for`: they have had to do with the matter."""

    # Or a member who may come to be of staff while it waits.

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    item = fields.ForeignKeyField("community.WorkItem", related_name=False, on_delete=fields.CASCADE)
    member_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "work_bars"
        unique_together = (("item_id", "member_id"),)


class WorkTarget(Model):
    """How long things of a kind may wait in a space, in hours; without a row, as `targets` says."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space_id = fields.BigIntField()
    kind = fields.CharField(max_length=16)
    after_hours = fields.IntField()
    """Staff are asked only then."""
    soon_hours = fields.IntField()
    late_hours = fields.IntField()

    class Meta:
        table = "work_targets"
        unique_together = (("space_id", "kind"),)


class WorkLook(Model):
    """That somebody of staff has an item open right now; old rows mean nothing."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    item_id = fields.BigIntField()
    member_id = fields.BigIntField()
    seen_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "work_looks"
        unique_together = (("item_id", "member_id"),)


class Batch(Model):
    """Decisions that were made together, by one press of a button. Who made them, and why, their entries say."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    at = fields.DatetimeField()
    act = fields.CharField(max_length=40)
    entries: Any = fields.JSONField(default=list)
    """Ids of entries of the log; each is added in the transaction that writes the entry."""
    noted_at = fields.DatetimeField(null=True)
    """When the last one was added: a batch in which nothing stirs any more is ended by the worker."""
    ended_at = fields.DatetimeField(null=True)
    """From then on nothing is added."""
    is_settled = fields.BooleanField(default=False, db_default=True)
    """Whether the figures of those concerned have been counted anew."""

    class Meta:
        table = "decision_batches"

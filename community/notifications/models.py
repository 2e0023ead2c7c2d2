from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Notification(Model):
    """Something a member should know, told once: `cause` makes telling it again harmless."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    kind = fields.CharField(max_length=24)
    actor = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    post = fields.ForeignKeyField("community.Post", related_name=False, null=True, on_delete=fields.CASCADE)
    group = fields.ForeignKeyField(
        "community.Group", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    note = fields.CharField(max_length=500, default="")
    """A sentence of its own where the kind does not say enough, such as the reason of a moderator."""
    cause = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notifications"
        unique_together = (("member_id", "cause"),)
        indexes = (("member_id", "read_at"), ("member_id", "created_at"))


class NotificationChoice(Model):
    """How a member wants to be told of a topic; without a row, in the site."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    topic = fields.CharField(max_length=24)
    channel = fields.CharField(max_length=8)

    class Meta:
        table = "notification_choices"
        unique_together = (("member_id", "topic"),)


class NotificationThanks(Model):
    """One kudos told in a notification that bundles them; it goes with the kudos when that is taken back."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    notification = fields.ForeignKeyField(
        "community.Notification", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    kudos = fields.OneToOneField("community.Kudos", related_name=False, on_delete=fields.CASCADE)

    class Meta:
        table = "notification_thanks"

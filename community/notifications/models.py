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
    place = fields.CharField(max_length=60, default="", db_default="")
    """The path of a page for this member alone that the line leads to, instead of to the post or group."""
    note = fields.CharField(max_length=500, default="")
    """A sentence of its own where the kind does not say enough, such as the reason of a moderator."""
    cause = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)
    mail_due_at = fields.DatetimeField(null=True, db_index=True)
    """When it is told by mail unless it is read before; empty where it is not, or has been."""
    mail_id = fields.BigIntField(null=True, db_index=True)
    """The mail that tells it or has told it, even if that is forgotten by now: no other does."""

    class Meta:
        table = "notifications"
        unique_together = (("member_id", "cause"),)
        indexes = (("member_id", "read_at"), ("member_id", "created_at"))


class NotificationChoice(Model):
    """How a member wants to be told of a topic; without a row, as `rules.DEFAULTS` says."""

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


class MailWish(Model):
    """What a member wishes of mails with news, and the key of the links that end them.

    Made with the first of these mails; without a row, nothing is wished.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.OneToOneField("community.Member", related_name=False, on_delete=fields.CASCADE)
    tells_titles = fields.BooleanField(default=False, db_default=False)
    """Whether mails say which thread they are about, who wrote and what."""
    quiet_from = fields.SmallIntField(null=True)
    """From this full hour (of the site's time zone) until that one no mail is sent."""
    quiet_until = fields.SmallIntField(null=True)
    stopped_at = fields.DatetimeField(null=True)
    """Since when the member wants none of these mails at all."""
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)

    class Meta:
        table = "mail_wishes"


class NotificationMail(Model):
    """A mail that is owed to a member, made once. What it says is looked up when it is sent."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    kind = fields.CharField(max_length=8)
    """The channel: "mail", "daily" or "weekly"."""
    since = fields.DatetimeField(null=True)
    """Of a digest, from when on it tells of the community."""
    created_at = fields.DatetimeField(db_index=True)
    trying_until = fields.DatetimeField(null=True)
    """While a worker sends it, no other does."""
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=16, default="", db_default="")
    """Empty: still owed; "tried" or "none". Not whether it was taken: a company's mail server refuses colleagues at
    the same moment."""

    class Meta:
        table = "notification_mails"
        indexes = (("member_id", "created_at"),)


class Digest(Model):
    """That a member has something to be told in a digest of this rhythm, and when."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    rhythm = fields.CharField(max_length=8)
    due_at = fields.DatetimeField(null=True, db_index=True)
    last_at = fields.DatetimeField(null=True)
    """When the one before was made."""

    class Meta:
        table = "digests"
        unique_together = (("member_id", "rhythm"),)


class MailFigure(Model):
    """How many mails of what fate there were on a day (of UTC); of nobody in particular."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    day = fields.CharField(max_length=10)
    figure = fields.CharField(max_length=16)
    count = fields.IntField()

    class Meta:
        table = "mail_figures"
        unique_together = (("day", "figure"),)

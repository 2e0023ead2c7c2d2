from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0026_follow_spaces_and_tags")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("rhythm", fields.CharField(max_length=8)),
                (
                    "due_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("last_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "digests",
                "app": "community",
                "unique_together": (("member_id", "rhythm"),),
                "pk_attr": "id",
                "table_description": "That a member has something to be told in a digest of this rhythm, and when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MailFigure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("day", fields.CharField(max_length=10)),
                ("figure", fields.CharField(max_length=16)),
                ("count", fields.IntField()),
            ],
            options={
                "table": "mail_figures",
                "app": "community",
                "unique_together": (("day", "figure"),),
                "pk_attr": "id",
                "table_description": "How many mails of what fate there were on a day (of UTC); of nobody in particular.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MailWish",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.OneToOneField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("tells_titles", fields.BooleanField(default=False, db_default=False)),
                ("quiet_from", fields.SmallIntField(null=True)),
                ("quiet_until", fields.SmallIntField(null=True)),
                ("stopped_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
            ],
            options={
                "table": "mail_wishes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What a member wishes of mails with news, and the key of the links that end them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotificationMail",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("trying_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(default="", db_default="", max_length=16)),
            ],
            options={
                "table": "notification_mails",
                "app": "community",
                "indexes": [Index(fields=["member_id", "created_at"])],
                "pk_attr": "id",
                "table_description": "A mail that is owed to a member, made once. What it says is looked up when it is sent.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Account",
            name="mail_refused",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Notification",
            name="mail_due_at",
            field=fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Notification",
            name="mail_id",
            field=fields.BigIntField(null=True, db_index=True),
        ),
        ops.AlterModelOptions(
            name="NotificationChoice",
            options={
                "table": "notification_choices",
                "app": "community",
                "unique_together": (("member_id", "topic"),),
                "pk_attr": "id",
                "table_description": "How a member wants to be told of a topic; without a row, as `rules.DEFAULTS` says.",
            },
        ),
        # While there was no other way, "site" said no more than that a topic was not switched off.
        ops.RunSQL("DELETE FROM notification_choices WHERE channel = 'site'", ""),
    ]

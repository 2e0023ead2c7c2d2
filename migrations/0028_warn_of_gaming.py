from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0027_mail_notifications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="GamingWarning",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("key", fields.CharField(max_length=40)),
                ("acts", fields.IntField()),
                ("share", fields.SmallIntField()),
                ("found_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("dismissed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("dismissed_acts", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "gaming_warnings",
                "app": "community",
                "unique_together": (("kind", "key"),),
                "pk_attr": "id",
                "table_description": "Public acts between a few members that look as if they were made for the figures. Only staff see it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GamingWarningMember",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "warning",
                    fields.ForeignKeyField(
                        "community.GamingWarning",
                        source_field="warning_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.SmallIntField()),
            ],
            options={
                "table": "gaming_warning_members",
                "app": "community",
                "unique_together": (("warning_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A member whom a warning is about.",
            },
            bases=["Model"],
        ),
    ]

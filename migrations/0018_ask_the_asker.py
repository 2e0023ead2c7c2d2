from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0017_choose_notifications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.OneToOneField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("sent_count", fields.SmallIntField(default=0, db_default=0)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "due_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
            ],
            options={
                "table": "reminders",
                "app": "community",
                "pk_attr": "id",
                "table_description": "That the asker of an answered question has yet to say whether it is solved. The thread says who that is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Satisfaction",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("round", fields.SmallIntField()),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "mail_due_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("rating", fields.SmallIntField(null=True)),
                ("note", fields.CharField(default="", db_default="", max_length=200)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "satisfactions",
                "app": "community",
                "unique_together": (("thread_id", "round"),),
                "pk_attr": "id",
                "table_description": "That the asker of a solved question is asked how satisfied they are, and what they answered.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Solution",
            name="by_staff",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]

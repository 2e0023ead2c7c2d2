from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0006_record_consents")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AskDay",
            fields=[
                ("day", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=10)),
                ("session_count", fields.IntField(default=0, db_default=0)),
                ("shown_count", fields.IntField(default=0, db_default=0)),
                ("opened_count", fields.IntField(default=0, db_default=0)),
                ("none_helped_count", fields.IntField(default=0, db_default=0)),
                ("solved_count", fields.IntField(default=0, db_default=0)),
                ("left_after_opening_count", fields.IntField(default=0, db_default=0)),
                ("asked_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "ask_days",
                "app": "community",
                "pk_attr": "day",
                "table_description": "The ask sessions that began on one day (UTC), counted once their end is known for sure.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AskSession",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("started_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("shown_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("none_helped_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("solved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ask_sessions",
                "app": "community",
                "pk_attr": "id",
                "table_description": "One attempt to ask, from the first words to its end. Kept for two days, then counted into `AskDay`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SuggestionDay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(max_length=32)),
                ("day", fields.CharField(db_index=True, max_length=10)),
                ("opened_count", fields.IntField(default=0, db_default=0)),
                ("solved_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "suggestion_days",
                "app": "community",
                "unique_together": (("key", "day"),),
                "pk_attr": "id",
                "table_description": 'How often one suggestion ("thread-123", "faq-7") was opened while asking, and solved it, on one day (UTC).',
            },
            bases=["Model"],
        ),
    ]

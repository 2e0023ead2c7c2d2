from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0065_remember_publications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EntryDay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("entry_id", fields.BigIntField()),
                ("day", fields.CharField(db_index=True, max_length=10)),
                ("view_count", fields.IntField(default=0, db_default=0)),
                ("found_count", fields.IntField(default=0, db_default=0)),
                ("search_count", fields.IntField(default=0, db_default=0)),
                ("ask_count", fields.IntField(default=0, db_default=0)),
                ("asked_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "faq_days",
                "app": "community",
                "unique_together": (("entry_id", "day"),),
                "pk_attr": "id",
                "table_description": "How often an FAQ entry was used on one day (UTC), by people who are not staff. Not by whom.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryQuotation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "community.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "faq_quotations",
                "app": "community",
                "unique_together": (("entry_id", "post_id"),),
                "pk_attr": "id",
                "table_description": "An entry that stands in a post as a card. A copy of what the post says, for figures alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryWords",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("entry_id", fields.BigIntField()),
                ("day", fields.CharField(db_index=True, max_length=10)),
                ("words", fields.CharField(max_length=100)),
                ("open_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "faq_words",
                "app": "community",
                "unique_together": (("entry_id", "day", "words"),),
                "pk_attr": "id",
                "table_description": "The words of searches from whose results an FAQ entry was opened on one day (UTC). Not by whom.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="EntryFeedback",
            name="reasons",
            field=fields.CharField(default="", db_default="", max_length=100),
        ),
    ]

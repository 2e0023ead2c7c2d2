from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0060_translate_entries")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Proposal",
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
                ("state", fields.CharField(max_length=16)),
                ("entry_id", fields.BigIntField(null=True)),
                ("effect", fields.IntField()),
                ("read_count", fields.IntField(default=0, db_default=0)),
                ("search_count", fields.IntField(default=0, db_default=0)),
                ("nothing_count", fields.IntField(default=0, db_default=0)),
                ("same_problem_count", fields.IntField(default=0, db_default=0)),
                ("kudos_count", fields.IntField(default=0, db_default=0)),
                ("similar_count", fields.IntField(default=0, db_default=0)),
                ("recent_count", fields.IntField(default=0, db_default=0)),
                ("found_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("looked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("why", fields.CharField(default="", db_default="", max_length=16)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_effect", fields.IntField(default=0, db_default=0)),
                ("returned", fields.CharField(default="", db_default="", max_length=16)),
            ],
            options={
                "table": "faq_proposals",
                "app": "community",
                "indexes": [Index(fields=["state", "effect"]), Index(fields=["state", "looked_at"])],
                "pk_attr": "id",
                "table_description": "One subject that the FAQ lacks, or knows too little about.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProposalThread",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "proposal",
                    fields.ForeignKeyField(
                        "community.Proposal",
                        source_field="proposal_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
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
                ("post_id", fields.BigIntField(null=True)),
            ],
            options={
                "table": "faq_proposal_threads",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A thread about the subject. A thread stands in one proposal at most, so each subject has one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProposalWalk",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("thread_id", fields.BigIntField(default=0, db_default=0)),
            ],
            options={
                "table": "faq_proposal_walks",
                "app": "community",
                "pk_attr": "id",
                "table_description": "How far the worker has come in its walk through all solutions; one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ThreadDay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("thread_id", fields.BigIntField()),
                ("day", fields.CharField(db_index=True, max_length=10)),
                ("read_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "thread_days",
                "app": "community",
                "unique_together": (("thread_id", "day"),),
                "pk_attr": "id",
                "table_description": "How often a thread was opened on one day (UTC), by people who are not staff. Not by whom.",
            },
            bases=["Model"],
        ),
    ]

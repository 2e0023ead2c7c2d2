from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0062_keep_causes_of_checks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="IdeaStep",
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
                ("status", fields.CharField(max_length=16)),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "answered_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="answered_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("is_current", fields.BooleanField(default=True, db_default=True)),
            ],
            options={
                "table": "idea_steps",
                "app": "community",
                "indexes": [
                    Index(fields=["thread_id", "at"]),
                    Index(fields=["is_current", "status", "at"]),
                    Index(fields=["is_current", "at"]),
                ],
                "pk_attr": "id",
                "table_description": "A status that staff have given an idea. The answer that says so is a post of its thread like any other.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="SameProblem",
            options={
                "table": "same_problems",
                "app": "community",
                "unique_together": (("thread_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A member has the problem of a question, too. In a space of ideas the same mark is the member's vote.",
            },
        ),
        ops.AddField(
            model_name="Thread",
            name="idea_status",
            field=fields.CharField(default="new", db_default="new", max_length=16),
        ),
        ops.AddIndex(
            model_name="Thread",
            index=Index(fields=["space_id", "hidden_at", "same_problem_count", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Thread",
            index=Index(fields=["space_id", "hidden_at", "idea_status", "same_problem_count"]),
        ),
        ops.AddField(
            model_name="WaitingText",
            name="idea_status",
            field=fields.CharField(default="", db_default="", max_length=16),
        ),
    ]

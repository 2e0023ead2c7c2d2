from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0031_keep_tags_of_revisions")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WaitingText",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("why", fields.CharField(max_length=16)),
                (
                    "hits",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=16)),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        null=True,
                        db_index=True,
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("post_version", fields.IntField(default=0, db_default=0)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("title", fields.CharField(default="", db_default="", max_length=200)),
                ("body", fields.TextField(unique=False)),
                ("tags", fields.CharField(default="", db_default="", max_length=200)),
                ("edit_reason", fields.CharField(default="", db_default="", max_length=1000)),
                ("version", fields.IntField(default=1, db_default=1)),
                (
                    "writers",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("refusal", fields.CharField(default="", db_default="", max_length=1000)),
                ("published_thread_id", fields.BigIntField(null=True)),
                ("published_post_id", fields.BigIntField(null=True)),
            ],
            options={
                "table": "waiting_texts",
                "app": "community",
                "indexes": [
                    Index(fields=["state", "submitted_at"]),
                    Index(fields=["author_id", "state", "submitted_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Space",
            name="articles_wait",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Space",
            name="erasures_wait",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Space",
            name="staff_posts_wait",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]

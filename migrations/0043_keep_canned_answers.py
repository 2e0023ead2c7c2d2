from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from community.core.db.connection import random_id


class Migration(migrations.Migration):
    dependencies = [("community", "0042_digital_services")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("title", fields.CharField(max_length=80)),
                ("text", fields.TextField(unique=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("use_count", fields.IntField(default=0, db_default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "canned_answers",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A text that staff begin answers with. Who wrote and changed it, the moderation log knows.",
            },
            bases=["Model"],
        ),
    ]

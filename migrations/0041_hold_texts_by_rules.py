from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0040_keep_batches_of_decisions")]

    initial = False

    operations = [
        ops.CreateModel(
            name="HoldingRule",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("name", fields.CharField(max_length=80)),
                ("is_on", fields.BooleanField(default=False, db_default=False)),
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
                ("posts", fields.IntField(default=0, db_default=0)),
                ("minutes", fields.IntField(default=0, db_default=0)),
                ("days", fields.IntField(default=0, db_default=0)),
                (
                    "words",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("hit_count", fields.IntField(default=0, db_default=0)),
                ("last_hit_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "holding_rules",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A rule by which texts of members are held. Its kind says which of the numbers and words count.",
            },
            bases=["Model"],
        ),
    ]

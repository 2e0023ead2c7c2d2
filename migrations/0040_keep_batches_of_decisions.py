from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0039_let_staff_take_notes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("act", fields.CharField(max_length=40)),
                (
                    "entries",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "decision_batches",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Decisions that were made together, by one press of a button. Who made them, and why, their entries say.",
            },
            bases=["Model"],
        ),
    ]

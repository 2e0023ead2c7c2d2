from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0070_keep_fingerprints_of_publications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SimilarEntry",
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
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.SmallIntField(default=0, db_default=0)),
            ],
            options={
                "table": "similar_entries",
                "app": "community",
                "unique_together": (("entry_id", "thread_id"),),
                "pk_attr": "id",
                "table_description": "An entry about the same as a thread, as the index finds it; it stands beside the thread.",
            },
            bases=["Model"],
        ),
    ]

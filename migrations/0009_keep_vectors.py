from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0008_index_builds")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DocumentVector",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("row_id", fields.BigIntField()),
                ("text_hash", fields.CharField(default="", db_default="", max_length=32)),
                ("embedder", fields.CharField(default="", db_default="", max_length=16)),
                ("vector", fields.BinaryField(null=True)),
                ("owed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "document_vectors",
                "app": "community",
                "unique_together": (("kind", "row_id"),),
                "indexes": [Index(fields=["owed_at"])],
                "pk_attr": "id",
                "table_description": "Goes with its document: of what is hidden or erased there is no vector.",
            },
            bases=["Model"],
        ),
    ]

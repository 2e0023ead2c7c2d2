from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0002_count_tries")]

    initial = False

    operations = [
        ops.CreateModel(
            name="VocabularyEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                (
                    "words",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("replaces", fields.CharField(null=True, unique=True, max_length=120)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("changed_by", fields.BigIntField(null=True)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "vocabulary_entries", "app": "community", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0029_queue_of_work")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SiteTextVersion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("page", fields.CharField(max_length=16)),
                ("version", fields.IntField()),
                (
                    "texts",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "summaries",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("note", fields.CharField(default="", db_default="", max_length=300)),
                ("saved_by", fields.BigIntField(null=True)),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("published_by", fields.BigIntField(null=True)),
                ("published_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "site_text_versions",
                "app": "community",
                "unique_together": (("page", "version"),),
                "pk_attr": "id",
                "table_description": "What one save of a page said, in all languages: so no language lags behind unseen.",
            },
            bases=["Model"],
        ),
    ]

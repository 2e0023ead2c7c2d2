from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0032_let_texts_wait")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SiteTextAcceptance",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("page", fields.CharField(max_length=16)),
                ("version", fields.IntField()),
                ("language", fields.CharField(max_length=8)),
                ("way", fields.CharField(max_length=16)),
                ("accepted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "site_text_acceptances",
                "app": "community",
                "unique_together": (("member_id", "page", "version"),),
                "indexes": [Index(fields=["page", "version"])],
                "pk_attr": "id",
                "table_description": "A member has accepted a version of a page. The proof goes with the member.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Registration",
            name="accepted",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="SiteTextVersion",
            name="needs_acceptance",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]

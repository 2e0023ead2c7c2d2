from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0023_ask_experts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BadgeKind",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(unique=True, max_length=80)),
                ("description", fields.CharField(max_length=200)),
                ("measure", fields.CharField(max_length=16)),
                ("reached", fields.IntField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "badge_kinds",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A badge that administrators have thought of: for a milestone, or given by hand.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BadgeGrant",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "kind",
                    fields.ForeignKeyField(
                        "community.BadgeKind",
                        source_field="kind_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
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
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "badge_grants",
                "app": "community",
                "unique_together": (("kind_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A member has a badge.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Badge",
            options={
                "table": "badges",
                "app": "community",
                "indexes": [Index(fields=["member_id", "granted_at"])],
                "pk_attr": "id",
                "table_description": "A badge from the community that somebody came from, with the name that it had there.",
            },
        ),
    ]

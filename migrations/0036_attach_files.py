from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0035_sanction_members")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
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
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("position", fields.SmallIntField(default=0)),
                ("name", fields.CharField(max_length=120)),
                ("content_type", fields.CharField(max_length=40)),
                ("size", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("storage_name", fields.CharField(unique=True, max_length=40)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
                ("small_width", fields.SmallIntField(null=True)),
                ("small_height", fields.SmallIntField(null=True)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attachments",
                "app": "community",
                "indexes": [Index(fields=["member_id", "created_at"])],
                "pk_attr": "id",
                "table_description": "One file of a post, or of a form that is still being filled in. The file itself lies in the storage.",
            },
            bases=["Model"],
        ),
    ]

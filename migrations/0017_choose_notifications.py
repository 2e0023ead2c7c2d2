from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0016_bundle_thanks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="NotificationChoice",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("topic", fields.CharField(max_length=24)),
                ("channel", fields.CharField(max_length=8)),
            ],
            options={
                "table": "notification_choices",
                "app": "community",
                "unique_together": (("member_id", "topic"),),
                "pk_attr": "id",
                "table_description": "How a member wants to be told of a topic; without a row, in the site.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0015_second_factors")]

    initial = False

    operations = [
        ops.CreateModel(
            name="NotificationThanks",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "notification",
                    fields.ForeignKeyField(
                        "community.Notification",
                        source_field="notification_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kudos",
                    fields.OneToOneField(
                        "community.Kudos",
                        source_field="kudos_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "notification_thanks",
                "app": "community",
                "pk_attr": "id",
                "table_description": "One kudos told in a notification that bundles them; it goes with the kudos when that is taken back.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0051_let_files_of_edits_wait")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ScheduledRelease",
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
                        unique=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.IntField()),
                ("due_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("released_by", fields.BigIntField()),
                ("failed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_schedules",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A second person's yes that takes effect later: to exactly this version, at this moment.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0021_experts_by_rule")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FirstSteps",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.OneToOneField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("searched", fields.BooleanField(default=False, db_default=False)),
                ("asked", fields.BooleanField(default=False, db_default=False)),
                ("thanked", fields.BooleanField(default=False, db_default=False)),
            ],
            options={
                "table": "first_steps",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What a new member has yet to try: written by `members.first_steps` alone.",
            },
            bases=["Model"],
        ),
    ]

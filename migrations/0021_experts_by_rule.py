from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0020_seal_who_are_colleagues")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ExpertRule",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "space",
                    fields.OneToOneField(
                        "community.Space",
                        source_field="space_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("solutions", fields.SmallIntField()),
                ("askers", fields.SmallIntField()),
                ("within_days", fields.IntField()),
                ("lasts_days", fields.IntField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "expert_rules",
                "app": "community",
                "pk_attr": "id",
                "table_description": "By what a member becomes an expert of a space without anybody's doing: one rule for each space.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Expert",
            name="earned_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Expert",
            name="earned_since",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Expert",
            name="earned_solutions",
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Expert",
            name="revoked_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]

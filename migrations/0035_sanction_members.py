from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0034_merge_and_split_threads")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Ban",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "community.Account",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("hash", fields.CharField(db_index=True, max_length=64)),
            ],
            options={
                "table": "vault_bans",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Who must not come back under another nickname: the keyed hash of a mail address, or of a person at the log-in",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Sanction",
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
                ("kind", fields.CharField(max_length=16)),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("reason", fields.CharField(max_length=500)),
                ("note", fields.CharField(default="", db_default="", max_length=1000)),
                (
                    "imposed_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="imposed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("imposed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "ends_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "lifted_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="lifted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("lift_reason", fields.CharField(default="", db_default="", max_length=500)),
                ("end_told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sanctions",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A warning, a mute, a suspension or a ban of one member. It ends by its date, or is lifted; it is never deleted",
            },
            bases=["Model"],
        ),
    ]

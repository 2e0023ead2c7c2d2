from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0010_companies_and_colleagues")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("member_id", fields.BigIntField(unique=True)),
                ("erased_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("mail_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("nickname_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("place", fields.CharField(default="", db_default="", max_length=60)),
                ("again_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "done_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "vault_erasures",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A member who has gone. What stays is the number, so that a restored backup can forget them again.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="RetiredNickname",
            options={
                "table": "retired_nicknames",
                "app": "community",
                "pk_attr": "nickname_key",
                "table_description": "A nickname that was given up, by its keyed hash (`members.queries.retired_key`): nobody else gets it.",
            },
        ),
    ]

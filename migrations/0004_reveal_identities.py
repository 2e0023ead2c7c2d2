from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0003_teach_the_search_words")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Reveal",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("member_id", fields.BigIntField(db_index=True)),
                ("asked_by", fields.BigIntField()),
                ("asked_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("cause", fields.CharField(max_length=16)),
                ("reason", fields.TextField(unique=False)),
                ("reference", fields.CharField(default="", db_default="", max_length=60)),
                ("tell_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("silence_reason", fields.CharField(default="", db_default="", max_length=500)),
                ("decided_by", fields.BigIntField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_approved", fields.BooleanField(null=True)),
                ("shown_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_reveals",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Somebody of staff asks who is behind a nickname. Nothing of the identity lies in here.",
            },
            bases=["Model"],
        ),
    ]

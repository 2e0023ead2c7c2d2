from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0005_count_searches")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Consent",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("purpose", fields.CharField(max_length=16)),
                ("text", fields.TextField(unique=False)),
                ("text_version", fields.CharField(max_length=16)),
                ("language", fields.CharField(max_length=8)),
                ("source", fields.CharField(max_length=60)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked_from_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("unsubscribe_hash", fields.CharField(unique=True, max_length=64)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("confirmed_from_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("withdrawn_by", fields.CharField(default="", db_default="", max_length=16)),
            ],
            options={
                "table": "vault_consents",
                "app": "community",
                "indexes": [Index(fields=["purpose", "confirmed_at"])],
                "pk_attr": "id",
                "table_description": "A recorded yes for one purpose, with all that proves it. A row is closed by its withdrawal, never reused.",
            },
            bases=["Model"],
        ),
    ]

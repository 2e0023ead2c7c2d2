from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0013_fill_groups_by_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CompanyClaim",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "company",
                    fields.ForeignKeyField(
                        "community.Company",
                        source_field="company_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("claim_hash", fields.CharField(unique=True, max_length=64)),
                ("claim_encrypted", fields.TextField(unique=False)),
            ],
            options={
                "table": "vault_company_claims",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What the log-in provider calls a company: its number there, or its name.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignOn",
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
                ("subject_hash", fields.CharField(unique=True, max_length=64)),
                ("subject_encrypted", fields.TextField(unique=False)),
                ("claims_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("linked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_sign_ons",
                "app": "community",
                "pk_attr": "id",
                "table_description": "An account can be entered through a log-in provider: the provider's own number of the person leads to it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignOnArrival",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("vouched_encrypted", fields.TextField(unique=False)),
                ("registration_id", fields.BigIntField(null=True, db_index=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_sign_on_arrivals",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Somebody whom the log-in provider vouches for and who has no account by it yet, or has not linked it yet.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignOnSession",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "session",
                    fields.OneToOneField(
                        "community.Session",
                        source_field="session_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "sign_on",
                    fields.ForeignKeyField(
                        "community.SignOn",
                        source_field="sign_on_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "provider_session_hash",
                    fields.CharField(default="", db_index=True, db_default="", max_length=64),
                ),
                ("id_token_encrypted", fields.TextField(default="", db_default="", unique=False)),
            ],
            options={
                "table": "vault_sign_on_sessions",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What a session that began at the log-in provider is known by there, for logging out on both sides.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0009_keep_vectors")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CompanyDomain",
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
                ("mail_hash", fields.CharField(unique=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
            ],
            options={
                "table": "vault_company_domains",
                "app": "community",
                "pk_attr": "id",
                "table_description": 'A mail domain that is the company\'s alone. It is kept like an address without a name: "@acme.example".',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Departure",
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
                ("mail_hash", fields.CharField(db_index=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_departures",
                "app": "community",
                "pk_attr": "id",
                "table_description": "An address that the company has off-boarded, whether or not it has an account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Invitation",
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
                ("made_by", fields.BigIntField(null=True)),
                ("mail_hash", fields.CharField(default="", db_index=True, db_default="", max_length=64)),
                ("mail_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("code_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("makes_administrator", fields.BooleanField(default=False, db_default=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("nonce", fields.CharField(default="", db_default="", max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("uses_left", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_invitations",
                "app": "community",
                "pk_attr": "id",
                "table_description": "An invitation to one address, good for one use, or a code for several people.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Joining",
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
                (
                    "account",
                    fields.OneToOneField(
                        "community.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("mail_hash", fields.CharField(db_index=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
                ("state", fields.CharField(max_length=16)),
            ],
            options={
                "table": "vault_joinings",
                "app": "community",
                "pk_attr": "id",
                "table_description": "How an account came to its company, or waits to: one for each account, kept as long as it belongs there.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Account",
            name="is_company_administrator",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Company",
            name="colleague_count",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Company",
            name="counted_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Company",
            name="joining",
            field=fields.CharField(default="approval", db_default="approval", max_length=16),
        ),
    ]

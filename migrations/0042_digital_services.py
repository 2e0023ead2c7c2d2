from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0041_hold_texts_by_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("reference", fields.CharField(unique=True, max_length=16)),
                ("subject", fields.CharField(db_index=True, max_length=60)),
                ("space_id", fields.BigIntField(null=True)),
                ("url", fields.CharField(max_length=300)),
                ("kind", fields.CharField(max_length=16)),
                ("text", fields.TextField(unique=False)),
                (
                    "reporter",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="reporter_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("is_from_outside", fields.BooleanField(default=False, db_default=False)),
                ("notifier_id", fields.BigIntField(null=True)),
                (
                    "flag",
                    fields.ForeignKeyField(
                        "community.Flag",
                        source_field="flag_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("nonce", fields.CharField(unique=True, max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("state", fields.CharField(default="open", db_default="open", max_length=16)),
                ("measure", fields.CharField(default="", db_default="", max_length=16)),
                ("reason", fields.CharField(default="", db_default="", max_length=1000)),
                ("knew_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("dealt_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("dealt_late", fields.BooleanField(default=False, db_default=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "notices",
                "app": "community",
                "indexes": [Index(fields=["state", "knew_at"]), Index(fields=["dealt_at"])],
                "pk_attr": "id",
                "table_description": "Something reported as illegal, by anybody: see `moderation.notices`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("statement_id", fields.BigIntField(null=True, unique=True)),
                (
                    "notice",
                    fields.OneToOneField(
                        "community.Notice",
                        source_field="notice_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("text", fields.TextField(unique=False)),
                ("filed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="open", db_default="open", max_length=16)),
                ("reason", fields.CharField(default="", db_default="", max_length=1000)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "appeals",
                "app": "community",
                "indexes": [Index(fields=["state", "filed_at"])],
                "pk_attr": "id",
                "table_description": "Somebody objects to a decision: the member whom a statement concerns, or whoever has given notice.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notifier",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("name_encrypted", fields.TextField(default="", unique=False)),
                ("mail_encrypted", fields.TextField(default="", unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_notifiers",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Who has reported something without an account. Only the notice knows which one it is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("member_id", fields.BigIntField(null=True, db_index=True)),
                ("decided_by", fields.BigIntField(null=True)),
                ("at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("act", fields.CharField(max_length=40)),
                ("subject", fields.CharField(db_index=True, max_length=60)),
                ("space_id", fields.BigIntField(null=True)),
                ("facts", fields.CharField(max_length=1000)),
                ("ground", fields.CharField(max_length=16)),
                ("ground_name", fields.CharField(default="", db_default="", max_length=200)),
                ("is_prompted", fields.BooleanField(default=False, db_default=False)),
                ("is_automated", fields.BooleanField(default=False, db_default=False)),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "statements",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What a member is told of an act that restricts them (`decisions.statements`), with every part the law wants.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Notification",
            name="place",
            field=fields.CharField(default="", db_default="", max_length=60),
        ),
    ]

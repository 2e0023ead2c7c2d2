from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0012_fill_groups")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountAttributes",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
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
                ("values_encrypted", fields.TextField(default="", db_default="", unique=False)),
            ],
            options={
                "table": "vault_account_attributes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What is known of a person for the rules of segments; sealed, because it narrows down who somebody is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attribute",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=40)),
                ("subject", fields.CharField(max_length=16)),
                ("kind", fields.CharField(max_length=16)),
                ("label_de", fields.CharField(max_length=80)),
                ("label_en", fields.CharField(max_length=80)),
                (
                    "choices",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attributes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What can be known of a company or a person: its name, and which values there are.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AttributeImport",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("made_by", fields.BigIntField()),
                ("subject", fields.CharField(max_length=16)),
                ("changes_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("report_encrypted", fields.TextField(default="", db_default="", unique=False)),
                ("change_count", fields.IntField(default=0, db_default=0)),
                ("place", fields.IntField(default=0, db_default=0)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_attribute_imports",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A file of attributes that was read and waits for a yes or is being carried out. The file is not kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CompanyAttributes",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "company",
                    fields.OneToOneField(
                        "community.Company",
                        source_field="company_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("values_encrypted", fields.TextField(default="", db_default="", unique=False)),
            ],
            options={
                "table": "vault_company_attributes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What is known of a company for the rules of segments, in one sealed text: a copy of the database does not",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupLeaving",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "community.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
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
            ],
            options={
                "table": "group_leavings",
                "app": "community",
                "unique_together": (("group_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A member whom a rule had put into a group has left it, or was taken out: no rule brings them back.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "group",
                    fields.OneToOneField(
                        "community.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("purpose", fields.TextField(default="", unique=False)),
                (
                    "draft",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "rule",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("wanted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_outdated", fields.BooleanField(default=False, db_default=False)),
                ("weighed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("swept_to", fields.BigIntField(null=True)),
            ],
            options={
                "table": "segments",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A rule that fills a closed group.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Membership",
            name="by_rule",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Membership",
            name="ends_at",
            field=fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
        ),
    ]

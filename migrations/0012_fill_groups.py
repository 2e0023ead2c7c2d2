from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0011_erase_members")]

    initial = False

    operations = [
        ops.CreateModel(
            name="GroupInvitation",
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
                ("role", fields.CharField(max_length=16)),
                ("invited_by", fields.BigIntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "group_invitations",
                "app": "community",
                "unique_together": (("group_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A nickname is invited, or offered another role. Its answer is never shown to whoever invited.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupLink",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("invited_by", fields.BigIntField()),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("most_uses", fields.IntField()),
                ("uses_left", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "group_links",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A link that lets several people in. Only the hash of its secret is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JoinRequest",
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
                ("note", fields.CharField(default="", max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(default="", db_default="", max_length=500)),
            ],
            options={
                "table": "join_requests",
                "app": "community",
                "unique_together": (("group_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "Somebody wants to be let in. One for each member and group; a new one takes the place of a decided one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MailInvitation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("group_id", fields.BigIntField(db_index=True)),
                ("invited_by", fields.BigIntField()),
                ("mail_hash", fields.CharField(db_index=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("is_used", fields.BooleanField(default=False, db_default=False)),
            ],
            options={
                "table": "vault_mail_invitations",
                "app": "community",
                "pk_attr": "id",
                "table_description": "An address is invited into a group. Written the same way whether or not it has an account.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Group",
            name="shows_members",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Membership",
            name="came_openly",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Membership",
            name="wants_listing",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Notification",
            name="group",
            field=fields.ForeignKeyField(
                "community.Group",
                source_field="group_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.CASCADE,
            ),
        ),
    ]

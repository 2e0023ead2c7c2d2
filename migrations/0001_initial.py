from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from community.core.db.connection import random_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


async def begin_site_stamp(apps, schema_editor):
    await schema_editor.client.execute_query("INSERT INTO site_stamp (id, value) VALUES (1, 0)")


async def end_site_stamp(apps, schema_editor):
    await schema_editor.client.execute_query("DELETE FROM site_stamp")


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.CharField(max_length=120)),
                ("language", fields.CharField(default="de", db_default="de", max_length=8)),
                ("position", fields.IntField(default=0, db_default=0)),
            ],
            options={"table": "faq_categories", "app": "community", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("name_encrypted", fields.TextField(unique=False)),
                ("contract_number_encrypted", fields.TextField(default="", unique=False)),
                ("size_class", fields.CharField(default="", db_default="", max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_companies",
                "app": "community",
                "pk_attr": "id",
                "table_description": "Name and contract number are encrypted (`community.core.vault_keys`).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryChange",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("entry_id", fields.BigIntField()),
                ("change", fields.CharField(max_length=16)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_changes",
                "app": "community",
                "indexes": [Index(fields=["entry_id"])],
                "pk_attr": "id",
                "table_description": "What a website that mirrors the public FAQ must follow, in order: the cursor of the feed is this id.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.CharField(max_length=120)),
                ("description", fields.TextField(default="", unique=False)),
                ("access", fields.CharField(max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "groups",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A named set of members.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportedItem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("source", fields.CharField(max_length=80)),
                ("kind", fields.CharField(max_length=16)),
                ("foreign_id", fields.CharField(max_length=40)),
                ("local_id", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "imported_items",
                "app": "community",
                "unique_together": (("source", "kind", "foreign_id"),),
                "pk_attr": "id",
                "table_description": "Which row of ours a foreign row became, so that an import can be repeated and resumed without doubles.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LogEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor_id", fields.BigIntField(null=True)),
                ("actor_name", fields.CharField(max_length=60)),
                ("act", fields.CharField(max_length=40)),
                ("subject", fields.CharField(max_length=60)),
                ("space_id", fields.BigIntField(null=True)),
                ("reason", fields.CharField(max_length=1000)),
                (
                    "details",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "moderation_log",
                "app": "community",
                "indexes": [Index(fields=["subject", "at"]), Index(fields=["at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("nickname", fields.CharField(db_index=True, max_length=40)),
                ("nickname_key", fields.CharField(unique=True, max_length=80)),
                ("role", fields.CharField(default="customer", db_default="customer", max_length=16)),
                ("staff_name", fields.CharField(default="", db_default="", max_length=60)),
                ("staff_field", fields.CharField(default="", db_default="", max_length=120)),
                ("photo", fields.CharField(default="", db_default="", max_length=120)),
                ("seed", fields.BigIntField(default=random_id)),
                ("year_joined", fields.SmallIntField()),
                ("kudos_count", fields.IntField(default=0, db_default=0)),
                ("solution_count", fields.IntField(default=0, db_default=0)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("colour_mode", fields.CharField(default="", db_default="", max_length=8)),
                ("hides_ranks", fields.BooleanField(default=False, db_default=False)),
                ("erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "members",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A nickname with its standing. Counters are copies of facts, rebuilt by `community recount`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.OneToOneField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "company",
                    fields.ForeignKeyField(
                        "community.Company",
                        source_field="company_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("mail_hash", fields.CharField(unique=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
                ("real_name_encrypted", fields.TextField(default="", unique=False)),
                ("stated_company_encrypted", fields.TextField(default="", unique=False)),
                ("password_hash", fields.CharField(max_length=255)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("password_changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("nickname_changed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_accounts",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What proves identity. The mail address is found by keyed hash, read by decryption only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Badge",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=80)),
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "badges",
                "app": "community",
                "indexes": [Index(fields=["member_id", "granted_at"])],
                "pk_attr": "id",
                "table_description": "A milestone, shown on the profile. `name` is what the member sees.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Claim",
            fields=[
                ("item", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
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
                ("claimed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "claims",
                "app": "community",
                "pk_attr": "item",
                "table_description": '"I am on it": at most one staff member per item of the queue ("post:<id>").',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Draft",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("title", fields.CharField(default="", max_length=200)),
                ("body", fields.TextField(default="", unique=False)),
                ("space_id", fields.BigIntField(null=True)),
                ("tags", fields.CharField(default="", max_length=200)),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "drafts",
                "app": "community",
                "unique_together": (("member_id", "place"),),
                "pk_attr": "id",
                "table_description": 'What a member has typed but not published: one per member and place ("ask", "answer:<thread id>").',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "category",
                    fields.ForeignKeyField(
                        "community.Category",
                        source_field="category_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(max_length=16)),
                ("newer_state", fields.CharField(default="", db_default="", max_length=16)),
                ("language", fields.CharField(default="de", db_default="de", max_length=8)),
                ("audience", fields.CharField(default="public", db_default="public", max_length=16)),
                ("cleared_by", fields.BigIntField(null=True)),
                ("question", fields.CharField(max_length=200)),
                ("short_answer", fields.TextField(unique=False)),
                ("steps", fields.TextField(default="", unique=False)),
                ("valid_for", fields.CharField(default="", max_length=120)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("edited_by", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("edited_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("slug", fields.CharField(max_length=80)),
                ("published_version", fields.IntField(null=True)),
                ("published_question", fields.CharField(default="", max_length=200)),
                ("published_short_answer", fields.TextField(default="", unique=False)),
                ("published_steps", fields.TextField(default="", unique=False)),
                ("published_html", fields.TextField(default="", unique=False)),
                ("published_valid_for", fields.CharField(default="", max_length=120)),
                ("published_language", fields.CharField(default="", db_default="", max_length=8)),
                ("published_audience", fields.CharField(default="", db_default="", max_length=16)),
                (
                    "published_category",
                    fields.ForeignKeyField(
                        "community.Category",
                        source_field="published_category_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("published_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("changed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checked_role", fields.CharField(default="", db_default="", max_length=16)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("helpful_count", fields.IntField(default=0, db_default=0)),
                ("unhelpful_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "faq_entries",
                "app": "community",
                "indexes": [Index(fields=["state", "published_category_id"]), Index(fields=["newer_state"])],
                "pk_attr": "id",
                "table_description": "A question with a short answer made from threads.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryFeedback",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "community.Entry",
                        source_field="entry_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("member_id", fields.BigIntField(null=True)),
                ("helpful", fields.BooleanField()),
                ("reason", fields.CharField(default="", max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_feedback",
                "app": "community",
                "unique_together": (("entry_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "Did an entry help? One vote per member; guests' votes have no member.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryRevision",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "community.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.IntField()),
                ("question", fields.CharField(max_length=200)),
                ("short_answer", fields.TextField(unique=False)),
                ("steps", fields.TextField(default="", unique=False)),
                ("valid_for", fields.CharField(default="", max_length=120)),
                ("audience", fields.CharField(default="public", db_default="public", max_length=16)),
                ("edited_by", fields.BigIntField(null=True)),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_revisions",
                "app": "community",
                "unique_together": (("entry_id", "version"),),
                "pk_attr": "id",
                "table_description": "Each saved text of an entry, for its history.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Registration",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("nickname", fields.CharField(max_length=40)),
                ("nickname_key", fields.CharField(unique=True, max_length=80)),
                ("mail_hash", fields.CharField(db_index=True, max_length=64)),
                ("mail_encrypted", fields.TextField(unique=False)),
                ("real_name_encrypted", fields.TextField(default="", unique=False)),
                ("stated_company_encrypted", fields.TextField(default="", unique=False)),
                ("password_hash", fields.CharField(max_length=255)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("browser_hash", fields.CharField(default="", db_default="", max_length=64)),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_registrations",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A registration that waits for its address to be confirmed. Only the confirmation makes member and account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MailLink",
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
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("purpose", fields.CharField(max_length=16)),
                ("new_mail_encrypted", fields.TextField(default="", unique=False)),
                ("language", fields.CharField(default="", db_default="", max_length=8)),
                ("nonce", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "vault_mail_links",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A link sent by mail: choose a new password, or confirm a new address. The token is derived, never stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Membership",
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
                ("role", fields.CharField(default="member", db_default="member", max_length=16)),
                ("joined_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "memberships",
                "app": "community",
                "unique_together": (("group_id", "member_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutboxFact",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                (
                    "payload",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                ("leased_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("leased_by", fields.CharField(default="", db_default="", max_length=64)),
                (
                    "delivered",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("parked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_error", fields.TextField(default="", db_default="", unique=False)),
            ],
            options={
                "table": "outbox_facts",
                "app": "community",
                "indexes": [Index(fields=["done_at", "parked_at", "due_at"]), Index(fields=["parked_at"])],
                "pk_attr": "id",
                "table_description": "What happened, recorded in the transaction that made it true (see `community.core.outbox`).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Release",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject", fields.CharField(max_length=60)),
                ("version", fields.IntField()),
                ("drafted_by", fields.BigIntField()),
                ("released_by", fields.BigIntField()),
                ("released_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "releases",
                "app": "community",
                "unique_together": (("subject", "version"),),
                "pk_attr": "id",
                "table_description": "A second person's yes: `drafted_by` and `released_by` are never the same.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RetiredNickname",
            fields=[
                (
                    "nickname_key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("retired_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "retired_nicknames",
                "app": "community",
                "pk_attr": "nickname_key",
                "table_description": "The key of a nickname that was given up: nobody else gets it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
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
                ("member_id", fields.BigIntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("device", fields.CharField(default="", db_default="", max_length=60)),
            ],
            options={
                "table": "vault_sessions",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A log-in. The cookie holds a random token; here lies only its SHA-256.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SiteStamp",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("value", fields.BigIntField(default=0, db_default=0)),
            ],
            options={
                "table": "site_stamp",
                "app": "community",
                "pk_attr": "id",
                "table_description": "One row, one number: it rises whenever something changes that many pages show.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Space",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.CharField(max_length=120)),
                ("purpose", fields.CharField(default="", db_default="", max_length=300)),
                ("kind", fields.CharField(max_length=16)),
                ("access", fields.CharField(max_length=16)),
                ("language", fields.CharField(default="de", db_default="de", max_length=8)),
                (
                    "icon",
                    fields.CharField(default="messages-square", db_default="messages-square", max_length=40),
                ),
                ("position", fields.IntField(default=0, db_default=0)),
                ("thread_count", fields.IntField(default=0, db_default=0)),
                ("solved_count", fields.IntField(default=0, db_default=0)),
                ("last_activity_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "spaces",
                "app": "community",
                "pk_attr": "id",
                "table_description": "The place that holds threads.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Expert",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
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
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "experts",
                "app": "community",
                "unique_together": (("space_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "A member's expert status for a space, until a date or until revoked.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SpaceGroup",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
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
            ],
            options={
                "table": "space_groups",
                "app": "community",
                "unique_together": (("space_id", "group_id"),),
                "pk_attr": "id",
                "table_description": "A group whose members read and write an exclusive space.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Standing",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("space_id", fields.BigIntField(default=0)),
                ("days", fields.SmallIntField()),
                ("position", fields.IntField()),
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
                ("solution_count", fields.IntField()),
                ("kudos_count", fields.IntField()),
                ("is_staff", fields.BooleanField(default=False)),
            ],
            options={
                "table": "standings",
                "app": "community",
                "indexes": [Index(fields=["space_id", "days", "is_staff", "position"])],
                "pk_attr": "id",
                "table_description": "One line of a ranking, recomputed by the worker so that the page costs the same at any size.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Submission",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("member_id", fields.BigIntField()),
                ("key", fields.CharField(max_length=64)),
                ("fingerprint", fields.CharField(max_length=64)),
                ("result", fields.CharField(default="", db_default="", max_length=255)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "submissions",
                "app": "community",
                "unique_together": (("member_id", "key"),),
                "pk_attr": "id",
                "table_description": "A form that was sent: its key, what it said, and where its result stands. Kept for a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Thread",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("title", fields.CharField(max_length=200)),
                ("slug", fields.CharField(max_length=80)),
                ("language", fields.CharField(default="de", db_default="de", max_length=8)),
                ("tag_names", fields.CharField(default="", db_default="", max_length=200)),
                ("status", fields.CharField(default="unanswered", db_default="unanswered", max_length=16)),
                ("answer_count", fields.IntField(default=0, db_default=0)),
                ("kudos_count", fields.IntField(default=0, db_default=0)),
                ("same_problem_count", fields.IntField(default=0, db_default=0)),
                ("staff_answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_activity_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("pinned_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("hidden_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "threads",
                "app": "community",
                "indexes": [
                    Index(fields=["space_id", "hidden_at", "last_activity_at"]),
                    Index(fields=["space_id", "hidden_at", "status", "last_activity_at"]),
                    Index(fields=["space_id", "pinned_at"]),
                    Index(fields=["hidden_at", "last_activity_at"]),
                    Index(fields=["hidden_at", "status", "last_activity_at"]),
                    Index(fields=["author_id", "created_at"]),
                    Index(fields=["created_at"]),
                ],
                "pk_attr": "id",
                "table_description": "A title and its posts.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "follows",
                "app": "community",
                "unique_together": (("thread_id", "member_id"),),
                "indexes": [Index(fields=["member_id", "created_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="parent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("body", fields.TextField(unique=False)),
                ("body_html", fields.TextField(unique=False)),
                ("render_version", fields.SmallIntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("edited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("hidden_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("kudos_count", fields.IntField(default=0, db_default=0)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "posts",
                "app": "community",
                "indexes": [
                    Index(fields=["thread_id", "kind", "hidden_at", "created_at"]),
                    Index(fields=["author_id", "kind", "created_at"]),
                ],
                "pk_attr": "id",
                "table_description": "Any authored text. `body_html` is rendered once, when the text is written.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntrySource",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "community.Entry",
                        source_field="entry_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("fingerprint", fields.CharField(max_length=64)),
            ],
            options={
                "table": "faq_sources",
                "app": "community",
                "unique_together": (("entry_id", "post_id"),),
                "pk_attr": "id",
                "table_description": "A post that an entry was made from, with a fingerprint of what it said then.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Flag",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
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
                ("reason", fields.CharField(max_length=24)),
                ("note", fields.CharField(default="", max_length=1000)),
                ("state", fields.CharField(default="open", db_default="open", max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
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
                "table": "flags",
                "app": "community",
                "indexes": [Index(fields=["state", "created_at"])],
                "pk_attr": "id",
                "table_description": "A member's report of a post to the moderators.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Kudos",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
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
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "kudos",
                "app": "community",
                "unique_together": (("post_id", "member_id"),),
                "indexes": [Index(fields=["given_at"]), Index(fields=["member_id", "given_at"])],
                "pk_attr": "id",
                "table_description": "Thanks for a post. `member` is empty where an import knows that somebody gave thanks, but not who.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notification",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=24)),
                (
                    "actor",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="actor_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("note", fields.CharField(default="", max_length=500)),
                ("cause", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notifications",
                "app": "community",
                "unique_together": (("member_id", "cause"),),
                "indexes": [
                    Index(fields=["member_id", "read_at"]),
                    Index(fields=["member_id", "created_at"]),
                ],
                "pk_attr": "id",
                "table_description": "Something a member should know, told once: `cause` makes telling it again harmless.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RelatedThread",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "related",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="related_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("position", fields.SmallIntField(default=0, db_default=0)),
            ],
            options={
                "table": "related_threads",
                "app": "community",
                "unique_together": (("thread_id", "related_id"),),
                "pk_attr": "id",
                "table_description": 'Two threads about the same subject: "duplicate" and "linked" come from people, "similar" from the index.',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.IntField()),
                ("title", fields.CharField(default="", max_length=200)),
                ("body", fields.TextField(unique=False)),
                (
                    "edited_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="edited_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("replaced_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "revisions",
                "app": "community",
                "unique_together": (("post_id", "version"),),
                "pk_attr": "id",
                "table_description": "What a post (and, for an opening post, the title) said before an edit.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SameProblem",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
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
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "same_problems",
                "app": "community",
                "unique_together": (("thread_id", "member_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Solution",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.OneToOneField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.OneToOneField(
                        "community.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "accepted_by",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="accepted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("accepted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "solutions",
                "app": "community",
                "indexes": [Index(fields=["accepted_at"])],
                "pk_attr": "id",
                "table_description": "This answer is the solution of its thread: at most one row per thread.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ThreadTag",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "community.Thread",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=40)),
            ],
            options={
                "table": "thread_tags",
                "app": "community",
                "unique_together": (("thread_id", "name"),),
                "indexes": [Index(fields=["name", "thread_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunPython(begin_site_stamp, end_site_stamp),
    ]

from datetime import timedelta

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from community.core.clock import now
from community.core.db.connection import random_id
from community.core.db.statements import as_time, to_driver

REVEALS_WAIT = timedelta(days=7)
COLUMNS = "id, kind, subject, not_for, since, soon_at, due_at"


async def put_what_waits(apps, schema_editor):
    """FAQ entries in review or to be checked, and identities that were asked for, wait in the queue from now on.

    Unanswered questions are put there by the worker.
    """
    client = schema_editor.client
    dialect = client.capabilities.dialect
    entries = (
        await client.execute_query(
            """SELECT id, edited_at, CASE WHEN 'in_review' IN (state, newer_state) THEN edited_by END AS not_for
            FROM faq_entries WHERE state IN ('in_review', 'check') OR newer_state = 'in_review'"""
        )
    )[1]
    asked = (
        await client.execute_query(
            "SELECT id, asked_at, asked_by FROM vault_reveals WHERE is_approved IS NULL"
        )
    )[1]
    items = [("faq", row["id"], row["not_for"], as_time(row["edited_at"]), 48, 120) for row in entries]
    items += [
        ("reveal", row["id"], row["asked_by"], as_time(row["asked_at"]), 4, 24)
        for row in asked
        if as_time(row["asked_at"]) > now() - REVEALS_WAIT
    ]
    marks = ", ".join("?" if dialect == "sqlite" else f"${number}" for number in range(1, 8))
    await client.execute_many(
        f"INSERT INTO work_items ({COLUMNS}) VALUES ({marks})",
        [
            [
                random_id(),
                kind,
                f"{kind}:{number}",
                not_for,
                *(to_driver(since + timedelta(hours=hours), dialect) for hours in (0, soon, late)),
            ]
            for kind, number, not_for, since, soon, late in items
        ],
    )


async def leave_it(apps, schema_editor):
    """The way back: older versions know flags alone."""
    await schema_editor.client.execute_query("DELETE FROM work_items WHERE kind <> 'flag'")


class Migration(migrations.Migration):
    dependencies = [("community", "0037_chain_the_log")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WorkLook",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("item_id", fields.BigIntField()),
                ("member_id", fields.BigIntField()),
                ("seen_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "work_looks",
                "app": "community",
                "unique_together": (("item_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "That somebody of staff has an item open right now; old rows mean nothing.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkTarget",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("space_id", fields.BigIntField()),
                ("kind", fields.CharField(max_length=16)),
                ("after_hours", fields.IntField()),
                ("soon_hours", fields.IntField()),
                ("late_hours", fields.IntField()),
            ],
            options={
                "table": "work_targets",
                "app": "community",
                "unique_together": (("space_id", "kind"),),
                "pk_attr": "id",
                "table_description": "How long things of a kind may wait in a space, in hours; without a row, as `targets` says.",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="WorkItem",
            index=Index(fields=["snoozed_until"]),
        ),
        ops.AddIndex(
            model_name="WorkItem",
            index=Index(fields=["kind", "space_id", "not_for", "due_at"]),
        ),
        ops.RunPython(put_what_waits, leave_it),
    ]

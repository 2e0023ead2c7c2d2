from datetime import timedelta

from tortoise import migrations
from tortoise.migrations import operations as ops
from community.core.db.connection import random_id
from community.core.db.statements import as_time, to_driver
from tortoise.fields.base import OnDelete
from tortoise import fields

COLUMNS = "id, kind, subject, space_id, not_for, since, soon_at, due_at"
NOTICES, APPEALS = (4, 24), (72, 168)
"""Hours until something is nearly due, and due."""


async def put_what_waits(apps, schema_editor):
    """Open notices that stand beside no flag, and open appeals, stand in the queue from now on.

    From whom an appeal is kept the worker finds within a minute, and whoever claims or decides it is asked at once.
    """
    client = schema_editor.client
    dialect = client.capabilities.dialect
    notices = (
        await client.execute_query(
            """SELECT id, subject, space_id, reporter_id, knew_at FROM notices
            WHERE state = 'open' AND flag_id IS NULL ORDER BY id"""
        )
    )[1]
    appeals = (
        await client.execute_query(
            """SELECT a.id, a.filed_at, COALESCE(s.space_id, n.space_id) AS space_id FROM appeals a
            LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
            WHERE a.state = 'open' ORDER BY a.id"""
        )
    )[1]

    def item(subject, space_id, not_for, since, hours):
        times = (to_driver(as_time(since) + timedelta(hours=number), dialect) for number in (0, *hours))
        return [random_id(), subject.partition(":")[0], subject, space_id or 0, not_for, *times]

    items = [
        item(f"notice:{row['id']}", row["space_id"], row["reporter_id"], row["knew_at"], NOTICES)
        for row in notices
    ]
    bars = [
        [random_id(), put[0], int(row["subject"].partition(":")[2])]
        for put, row in zip(items, notices, strict=True)
        if row["subject"].startswith("member:")
    ]
    items += [item(f"appeal:{row['id']}", row["space_id"], None, row["filed_at"], APPEALS) for row in appeals]

    def marks(count):
        return ", ".join("?" if dialect == "sqlite" else f"${number}" for number in range(1, count + 1))

    await client.execute_many(f"INSERT INTO work_items ({COLUMNS}) VALUES ({marks(8)})", items)
    await client.execute_many(f"INSERT INTO work_bars (id, item_id, member_id) VALUES ({marks(3)})", bars)


async def leave_it(apps, schema_editor):
    """The way back: older versions have lists of their own."""
    await schema_editor.client.execute_query("DELETE FROM work_items WHERE kind IN ('notice', 'appeal')")


class Migration(migrations.Migration):
    dependencies = [("community", "0046_keep_drafts_of_edits")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WorkBar",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                (
                    "item",
                    fields.ForeignKeyField(
                        "community.WorkItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("member_id", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "work_bars",
                "app": "community",
                "unique_together": (("item_id", "member_id"),),
                "pk_attr": "id",
                "table_description": "One more of staff from whom an item is kept, beside its `not_for`: they have had to do with the matter.",
            },
            bases=["Model"],
        ),
        ops.RunPython(put_what_waits, leave_it),
    ]

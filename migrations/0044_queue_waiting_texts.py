from datetime import timedelta

from tortoise import migrations
from tortoise.migrations import operations as ops

from community.core.db.connection import random_id
from community.core.db.statements import as_time, to_driver

COLUMNS = "id, kind, subject, space_id, not_for, since, soon_at, due_at"
SOON, LATE = 4, 24
"""Hours."""


async def put_what_waits(apps, schema_editor):
    """Texts that wait for somebody's yes stand in the queue from now on, in the space in which their thread is."""
    client = schema_editor.client
    dialect = client.capabilities.dialect
    rows = (
        await client.execute_query(
            """SELECT w.id, w.author_id, w.submitted_at, COALESCE(t.space_id, w.space_id) AS space_id
            FROM waiting_texts w LEFT JOIN posts p ON p.id = w.post_id
            LEFT JOIN threads t ON t.id = COALESCE(p.thread_id, w.thread_id)
            WHERE w.state = 'waiting' ORDER BY w.id"""
        )
    )[1]
    marks = ", ".join("?" if dialect == "sqlite" else f"${number}" for number in range(1, 9))
    await client.execute_many(
        f"INSERT INTO work_items ({COLUMNS}) VALUES ({marks})",
        [
            [
                random_id(),
                "text",
                f"text:{row['id']}",
                row["space_id"],
                row["author_id"],
                *(
                    to_driver(as_time(row["submitted_at"]) + timedelta(hours=hours), dialect)
                    for hours in (0, SOON, LATE)
                ),
            ]
            for row in rows
        ],
    )


async def leave_it(apps, schema_editor):
    """The way back: older versions have a list of their own."""
    await schema_editor.client.execute_query("DELETE FROM work_items WHERE kind = 'text'")


class Migration(migrations.Migration):
    dependencies = [("community", "0043_keep_canned_answers")]

    initial = False

    operations = [ops.RunPython(put_what_waits, leave_it)]

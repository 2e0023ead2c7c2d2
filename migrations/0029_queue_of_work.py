from datetime import timedelta

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from community.core.db.connection import random_id
from community.core.db.statements import as_time, to_driver

BATCH = 1_000
SOON, LATE = timedelta(hours=4), timedelta(hours=24)
"""How long a flag could wait until it was marked."""
COLUMNS = "id, kind, subject, space_id, not_for, since, soon_at, due_at, claimed_by, claimed_at"


async def carry_over_flags(apps, schema_editor):
    """Every post with open flags becomes an item, with whoever is on it."""
    client = schema_editor.client
    is_sqlite = client.capabilities.dialect == "sqlite"
    marks = ", ".join("?" if is_sqlite else f"${number}" for number in range(1, 11))
    last = -1
    while True:
        rows = (
            await client.execute_query(
                f"""SELECT f.post_id, f.since, p.author_id, t.space_id, c.member_id, c.claimed_at
                FROM (SELECT post_id, MIN(created_at) AS since FROM flags WHERE state = 'open' AND post_id > {last}
                GROUP BY post_id ORDER BY post_id LIMIT {BATCH}) AS f
                JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
                LEFT JOIN claims c ON c.item = 'post:' || CAST(f.post_id AS VARCHAR(20)) ORDER BY f.post_id"""
            )
        )[1]
        if not rows:
            return
        last = rows[-1]["post_id"]
        items = []
        for row in rows:
            since = as_time(row["since"])
            times = [
                to_driver(moment, client.capabilities.dialect)
                for moment in (since, since + SOON, since + LATE)
            ]
            item = [random_id(), "flag", f"post:{row['post_id']}", row["space_id"], row["author_id"], *times]
            items.append([*item, row["member_id"], row["claimed_at"]])
        await client.execute_many(f"INSERT INTO work_items ({COLUMNS}) VALUES ({marks})", items)


async def carry_back_claims(apps, schema_editor):
    """The way back: the flags themselves never moved."""
    await schema_editor.client.execute_query(
        """INSERT INTO claims (item, member_id, claimed_at) SELECT subject, claimed_by, claimed_at FROM work_items
        WHERE kind = 'flag' AND claimed_by IN (SELECT id FROM members)"""
    )


class Migration(migrations.Migration):
    dependencies = [("community", "0028_warn_of_gaming")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        primary_key=True, generated=False, default=random_id, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("subject", fields.CharField(max_length=60)),
                ("space_id", fields.BigIntField(default=0, db_default=0)),
                ("not_for", fields.BigIntField(null=True)),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("soon_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("claimed_by", fields.BigIntField(null=True)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("handed_to", fields.BigIntField(null=True)),
                ("handed_by", fields.BigIntField(null=True)),
                ("note", fields.CharField(default="", db_default="", max_length=300)),
                ("snoozed_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "work_items",
                "app": "community",
                "unique_together": (("kind", "subject"),),
                "indexes": [
                    Index(fields=["due_at", "id"]),
                    Index(fields=["kind", "due_at", "id"]),
                    Index(fields=["space_id", "due_at", "id"]),
                    Index(fields=["claimed_by"]),
                    Index(fields=["handed_to"]),
                ],
                "pk_attr": "id",
                "table_description": "Something that waits for staff. It is there while its cause lasts, and deleted with it.",
            },
            bases=["Model"],
        ),
        ops.RunPython(carry_over_flags, carry_back_claims),
        ops.DeleteModel(name="Claim"),
    ]

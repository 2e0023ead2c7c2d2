from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


async def begin_index_builds(apps, schema_editor):
    await schema_editor.client.execute_query("INSERT INTO index_builds (id) VALUES (1)")


async def end_index_builds(apps, schema_editor):
    await schema_editor.client.execute_query("DELETE FROM index_builds")


class Migration(migrations.Migration):
    dependencies = [("community", "0007_ask_sessions")]

    initial = False

    operations = [
        ops.CreateModel(
            name="IndexBuild",
            fields=[
                ("id", fields.IntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("state", fields.CharField(default="idle", db_default="idle", max_length=16)),
                ("asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("runner", fields.CharField(default="", db_default="", max_length=128)),
                ("beat_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("total", fields.IntField(default=0, db_default=0)),
                ("done", fields.IntField(default=0, db_default=0)),
                ("prepared", fields.CharField(default="", db_default="", max_length=128)),
                ("current_to", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("failures", fields.IntField(default=0, db_default=0)),
                ("last_error", fields.CharField(default="", db_default="", max_length=128)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("seconds", fields.IntField(default=0, db_default=0)),
                ("documents", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "index_builds",
                "app": "community",
                "pk_attr": "id",
                "table_description": "One row: what is wanted or running now, and how the last one ended. See `community.reindexing.state`.",
            },
            bases=["Model"],
        ),
        ops.RunPython(begin_index_builds, end_index_builds),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

KEPT = ("id", "at", "actor_id", "act", "subject", "space_id", "details")
"""What of an entry nothing may change; names and reasons are forgotten with a person."""

SQLITE = (
    """CREATE TRIGGER moderation_log_stays BEFORE DELETE ON moderation_log
    BEGIN SELECT RAISE(ABORT, 'The moderation log is only added to.'); END""",
    f"""CREATE TRIGGER moderation_log_is_kept BEFORE UPDATE OF {", ".join(KEPT)} ON moderation_log
    BEGIN SELECT RAISE(ABORT, 'The moderation log is only added to.'); END""",
    """CREATE TRIGGER moderation_log_links_stay BEFORE DELETE ON moderation_log_links
    BEGIN SELECT RAISE(ABORT, 'The moderation log is only added to.'); END""",
    """CREATE TRIGGER moderation_log_links_are_kept BEFORE UPDATE ON moderation_log_links
    BEGIN SELECT RAISE(ABORT, 'The moderation log is only added to.'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION moderation_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'The moderation log is only added to.'; END $$""",
    """CREATE TRIGGER moderation_log_stays BEFORE DELETE OR TRUNCATE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_refuse()""",
    f"""CREATE TRIGGER moderation_log_is_kept BEFORE UPDATE OF {", ".join(KEPT)} ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_refuse()""",
    """CREATE TRIGGER moderation_log_links_stay BEFORE DELETE OR UPDATE OR TRUNCATE ON moderation_log_links
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_refuse()""",
)


def is_sqlite(schema_editor):
    return schema_editor.client.capabilities.dialect == "sqlite"


async def refuse_changes(apps, schema_editor):
    """Whoever works on the database by hand is stopped before a mistake; `community check` notices the rest."""
    for statement in SQLITE if is_sqlite(schema_editor) else POSTGRESQL:
        await schema_editor.client.execute_query(statement)


async def allow_changes(apps, schema_editor):
    run = schema_editor.client.execute_query
    if is_sqlite(schema_editor):
        for name in ("log_stays", "log_is_kept", "log_links_stay", "log_links_are_kept"):
            await run(f"DROP TRIGGER moderation_{name}")
    else:
        await run("DROP FUNCTION moderation_log_refuse() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("community", "0036_attach_files")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LogHead",
            fields=[
                ("id", fields.SmallIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("count", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
                ("older_until", fields.BigIntField()),
                ("older_done", fields.BigIntField()),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("seal", fields.CharField(max_length=64)),
            ],
            options={
                "table": "moderation_log_head",
                "app": "community",
                "pk_attr": "id",
                "table_description": "The end of the chain; one row, which is locked before the chain grows.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LogLink",
            fields=[
                (
                    "position",
                    fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True),
                ),
                ("entry_id", fields.BigIntField(unique=True)),
                ("name_digest", fields.CharField(max_length=64)),
                ("reason_digest", fields.CharField(max_length=64)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "moderation_log_links",
                "app": "community",
                "pk_attr": "position",
                "table_description": "An entry's place in the chain: its hash covers the entry and the hash before it.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="LogEntry",
            name="name_salt",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="LogEntry",
            name="reason_salt",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        ops.AddIndex(
            model_name="LogEntry",
            index=Index(fields=["act", "id"]),
        ),
        ops.AddIndex(
            model_name="LogEntry",
            index=Index(fields=["actor_id", "id"]),
        ),
        ops.AddIndex(
            model_name="LogEntry",
            index=Index(fields=["space_id", "id"]),
        ),
        ops.RunPython(refuse_changes, allow_changes),
    ]

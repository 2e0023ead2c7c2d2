from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

SOURCES_AS_THEY_STAND = """
UPDATE faq_sources SET checked_thread_id = thread_id, accepted = COALESCE((
    SELECT 'narrowed:' || s.access FROM faq_entries e, threads t JOIN spaces s ON s.id = t.space_id
    WHERE e.id = faq_sources.entry_id AND t.id = faq_sources.thread_id
    AND e.cleared_by IS NOT NULL AND s.access <> 'open'
), '')
"""
"""Where a person has said yes to sources that readers may not read, that holds on."""


class Migration(migrations.Migration):
    dependencies = [("community", "0061_propose_entries")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EntryCause",
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
                ("kind", fields.CharField(max_length=16)),
                ("post_id", fields.BigIntField(null=True)),
                ("mark", fields.CharField(default="", db_default="", max_length=20)),
                ("raised_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_by", fields.BigIntField(null=True)),
                ("settled_how", fields.CharField(default="", db_default="", max_length=16)),
            ],
            options={
                "table": "faq_causes",
                "app": "community",
                "indexes": [Index(fields=["entry_id", "settled_at"]), Index(fields=["settled_at", "kind"])],
                "pk_attr": "id",
                "table_description": "Why an entry has to be checked, or had to be. It holds no word of any text.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Entry",
            name="published_valid_until",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddField(
            model_name="Entry",
            name="valid_until",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddIndex(
            model_name="Entry",
            index=Index(fields=["published_valid_until"]),
        ),
        ops.AddIndex(
            model_name="Entry",
            index=Index(fields=["checked_at"]),
        ),
        ops.AddField(
            model_name="EntryRevision",
            name="valid_until",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AlterModelOptions(
            name="EntrySource",
            options={
                "table": "faq_sources",
                "app": "community",
                "unique_together": (("entry_id", "post_id"),),
                "pk_attr": "id",
                "table_description": "A post that an entry was made from, with a fingerprint of what it said.",
            },
        ),
        ops.AddField(
            model_name="EntrySource",
            name="accepted",
            field=fields.CharField(default="", db_default="", max_length=240),
        ),
        ops.AddField(
            model_name="EntrySource",
            name="checked_thread_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="EntrySource",
            name="draft_accepted",
            field=fields.CharField(default="", db_default="", max_length=240),
        ),
        ops.AddField(
            model_name="EntrySource",
            name="draft_fingerprint",
            field=fields.CharField(default="", db_default="", max_length=64),
        ),
        ops.AddField(
            model_name="EntrySource",
            name="replaced_by_id",
            field=fields.BigIntField(null=True),
        ),
        ops.RunSQL(SOURCES_AS_THEY_STAND, ""),
    ]

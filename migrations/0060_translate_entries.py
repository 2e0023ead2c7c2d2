from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0059_remember_what_mirrors_know")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Entry",
            name="original_id",
            field=fields.BigIntField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name="Entry",
            name="original_version",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Entry",
            name="published_related",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="Entry",
            name="related",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="EntryRevision",
            name="category_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="EntryRevision",
            name="language",
            field=fields.CharField(default="", db_default="", max_length=8),
        ),
        ops.AddField(
            model_name="EntryRevision",
            name="related",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
    ]

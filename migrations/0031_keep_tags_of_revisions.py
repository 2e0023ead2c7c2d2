from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0030_keep_versions_of_site_texts")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="Revision",
            options={
                "table": "revisions",
                "app": "community",
                "unique_together": (("post_id", "version"),),
                "pk_attr": "id",
                "table_description": "What a post (and, for an opening post, title and tags) said before an edit.",
            },
        ),
        ops.AddField(
            model_name="Revision",
            name="tag_names",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
    ]

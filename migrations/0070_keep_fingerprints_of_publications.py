from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

from community.core.db.operations import DropColumn


class Migration(migrations.Migration):
    dependencies = [("community", "0069_mark_erased_posts")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="Publication",
            options={
                "table": "faq_publications",
                "app": "community",
                "pk_attr": "target",
                "table_description": "Where the public FAQ is published to, and how that place was left.",
            },
        ),
        ops.AddField(
            model_name="Publication",
            name="fingerprint",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        DropColumn(model_name="Publication", name="cursor"),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0045_state_more_reasons")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="Draft",
            options={
                "table": "drafts",
                "app": "community",
                "unique_together": (("member_id", "place"),),
                "pk_attr": "id",
                "table_description": "What a member has typed but not published: one per member and place.",
            },
        ),
        ops.AddField(
            model_name="Draft",
            name="version",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]

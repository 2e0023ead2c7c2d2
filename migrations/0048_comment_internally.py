from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0047_queue_notices_and_appeals")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="StaffNote",
            options={
                "table": "staff_notes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What one of staff lets colleagues know about a thread, a post or a nickname. Nobody else ever sees it.",
            },
        ),
        ops.AddField(
            model_name="StaffNote",
            name="post",
            field=fields.ForeignKeyField(
                "community.Post",
                source_field="post_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.CASCADE,
            ),
        ),
    ]

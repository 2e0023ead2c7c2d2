from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0063_add_ideas")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="StaffNote",
            options={
                "table": "staff_notes",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What one of staff lets colleagues know about a thread, a post, a nickname or an FAQ entry. Nobody else sees it.",
            },
        ),
        ops.AddField(
            model_name="StaffNote",
            name="entry",
            field=fields.ForeignKeyField(
                "community.Entry",
                source_field="entry_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.CASCADE,
            ),
        ),
        ops.AddField(
            model_name="StaffNote",
            name="entry_version",
            field=fields.IntField(null=True),
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0033_accept_site_texts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Post",
            name="moved_from_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Thread",
            name="merged_into_id",
            field=fields.BigIntField(null=True, db_index=True),
        ),
    ]

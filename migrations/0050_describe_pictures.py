from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0049_break_off_batches_safely")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Attachment",
            name="alt",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0050_describe_pictures")]

    initial = False

    operations = [
        ops.AddField(
            model_name="WaitingText",
            name="files_out",
            field=fields.CharField(default="", db_default="", max_length=160),
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0056_schedule_releases")]

    initial = False

    operations = [
        ops.AddField(
            model_name="EntryChange",
            name="digest",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
    ]

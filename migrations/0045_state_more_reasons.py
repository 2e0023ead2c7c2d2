from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0044_queue_waiting_texts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Statement",
            name="is_found_by_program",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]

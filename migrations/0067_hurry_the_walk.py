from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0066_count_uses")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ProposalWalk",
            name="has_caught_up",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]

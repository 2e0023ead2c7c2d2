from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0048_comment_internally")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Batch",
            name="ended_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Batch",
            name="is_settled",
            field=fields.BooleanField(default=False, db_default=True),
        ),
        ops.AddField(
            model_name="Batch",
            name="noted_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="Thread",
            index=Index(fields=["space_id", "created_at"]),
        ),
    ]

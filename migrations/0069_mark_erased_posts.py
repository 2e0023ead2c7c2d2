from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

ERASED_BY_STAFF = """
UPDATE posts SET erased_at = (SELECT MIN(l.at) FROM moderation_log l
    WHERE l.act = 'erase_post' AND l.subject = 'post:' || CAST(posts.id AS VARCHAR(20)))
WHERE 'post:' || CAST(id AS VARCHAR(20)) IN (SELECT subject FROM moderation_log WHERE act = 'erase_post')
"""
"""What members have had erased before left no mark that could be found."""


class Migration(migrations.Migration):
    dependencies = [("community", "0068_index_added_columns")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Post",
            name="erased_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(ERASED_BY_STAFF, ""),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

ANSWERS = """
UPDATE faq_sources SET is_answer = TRUE WHERE EXISTS (SELECT 1 FROM posts p WHERE p.id = faq_sources.post_id
    AND p.kind = 'answer' AND NOT EXISTS (SELECT 1 FROM threads o WHERE o.id = faq_sources.checked_thread_id
        AND o.id <> p.thread_id AND o.created_at = p.created_at))
"""
"""All that are answers now, but those that a merge has made so: these opened the thread that they came from."""


class Migration(migrations.Migration):
    dependencies = [("community", "0071_keep_similar_entries")]

    initial = False

    operations = [
        ops.AddField(
            model_name="EntrySource",
            name="is_answer",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.RunSQL(ANSWERS, ""),
    ]

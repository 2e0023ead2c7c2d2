from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = (
    ("idx_faq_entries_origina_ee2fe5", "faq_entries", "original_id"),
    ("idx_memberships_ends_at_bddd34", "memberships", "ends_at"),
    ("idx_notificatio_group_i_7c71d7", "notifications", "group_id"),
    ("idx_notificatio_mail_du_03b56f", "notifications", "mail_due_at"),
    ("idx_notificatio_mail_id_b72705", "notifications", "mail_id"),
    ("idx_staff_notes_entry_i_d38a55", "staff_notes", "entry_id"),
    ("idx_staff_notes_post_id_972c93", "staff_notes", "post_id"),
    ("idx_threads_merged__60783f", "threads", "merged_into_id"),
)
"""Name, table and column. `AddField` adds the column of a field with `db_index` and forgets its index."""


class Migration(migrations.Migration):
    dependencies = [("community", "0067_hurry_the_walk")]

    initial = False

    operations = [
        ops.RunSQL(
            f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" ("{column}")', f'DROP INDEX IF EXISTS "{name}"'
        )
        for name, table, column in INDEXES
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0064_comment_entries")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Publication",
            fields=[
                ("target", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=400)),
                ("cursor", fields.CharField(default="", db_default="", max_length=40)),
                ("entry_count", fields.IntField(default=0, db_default=0)),
                ("leased_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("published_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("problem", fields.CharField(default="", db_default="", max_length=200)),
            ],
            options={
                "table": "faq_publications",
                "app": "community",
                "pk_attr": "target",
                "table_description": "Where the public FAQ is published to, and how far that place is.",
            },
            bases=["Model"],
        ),
    ]

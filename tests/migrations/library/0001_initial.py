from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True
    operations = [
        ops.CreateModel(
            name="Shelf",
            fields=[
                ("id", fields.BigIntField(primary_key=True, generated=False)),
                ("name", fields.CharField(unique=True, max_length=50)),
                ("room", fields.CharField(max_length=20)),
                ("note", fields.TextField(default="", db_default="")),
            ],
            options={"table": "shelves", "app": "community", "unique_together": (("room", "name"),)},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Book",
            fields=[
                ("id", fields.BigIntField(primary_key=True, generated=False)),
                (
                    "shelf",
                    fields.ForeignKeyField(
                        "community.Shelf",
                        source_field="shelf_id",
                        to_field="id",
                        related_name="books",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("title", fields.CharField(max_length=100)),
                ("position", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "books",
                "app": "community",
                "indexes": [Index(fields=["shelf_id", "position"])],
            },
            bases=["Model"],
        ),
    ]

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


async def paint(apps, schema_editor):
    shelves = apps.get_model("community.Shelf")
    await shelves.filter(id=1).using_db(schema_editor.client).update(colour="red")


async def leave(apps, schema_editor):
    """The column goes away as a whole."""


class Migration(migrations.Migration):
    dependencies = [("community", "0001_initial")]
    operations = [
        ops.AddField(
            model_name="Shelf",
            name="colour",
            field=fields.CharField(default="white", db_default="white", max_length=10),
        ),
        ops.AddField(
            model_name="Shelf",
            name="favourite",
            field=fields.ForeignKeyField(
                "community.Book",
                source_field="favourite_id",
                to_field="id",
                related_name="favourite_of",
                on_delete=OnDelete.SET_NULL,
                null=True,
            ),
        ),
        ops.RunPython(paint, leave),
        ops.AddIndex(model_name="Book", index=Index(fields=["title"], name="books_by_title")),
        ops.RunSQL(
            "CREATE UNIQUE INDEX one_book_per_place ON books (shelf_id, position) WHERE position > 0",
            "DROP INDEX one_book_per_place",
        ),
    ]

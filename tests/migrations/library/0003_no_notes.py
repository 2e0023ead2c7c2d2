from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from community.core.db.operations import DropColumn, StateOnlyAlterField


class Migration(migrations.Migration):
    dependencies = [("community", "0002_colours")]
    operations = [
        DropColumn(model_name="Shelf", name="note"),
        StateOnlyAlterField(
            model_name="Book", name="title", field=fields.CharField(max_length=100, description="x")
        ),
        ops.RunSQL(
            "UPDATE books SET title = 'a;b' WHERE id = 11", "UPDATE books SET title = 'back' WHERE id = 11"
        ),
    ]

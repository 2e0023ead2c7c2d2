from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RateLimit",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("spent_until", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "rate_limits",
                "app": "community",
                "pk_attr": "key",
                "table_description": "How much of an allowance is spent (see `community.core.rate_limits`). Says nothing about who it is.",
            },
            bases=["Model"],
        ),
    ]

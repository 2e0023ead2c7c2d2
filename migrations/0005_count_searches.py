from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("community", "0004_reveal_identities")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SearchTerm",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("day", fields.CharField(max_length=10)),
                ("language", fields.CharField(max_length=8)),
                ("words", fields.CharField(db_index=True, max_length=100)),
                ("search_count", fields.IntField(default=0, db_default=0)),
                ("nothing_count", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "search_terms",
                "app": "community",
                "unique_together": (("day", "language", "words"),),
                "pk_attr": "id",
                "table_description": "How often words were searched for on one day (UTC), in one language of the interface. Not by whom.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SearchTermDecision",
            fields=[
                ("words", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("state", fields.CharField(max_length=8)),
                ("decided_by", fields.BigIntField()),
                ("decided_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_on", fields.CharField(max_length=10)),
            ],
            options={
                "table": "search_term_decisions",
                "app": "community",
                "pk_attr": "words",
                "table_description": "What staff decided about words that found nothing: dealt with, or not worth anything.",
            },
            bases=["Model"],
        ),
    ]

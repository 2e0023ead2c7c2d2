from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("community", "0024_badges_by_rule_and_hand")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Point",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=16)),
                ("fact_id", fields.BigIntField()),
                (
                    "post",
                    fields.ForeignKeyField(
                        "community.Post",
                        source_field="post_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "space",
                    fields.ForeignKeyField(
                        "community.Space",
                        source_field="space_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "giver",
                    fields.ForeignKeyField(
                        "community.Member",
                        source_field="giver_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("given_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("month", fields.IntField()),
                ("nth", fields.IntField()),
            ],
            options={
                "table": "points",
                "app": "community",
                "unique_together": (("kind", "fact_id"),),
                "indexes": [Index(fields=["member_id", "giver_id", "month"])],
                "pk_attr": "id",
                "table_description": "A fact that gives points: one row of the ledger, kept by `community.ranks.points` as the facts are now.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PointRules",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("solution_points", fields.SmallIntField(default=5, db_default=5)),
                ("kudos_points", fields.SmallIntField(default=1, db_default=1)),
                ("pair_cap", fields.SmallIntField(default=10, db_default=10)),
                ("version", fields.IntField(default=0, db_default=0)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "point_rules",
                "app": "community",
                "pk_attr": "id",
                "table_description": "What facts are worth: one row, with the id 1; without it the defaults hold.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Rank",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=40)),
                ("points", fields.IntField(unique=True)),
            ],
            options={
                "table": "ranks",
                "app": "community",
                "pk_attr": "id",
                "table_description": "A step of the ladder: a title, and the points from which it is held.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Member",
            name="points",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Standing",
            name="made_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Standing",
            name="points",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Sanction(Model):
    """A warning, a mute, a suspension or a ban of one member. It ends by its date, or is lifted; it is never deleted
    but with the member."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    kind = fields.CharField(max_length=16)
    space = fields.ForeignKeyField("community.Space", related_name=False, null=True, on_delete=fields.CASCADE)
    """Where a mute holds; empty: everywhere."""
    reason = fields.CharField(max_length=500)
    """The member reads it."""
    note = fields.CharField(max_length=1000, default="", db_default="")
    """Only staff read it."""
    imposed_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    imposed_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True, db_index=True)
    """Empty for a warning, which is over at once, and for a ban, which holds for good."""
    changed_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    lift_reason = fields.CharField(max_length=500, default="", db_default="")
    end_told_at = fields.DatetimeField(null=True)
    """When the member was told that it is over. What holds is computed from the dates, not from this."""

    class Meta:
        table = "sanctions"

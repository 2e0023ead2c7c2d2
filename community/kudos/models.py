from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Kudos(Model):
    """Thanks for a post. `member` is empty where an import knows that somebody gave thanks, but not who."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    post = fields.ForeignKeyField("community.Post", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    given_at = fields.DatetimeField()

    class Meta:
        table = "kudos"
        unique_together = (("post_id", "member_id"),)
        indexes = (("given_at",), ("member_id", "given_at"))

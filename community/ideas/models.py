"""What staff have said about ideas. Votes are no table of their own: see `community.threads.models.SameProblem`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class IdeaStep(Model):
    """A status that staff have given an idea. The answer that says so is a post of its thread like any other."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    status = fields.CharField(max_length=16)
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    answered_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    at = fields.DatetimeField()
    is_current = fields.BooleanField(default=True, db_default=True)
    """Whether it is the last step of its thread."""

    class Meta:
        table = "idea_steps"
        indexes = (("thread_id", "at"), ("is_current", "status", "at"), ("is_current", "at"))

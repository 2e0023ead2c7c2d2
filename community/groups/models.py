from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class GroupAccess(StrEnum):
    OPEN = "open"
    REQUEST = "request"
    CLOSED = "closed"
    """Only its members see that it exists."""


class Group(Model):
    """A named set of members."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    slug = fields.CharField(max_length=80, unique=True)
    name = fields.CharField(max_length=120)
    description = fields.TextField(default="")
    access = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()

    class Meta:
        table = "groups"


class Membership(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group = fields.ForeignKeyField("community.Group", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    role = fields.CharField(max_length=16, default="member", db_default="member")
    joined_at = fields.DatetimeField()

    class Meta:
        table = "memberships"
        unique_together = (("group_id", "member_id"),)

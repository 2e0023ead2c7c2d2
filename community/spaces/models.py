from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class SpaceAccess(StrEnum):
    OPEN = "open"
    MEMBERS = "members"
    EXCLUSIVE = "exclusive"


class SpaceKind(StrEnum):
    QUESTIONS = "questions"
    DISCUSSIONS = "discussions"
    IDEAS = "ideas"
    BLOG = "blog"


class Space(Model):
    """The place that holds threads."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    slug = fields.CharField(max_length=80, unique=True)
    name = fields.CharField(max_length=120)
    purpose = fields.CharField(max_length=300, default="", db_default="")
    kind = fields.CharField(max_length=16)
    access = fields.CharField(max_length=16)
    language = fields.CharField(max_length=8, default="de", db_default="de")
    icon = fields.CharField(max_length=40, default="messages-square", db_default="messages-square")
    position = fields.IntField(default=0, db_default=0)
    thread_count = fields.IntField(default=0, db_default=0)
    """Visible threads; a copy kept by the actions of threads."""
    solved_count = fields.IntField(default=0, db_default=0)
    last_activity_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    articles_wait = fields.BooleanField(default=False, db_default=False)
    """Articles of this blog wait until a second person of staff releases them."""
    staff_posts_wait = fields.BooleanField(default=False, db_default=False)
    """So does everything else that staff write here: threads, answers, comments."""
    erasures_wait = fields.BooleanField(default=False, db_default=False)
    """A second person has to agree before a text of this space is erased for good."""

    class Meta:
        table = "spaces"


class SpaceGroup(Model):
    """A group whose members read and write an exclusive space."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.CASCADE)
    group = fields.ForeignKeyField(
        "community.Group", related_name=False, on_delete=fields.CASCADE, db_index=True
    )

    class Meta:
        table = "space_groups"
        unique_together = (("space_id", "group_id"),)

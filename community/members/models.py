"""What the community sees of a person: the member. Nothing here says who it is; that is the vault's."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Member(Model):
    """A nickname with its standing. Counters are copies of facts, rebuilt by `community recount`."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    nickname = fields.CharField(max_length=40, db_index=True)
    nickname_key = fields.CharField(max_length=80, unique=True)
    role = fields.CharField(max_length=16, default="customer", db_default="customer")
    staff_name = fields.CharField(max_length=60, default="", db_default="")
    """Short real name of staff, "Jana K."; empty for customers."""
    staff_field = fields.CharField(max_length=120, default="", db_default="")
    photo = fields.CharField(max_length=120, default="", db_default="")
    seed = fields.BigIntField(default=random_id)
    """From which the generated picture is drawn; says nothing about the person."""
    year_joined = fields.SmallIntField()
    kudos_count = fields.IntField(default=0, db_default=0)
    """Kudos received in open and members spaces."""
    solution_count = fields.IntField(default=0, db_default=0)
    """Solutions given in open and members spaces."""
    points = fields.IntField(default=0, db_default=0)
    """What the rules of points make of the two; the worker keeps it, from the ledger of `community.ranks`."""
    language = fields.CharField(max_length=8, default="", db_default="")
    colour_mode = fields.CharField(max_length=8, default="", db_default="")
    hides_ranks = fields.BooleanField(default=False, db_default=False)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        table = "members"


class RetiredNickname(Model):
    """A nickname that was given up, by its keyed hash (`members.queries.retired_key`): nobody else gets it."""

    nickname_key = fields.CharField(max_length=80, primary_key=True)
    retired_at = fields.DatetimeField()

    class Meta:
        table = "retired_nicknames"


class FirstSteps(Model):
    """What a new member has yet to try: written by `members.first_steps` alone."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member: Any = fields.OneToOneField("community.Member", related_name=False, on_delete=fields.CASCADE)
    searched = fields.BooleanField(default=False, db_default=False)
    asked = fields.BooleanField(default=False, db_default=False)
    thanked = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "first_steps"

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Expert(Model):
    """A member's expert status for a space, until a date or until revoked."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    granted_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    earned_at = fields.DatetimeField(null=True)
    """When the rule of the space fitted last; empty where staff have granted the status."""
    earned_since = fields.DatetimeField(null=True)
    """From when on the rule counted then."""
    earned_solutions = fields.SmallIntField(default=0, db_default=0)
    """How many solutions it asked for then: while they are there, the status lasts until its end."""
    revoked_at = fields.DatetimeField(null=True)
    """Staff have ended it: the rule does not grant it again."""

    class Meta:
        table = "experts"
        unique_together = (("space_id", "member_id"),)


class ExpertRule(Model):
    """By what a member becomes an expert of a space without anybody's doing: one rule for each space."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space = fields.OneToOneField("community.Space", related_name=False, on_delete=fields.CASCADE)
    solutions = fields.SmallIntField()
    askers = fields.SmallIntField()
    """Of how many different askers the solutions have to be."""
    within_days = fields.IntField()
    lasts_days = fields.IntField()
    """How long the status lasts after the last day on which the rule fitted."""
    changed_at = fields.DatetimeField()

    class Meta:
        table = "expert_rules"


class ExpertQuestion(Model):
    """A question that was sent to an expert of its space."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    """The expert."""
    asked_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    asked_at = fields.DatetimeField()

    class Meta:
        table = "expert_questions"
        unique_together = (("thread_id", "member_id"),)
        indexes = (("member_id", "asked_at"),)


class BadgeKind(Model):
    """A badge that administrators have thought of: for a milestone, or given by hand."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    name = fields.CharField(max_length=80, unique=True)
    description = fields.CharField(max_length=200)
    measure = fields.CharField(max_length=16)
    """What its milestone counts; empty for a badge by hand."""
    reached = fields.IntField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "badge_kinds"


class BadgeGrant(Model):
    """A member has a badge."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.ForeignKeyField("community.BadgeKind", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    granted_at = fields.DatetimeField()

    class Meta:
        table = "badge_grants"
        unique_together = (("kind_id", "member_id"),)


class Badge(Model):
    """A badge from the community that somebody came from, with the name that it had there."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    name = fields.CharField(max_length=80)
    granted_at = fields.DatetimeField()

    class Meta:
        table = "badges"
        indexes = (("member_id", "granted_at"),)


class Standing(Model):
    """One line of a ranking, recomputed by the worker so that the page costs the same at any size.

    `space_id` 0 is the whole site (open and members spaces only); `days` is 30, 90, 365 or 0 for all time.
    """

    id = fields.BigIntField(primary_key=True)
    space_id = fields.BigIntField(default=0)
    days = fields.SmallIntField()
    position = fields.IntField()
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    solution_count = fields.IntField()
    kudos_count = fields.IntField()
    is_staff = fields.BooleanField(default=False)

    class Meta:
        table = "standings"
        indexes = (("space_id", "days", "is_staff", "position"),)

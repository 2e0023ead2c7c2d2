from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Point(Model):
    """A fact that gives points: one row of the ledger, kept by `community.ranks.points` as the facts are now."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    """"kudos" or "solution"."""
    fact_id = fields.BigIntField()
    """The row of `kudos` or of `solutions`."""
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.RESTRICT)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    """Who receives the points."""
    giver = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    """Who thanked, or asked what was solved; empty for former members, and where an import does not know."""
    given_at = fields.DatetimeField(db_index=True)
    month = fields.IntField()
    """Of `given_at`, in UTC: twelve times the year, and the month from 0."""
    nth = fields.IntField()
    """The how-manyth fact of this month from this giver to this member."""

    class Meta:
        table = "points"
        unique_together = (("kind", "fact_id"),)
        indexes = (("member_id", "giver_id", "month"),)


class PointRules(Model):
    """What facts are worth: one row, with the id 1; without it the defaults hold."""

    id = fields.IntField(primary_key=True, generated=False)
    solution_points = fields.SmallIntField(default=5, db_default=5)
    kudos_points = fields.SmallIntField(default=1, db_default=1)
    pair_cap = fields.SmallIntField(default=10, db_default=10)
    """How many facts of a month from one giver to one member count; 0 is all."""
    version = fields.IntField(default=0, db_default=0)
    changed_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    """Since when the points of all members follow from these rules; empty while the worker has yet to see to it."""

    class Meta:
        table = "point_rules"


class Rank(Model):
    """A step of the ladder: a title, and the points from which it is held."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=40, unique=True)
    points = fields.IntField(unique=True)

    class Meta:
        table = "ranks"


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


class GamingWarning(Model):
    """Public acts between a few members that look as if they were made for the figures. Only staff see it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    key = fields.CharField(max_length=40)
    """Stands for its members, so that the same warning is found again."""
    acts = fields.IntField()
    """How many kudos or solutions it is about."""
    share = fields.SmallIntField()
    """How many in a hundred these are of all that it could be about."""
    found_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    """When it held last; it goes when it does not hold any more."""
    dismissed_at = fields.DatetimeField(null=True)
    dismissed_acts = fields.IntField(default=0, db_default=0)
    """How many acts there were then: it comes back when there are twice as many."""

    class Meta:
        table = "gaming_warnings"
        unique_together = (("kind", "key"),)


class GamingWarningMember(Model):
    """A member whom a warning is about."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    warning = fields.ForeignKeyField("community.GamingWarning", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    position = fields.SmallIntField()

    class Meta:
        table = "gaming_warning_members"
        unique_together = (("warning_id", "member_id"),)


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
    points = fields.IntField(default=0, db_default=0)
    solution_count = fields.IntField()
    kudos_count = fields.IntField()
    is_staff = fields.BooleanField(default=False)
    made_at = fields.DatetimeField(null=True)

    class Meta:
        table = "standings"
        indexes = (("space_id", "days", "is_staff", "position"),)

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


class GroupRole(StrEnum):
    OWNER = "owner"
    """Says what the group is for, and who helps to look after it."""
    CURATOR = "curator"
    """Lets people in and takes them out."""
    MEMBER = "member"


MANAGER_ROLES = frozenset({GroupRole.OWNER, GroupRole.CURATOR})


class Group(Model):
    """A named set of members."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    slug = fields.CharField(max_length=80, unique=True)
    name = fields.CharField(max_length=120)
    description = fields.TextField(default="")
    access = fields.CharField(max_length=16)
    shows_members = fields.BooleanField(default=False, db_default=False)
    """Whether members see those of the others who want to be seen."""
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
    came_openly = fields.BooleanField(default=False, db_default=False)
    """Whether the way in named nobody but the nickname. Whoever came by mail, by a link or by a rule about
    companies can never be listed: a new name in a list would tell who was invited."""
    wants_listing = fields.BooleanField(default=False, db_default=False)
    by_rule = fields.BooleanField(default=False, db_default=False)
    """Whether the rule of a segment has put the member in: it alone takes such members out again."""
    ends_at = fields.DatetimeField(null=True, db_index=True)
    """When the rule takes the member out: a moment of chance after it has ceased to fit."""
    joined_at = fields.DatetimeField()

    class Meta:
        table = "memberships"
        unique_together = (("group_id", "member_id"),)


class GroupLeaving(Model):
    """A member whom a rule had put into a group has left it, or was taken out: no rule brings them back."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group = fields.ForeignKeyField("community.Group", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )

    class Meta:
        table = "group_leavings"
        unique_together = (("group_id", "member_id"),)


class JoinRequest(Model):
    """Somebody wants to be let in. One for each member and group; a new one takes the place of a decided one."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group = fields.ForeignKeyField("community.Group", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    note = fields.CharField(max_length=500, default="")
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, default="", db_default="")

    class Meta:
        table = "join_requests"
        unique_together = (("group_id", "member_id"),)


class GroupInvitation(Model):
    """A nickname is invited, or offered another role. Its answer is never shown to whoever invited."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group = fields.ForeignKeyField("community.Group", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    role = fields.CharField(max_length=16)
    invited_by = fields.BigIntField()
    """A number: the invitation holds as long as this member may invite."""
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "group_invitations"
        unique_together = (("group_id", "member_id"),)


class GroupLink(Model):
    """A link that lets several people in. Only the hash of its secret is kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group = fields.ForeignKeyField(
        "community.Group", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    invited_by = fields.BigIntField()
    token_hash = fields.CharField(max_length=64, unique=True)
    most_uses = fields.IntField()
    uses_left = fields.IntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "group_links"

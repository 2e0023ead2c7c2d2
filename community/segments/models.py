"""What attributes there are, and the rules that fill groups. Values of attributes lie in the vault alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Subject(StrEnum):
    """Whose attribute it is."""

    COMPANY = "company"
    ACCOUNT = "account"


class Kind(StrEnum):
    CHOICE = "choice"
    CHOICES = "choices"
    """Several of a list, such as products."""
    NUMBER = "number"
    YES_NO = "yes_no"
    TEXT = "text"


class Attribute(Model):
    """What can be known of a company or a person: its name, and which values there are."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    key = fields.CharField(max_length=40, unique=True)
    subject = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=16)
    label_de = fields.CharField(max_length=80)
    label_en = fields.CharField(max_length=80)
    choices: Any = fields.JSONField(default=list)
    """Where it is chosen from a list: [value, German, English] of each."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "attributes"


class Segment(Model):
    """A rule that fills a closed group."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group: Any = fields.OneToOneField("community.Group", related_name=False, on_delete=fields.CASCADE)
    group_id: int
    purpose = fields.TextField(default="")
    """Why these data are used, for the members of the group."""
    draft: Any = fields.JSONField(default=dict)
    """The rule as it is being written."""
    rule: Any = fields.JSONField(default=dict)
    """The rule in force; empty: none yet."""
    wanted_at = fields.DatetimeField(null=True)
    """Since when it is meant to be open; empty: it is not."""
    opened_at = fields.DatetimeField(null=True)
    """Since when it fills its group; empty while too few fit."""
    is_outdated = fields.BooleanField(default=False, db_default=False)
    """Whether something has changed since it was weighed."""
    weighed_at = fields.DatetimeField(null=True)
    swept_to = fields.BigIntField(null=True)
    """The last account that was looked at, while all of them are; empty: everybody stands where they should."""

    class Meta:
        table = "segments"

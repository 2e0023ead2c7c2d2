"""Proposals hold figures and point at threads. What a proposal says is taken from these threads when somebody looks,
so nothing that a member wrote is kept twice."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    """An entry was drafted from it."""
    MERGED = "merged"
    """Its threads became sources of an entry that was there before."""
    DISMISSED = "dismissed"


class DismissalReason(StrEnum):
    RARE = "rare"
    OPINION = "opinion"
    PERSONAL = "personal"
    OUTDATED = "outdated"
    UNSURE = "unsure"
    COVERED = "covered"
    OTHER = "other"


class Return(StrEnum):
    """Why a dismissed proposal is open again."""

    FIGURES = "figures"
    THREAD = "thread"
    SOLUTION = "solution"
    STAFF = "staff"


class Proposal(Model):
    """One subject that the FAQ lacks, or knows too little about."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    """Whose solution is drafted from."""
    state = fields.CharField(max_length=16)
    entry_id = fields.BigIntField(null=True)
    """While open, the entry that covers the subject already; later, the entry that came of it."""
    effect = fields.IntField()
    """What the list is ordered by: `rules.Figures.effect`."""
    read_count = fields.IntField(default=0, db_default=0)
    search_count = fields.IntField(default=0, db_default=0)
    nothing_count = fields.IntField(default=0, db_default=0)
    """How many of these searches found nothing."""
    same_problem_count = fields.IntField(default=0, db_default=0)
    kudos_count = fields.IntField(default=0, db_default=0)
    similar_count = fields.IntField(default=0, db_default=0)
    """Other threads about the subject."""
    recent_count = fields.IntField(default=0, db_default=0)
    """Those of them that were started within a year."""
    found_at = fields.DatetimeField()
    looked_at = fields.DatetimeField()
    """When the figures were last worked out."""
    why = fields.CharField(max_length=16, default="", db_default="")
    decided_at = fields.DatetimeField(null=True)
    decided_effect = fields.IntField(default=0, db_default=0)
    returned = fields.CharField(max_length=16, default="", db_default="")

    class Meta:
        table = "faq_proposals"
        indexes = (("state", "effect"), ("state", "looked_at"))


class ProposalThread(Model):
    """A thread about the subject. A thread stands in one proposal at most, so each subject has one."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    proposal = fields.ForeignKeyField(
        "community.Proposal", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    thread = fields.OneToOneField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    post_id = fields.BigIntField(null=True)
    """Its solution when the proposal was last worked out, or decided about."""

    class Meta:
        table = "faq_proposal_threads"


class ProposalWalk(Model):
    """How far the worker has come in its walk through all solutions; one row."""

    id = fields.IntField(primary_key=True, generated=False)
    accepted_at = fields.DatetimeField(null=True)
    """Of the solution that was looked at last; empty before the first and behind the last one."""
    thread_id = fields.BigIntField(default=0, db_default=0)
    has_caught_up = fields.BooleanField(default=False, db_default=False)
    """Whether it has been at the end since much came in at once; until then it goes faster."""

    class Meta:
        table = "faq_proposal_walks"

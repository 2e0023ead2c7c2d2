"""Facts that figures are computed from. None of these tables knows a member or an account."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SearchTerm(Model):
    """How often words were searched for on one day (UTC), in one language of the interface. Not by whom."""

    id = fields.BigIntField(primary_key=True)
    day = fields.CharField(max_length=10)
    language = fields.CharField(max_length=8)
    words = fields.CharField(max_length=100, db_index=True)
    """In lower case, with single spaces, in the order in which they were typed."""
    search_count = fields.IntField(default=0, db_default=0)
    nothing_count = fields.IntField(default=0, db_default=0)
    """How many of these searches found nothing."""

    class Meta:
        table = "search_terms"
        unique_together = (("day", "language", "words"),)


class SearchTermDecision(Model):
    """What staff decided about words that found nothing: dealt with, or not worth anything."""

    words = fields.CharField(max_length=100, primary_key=True)
    state = fields.CharField(max_length=8)
    decided_by = fields.BigIntField()
    decided_at = fields.DatetimeField()
    decided_on = fields.CharField(max_length=10)
    """The day (UTC) of it, to be compared with the days of searches."""

    class Meta:
        table = "search_term_decisions"

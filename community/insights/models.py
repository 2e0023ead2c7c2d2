"""Facts that figures are computed from. None of these tables knows who asked, read or searched.

Of staff they know who decided."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class AskSession(Model):
    """One attempt to ask, from the first words to its end. Kept for two days, then counted into `AskDay`.

    Times are cut to the full hour: they are for counting, and fit many people. Which words were typed, what was
    shown, who it was and which thread came of it stands nowhere.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    started_at = fields.DatetimeField(db_index=True)
    shown_at = fields.DatetimeField(null=True)
    """When suggestions were shown for the first time."""
    opened_at = fields.DatetimeField(null=True)
    none_helped_at = fields.DatetimeField(null=True)
    solved_at = fields.DatetimeField(null=True)
    """Ended by "this solved it"."""
    asked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ask_sessions"


class AskDay(Model):
    """The ask sessions that began on one day (UTC), counted once their end is known for sure."""

    day = fields.CharField(max_length=10, primary_key=True)
    session_count = fields.IntField(default=0, db_default=0)
    shown_count = fields.IntField(default=0, db_default=0)
    opened_count = fields.IntField(default=0, db_default=0)
    none_helped_count = fields.IntField(default=0, db_default=0)
    solved_count = fields.IntField(default=0, db_default=0)
    left_after_opening_count = fields.IntField(default=0, db_default=0)
    asked_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "ask_days"


class SuggestionDay(Model):
    """How often one suggestion ("thread-123", "faq-7") was opened while asking, and solved it, on one day (UTC)."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    key = fields.CharField(max_length=32)
    day = fields.CharField(max_length=10, db_index=True)
    opened_count = fields.IntField(default=0, db_default=0)
    solved_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "suggestion_days"
        unique_together = (("key", "day"),)


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


class ThreadDay(Model):
    """How often a thread was opened on one day (UTC), by people who are not staff. Not by whom."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread_id = fields.BigIntField()
    day = fields.CharField(max_length=10, db_index=True)
    read_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "thread_days"
        unique_together = (("thread_id", "day"),)


class EntryDay(Model):
    """How often an FAQ entry was used on one day (UTC), by people who are not staff. Not by whom."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry_id = fields.BigIntField()
    day = fields.CharField(max_length=10, db_index=True)
    view_count = fields.IntField(default=0, db_default=0)
    found_count = fields.IntField(default=0, db_default=0)
    """Views that came from the results of a search."""
    search_count = fields.IntField(default=0, db_default=0)
    ask_count = fields.IntField(default=0, db_default=0)
    asked_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "faq_days"
        unique_together = (("entry_id", "day"),)


class EntryWords(Model):
    """The words of searches from whose results an FAQ entry was opened on one day (UTC). Not by whom."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry_id = fields.BigIntField()
    day = fields.CharField(max_length=10, db_index=True)
    words = fields.CharField(max_length=100)
    open_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "faq_words"
        unique_together = (("entry_id", "day", "words"),)

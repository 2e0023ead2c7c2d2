"""The tables of the FAQ: entries with their versions, sources, causes to check them, and feedback."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class EntryState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    CHECK = "check"
    """Still public, but a source or a date says that somebody must look at it."""
    WITHDRAWN = "withdrawn"


PUBLIC_STATES = (EntryState.PUBLISHED, EntryState.CHECK)
IS_PUBLIC = "e.state IN ('{}', '{}')".format(*PUBLIC_STATES)
"""SQL condition on an entry `e`: readers see its released text."""


class Category(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    slug = fields.CharField(max_length=80, unique=True)
    """Begins with a letter, so that it cannot be taken for the id of an entry."""
    name = fields.CharField(max_length=120)
    language = fields.CharField(max_length=8, default="de", db_default="de")
    position = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "faq_categories"


class Entry(Model):
    """A question with a short answer made from threads.

    The `published_…` columns hold what the public reads; the others what editors work on. An edit of a
    published entry therefore changes nothing outside until a second person has released it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    category = fields.ForeignKeyField(
        "community.Category", related_name=False, null=True, on_delete=fields.RESTRICT, db_index=True
    )
    """May be chosen later, but before the review."""
    state = fields.CharField(max_length=16)
    newer_state = fields.CharField(max_length=16, default="", db_default="")
    """Where a newer version of a public entry stands, "draft" or "in_review"; empty if there is none."""
    language = fields.CharField(max_length=8, default="de", db_default="de")
    audience = fields.CharField(max_length=16, default="public", db_default="public")
    """ "public", or "members" for readers with an account."""
    cleared_by = fields.BigIntField(null=True)
    """Who said yes to this version although its readers may not read all of its sources; empty again with
    every edit."""
    question = fields.CharField(max_length=200)
    short_answer = fields.TextField()
    steps = fields.TextField(default="")
    """Markdown below the short answer; may be empty."""
    valid_for = fields.CharField(max_length=120, default="")
    """Product and version the answer holds for, as the reader sees it."""
    valid_until = fields.CharField(max_length=10, default="", db_default="")
    """The last day on which the answer holds, as "2026-12-31"; empty if it has no end."""
    version = fields.IntField(default=1, db_default=1)
    edited_by = fields.BigIntField(null=True)
    """Who wrote this version and therefore cannot release it; a number, because it outlives the member."""
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField()
    slug = fields.CharField(max_length=80)
    """Of the released question; before the first release, of the drafted one."""
    original_id = fields.BigIntField(null=True, db_index=True)
    """The entry that this one is a translation of, which is none itself. One entry for each language."""
    original_version = fields.IntField(null=True)
    """Of a translation: the version of the original that it was last found to agree with."""
    related = fields.CharField(max_length=120, default="", db_default="")
    """Ids of entries that editors want beside this one, in their order, with spaces between."""
    published_version = fields.IntField(null=True)
    published_question = fields.CharField(max_length=200, default="")
    published_short_answer = fields.TextField(default="")
    published_steps = fields.TextField(default="")
    published_html = fields.TextField(default="")
    published_valid_for = fields.CharField(max_length=120, default="")
    published_valid_until = fields.CharField(max_length=10, default="", db_default="")
    published_language = fields.CharField(max_length=8, default="", db_default="")
    published_audience = fields.CharField(max_length=16, default="", db_default="")
    published_related = fields.CharField(max_length=120, default="", db_default="")
    published_category = fields.ForeignKeyField(
        "community.Category", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    published_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField(null=True)
    checked_at = fields.DatetimeField(null=True)
    """When somebody who did not write it alone last found the text right: at its release, or since."""
    checked_role = fields.CharField(max_length=16, default="", db_default="")
    """The role of that person, shown instead of the name."""
    withdrawn_at = fields.DatetimeField(null=True)
    helpful_count = fields.IntField(default=0, db_default=0)
    unhelpful_count = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "faq_entries"
        indexes = (
            ("state", "published_category_id"),
            ("newer_state",),
            ("published_valid_until",),
            ("checked_at",),
        )


class EntrySource(Model):
    """A post that an entry was made from, with a fingerprint of what it said.

    `fingerprint` and `accepted` are as of the last check of the released text, `draft_…` of the version in work.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry = fields.ForeignKeyField("community.Entry", related_name=False, on_delete=fields.CASCADE)
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    is_answer = fields.BooleanField(default=False, db_default=False)
    """Whether it answered the question that the entry was made from; by a merge or a split a question becomes an
    answer, or an answer a question, and whoever wrote it has helped as much as before."""
    fingerprint = fields.CharField(max_length=64)
    """Empty for a source that was taken in after the release: readers see nothing of it until a person has held
    the text against it."""
    accepted = fields.CharField(max_length=240, default="", db_default="")
    """What is amiss with it and was found no matter, as `standing.Flaw`s separated by blanks."""
    checked_thread_id = fields.BigIntField(null=True)
    """The thread that it stood in when the entry was made."""
    draft_fingerprint = fields.CharField(max_length=64, default="", db_default="")
    """Empty while the version in work rests on the same words as the released one."""
    draft_accepted = fields.CharField(max_length=240, default="", db_default="")
    replaced_by_id = fields.BigIntField(null=True)
    """The post that takes its place as soon as a person has held the text against that one."""

    class Meta:
        table = "faq_sources"
        unique_together = (("entry_id", "post_id"),)


class CauseKind(StrEnum):
    """Why a released entry has to be checked."""

    NARROWED = "narrowed"
    """A source stands in a space that readers of the entry may not read, and nobody has said yes to that."""
    ERASED = "erased"
    HIDDEN = "hidden"
    EDITED = "edited"
    OTHER_SOLUTION = "other_solution"
    REOPENED = "reopened"
    CARRIED = "carried"
    """By a merge or a split, a source has come to stand in another thread."""
    EXPIRED = "expired"
    FEEDBACK = "feedback"
    UNCHECKED = "unchecked"
    """Nobody has looked at it for a year."""


class EntryCause(Model):
    """Why an entry has to be checked, or had to be. It holds no word of any text."""

    id = fields.BigIntField(primary_key=True)
    entry = fields.ForeignKeyField("community.Entry", related_name=False, on_delete=fields.CASCADE)
    kind = fields.CharField(max_length=16)
    post_id = fields.BigIntField(null=True)
    """The source that it is about, if it is about one."""
    mark = fields.CharField(max_length=20, default="", db_default="")
    """Which solution, which thread or whose access; empty for kinds that need no more words."""
    raised_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)
    """The person; empty where what had happened was taken back."""
    settled_how = fields.CharField(max_length=16, default="", db_default="")
    """ "confirmed", "released", "withdrawn" or "taken_back"."""

    class Meta:
        table = "faq_causes"
        indexes = (("entry_id", "settled_at"), ("settled_at", "kind"))


class EntryRevision(Model):
    """Each saved text of an entry, for its history."""

    id = fields.BigIntField(primary_key=True)
    entry = fields.ForeignKeyField("community.Entry", related_name=False, on_delete=fields.CASCADE)
    version = fields.IntField()
    question = fields.CharField(max_length=200)
    short_answer = fields.TextField()
    steps = fields.TextField(default="")
    valid_for = fields.CharField(max_length=120, default="")
    valid_until = fields.CharField(max_length=10, default="", db_default="")
    audience = fields.CharField(max_length=16, default="public", db_default="public")
    category_id = fields.BigIntField(null=True)
    """A number, because a version outlives its category."""
    language = fields.CharField(max_length=8, default="", db_default="")
    """Empty for versions from before language, category and related entries were kept with them."""
    related = fields.CharField(max_length=120, default="", db_default="")
    edited_by = fields.BigIntField(null=True)
    saved_at = fields.DatetimeField()

    class Meta:
        table = "faq_revisions"
        unique_together = (("entry_id", "version"),)


class ScheduledRelease(Model):
    """A second person's yes that takes effect later: to exactly this version, at this moment.

    Whatever happens to the entry before then takes the row away.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry = fields.ForeignKeyField(
        "community.Entry", related_name=False, on_delete=fields.CASCADE, unique=True
    )
    version = fields.IntField()
    due_at = fields.DatetimeField(db_index=True)
    released_by = fields.BigIntField()
    """Whose yes it is; looked at once more when it takes effect."""
    failed_at = fields.DatetimeField(null=True)
    """When it should have taken effect and could not. The entry waits for a person again then."""

    class Meta:
        table = "faq_schedules"


class EntryChange(Model):
    """What a website that mirrors the public FAQ must follow, in order: the cursor of the feed is this id.

    Entries for members alone leave no trace here. The row of the site's stamp is locked before one is added, so
    that a larger id never becomes visible before a smaller one.
    """

    id = fields.BigIntField(primary_key=True)
    entry_id = fields.BigIntField()
    change = fields.CharField(max_length=16)
    """ "published", "changed" or "withdrawn"."""
    digest = fields.CharField(max_length=32, default="", db_default="")
    """Of all that left the site then; empty for what was withdrawn."""
    at = fields.DatetimeField()

    class Meta:
        table = "faq_changes"
        indexes = (("entry_id",),)


class Publication(Model):
    """Where the public FAQ is published to, and how that place was left."""

    target = fields.CharField(max_length=400, primary_key=True)
    """A folder, or "s3://bucket/prefix"."""
    fingerprint = fields.CharField(max_length=32, default="", db_default="")
    """Of all that decides what the files say, and of the manifest that was left there."""
    entry_count = fields.IntField(default=0, db_default=0)
    leased_until = fields.DatetimeField(null=True)
    """Somebody is writing there until then at the latest; two at once would mix their files."""
    published_at = fields.DatetimeField(null=True)
    problem = fields.CharField(max_length=200, default="", db_default="")
    """Why the last attempt failed; empty if it did not."""

    class Meta:
        table = "faq_publications"


class EntryFeedback(Model):
    """Did an entry help? One vote per member; guests' votes have no member."""

    id = fields.BigIntField(primary_key=True)
    entry = fields.ForeignKeyField(
        "community.Entry", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    member_id = fields.BigIntField(null=True)
    helpful = fields.BooleanField()
    reason = fields.CharField(max_length=500, default="")
    """A line of their own."""
    reasons = fields.CharField(max_length=100, default="", db_default="")
    """What was ticked, values of `rules.Reason` with commas between."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "faq_feedback"
        unique_together = (("entry_id", "member_id"),)


class EntryQuotation(Model):
    """An entry that stands in a post as a card. A copy of what the post says, for figures alone."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry = fields.ForeignKeyField("community.Entry", related_name=False, on_delete=fields.CASCADE)
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, on_delete=fields.CASCADE, db_index=True
    )

    class Meta:
        table = "faq_quotations"
        unique_together = (("entry_id", "post_id"),)


class SimilarEntry(Model):
    """An entry about the same as a thread, as the index finds it; it stands beside the thread."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    entry = fields.ForeignKeyField("community.Entry", related_name=False, on_delete=fields.CASCADE)
    thread = fields.ForeignKeyField(
        "community.Thread", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    position = fields.SmallIntField(default=0, db_default=0)

    class Meta:
        table = "similar_entries"
        unique_together = (("entry_id", "thread_id"),)

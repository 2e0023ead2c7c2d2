"""Threads and everything that belongs to one thread. Written only by `community.threads.actions`."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class PostKind(StrEnum):
    OPENING = "opening"
    ANSWER = "answer"
    COMMENT = "comment"


class ThreadStatus(StrEnum):
    """A copy of the facts (`Solution`, visible answers) in one column, so that lists are one index walk."""

    UNANSWERED = "unanswered"
    OPEN = "open"
    SOLVED = "solved"


class IdeaStatus(StrEnum):
    """What becomes of an idea, as staff have said last."""

    NEW = "new"
    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"


class Thread(Model):
    """A title and its posts.

    `version` rises with every change that a reader could see; caches and the search index compare it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.RESTRICT)
    author = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    title = fields.CharField(max_length=200)
    slug = fields.CharField(max_length=80)
    language = fields.CharField(max_length=8, default="de", db_default="de")
    tag_names = fields.CharField(max_length=200, default="", db_default="")
    """The tags once more, separated by single spaces, so that a row of a list needs no second query."""
    status = fields.CharField(max_length=16, default="unanswered", db_default="unanswered")
    answer_count = fields.IntField(default=0, db_default=0)
    kudos_count = fields.IntField(default=0, db_default=0)
    """Of the opening post, for lists."""
    same_problem_count = fields.IntField(default=0, db_default=0)
    """Of an idea, its votes."""
    idea_status = fields.CharField(max_length=16, default="new", db_default="new")
    """A copy of the last `IdeaStep`, so that lists of ideas are one index walk; says nothing in other spaces."""
    staff_answered_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    last_activity_at = fields.DatetimeField()
    pinned_at = fields.DatetimeField(null=True)
    locked_at = fields.DatetimeField(null=True)
    hidden_at = fields.DatetimeField(null=True)
    merged_into_id = fields.BigIntField(null=True, db_index=True)
    """The thread that holds its posts now. Such a row is hidden for ever: its address leads on to that thread."""
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "threads"
        indexes = (
            ("space_id", "hidden_at", "last_activity_at"),
            ("space_id", "hidden_at", "status", "last_activity_at"),
            ("space_id", "pinned_at"),
            ("space_id", "created_at"),
            ("hidden_at", "last_activity_at"),
            ("hidden_at", "status", "last_activity_at"),
            ("author_id", "created_at"),
            ("created_at",),
            ("space_id", "hidden_at", "same_problem_count", "created_at"),
            ("space_id", "hidden_at", "idea_status", "same_problem_count"),
        )


class ThreadTag(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    name = fields.CharField(max_length=40)

    class Meta:
        table = "thread_tags"
        unique_together = (("thread_id", "name"),)
        indexes = (("name", "thread_id"),)


class Post(Model):
    """Any authored text. `body_html` is rendered once, when the text is written."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    parent = fields.ForeignKeyField(
        "community.Post", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    """The post that a comment belongs to."""
    author = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    kind = fields.CharField(max_length=16)
    body = fields.TextField()
    body_html = fields.TextField()
    render_version = fields.SmallIntField(default=1, db_default=1)
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    hidden_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)
    """When its words were erased for good, by staff or at its author's wish; a sentence stands in their place."""
    kudos_count = fields.IntField(default=0, db_default=0)
    version = fields.IntField(default=1, db_default=1)
    """Edits so far plus one; an edit must name the version it was made from."""
    moved_from_id = fields.BigIntField(null=True)
    """The thread in which it was written, where staff have brought it to this one."""

    class Meta:
        table = "posts"
        indexes = (
            ("thread_id", "kind", "hidden_at", "created_at"),
            ("author_id", "kind", "created_at"),
        )


class Revision(Model):
    """What a post (and, for an opening post, title and tags) said before an edit."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    post = fields.ForeignKeyField("community.Post", related_name=False, on_delete=fields.CASCADE)
    version = fields.IntField()
    title = fields.CharField(max_length=200, default="")
    tag_names = fields.CharField(max_length=200, default="", db_default="")
    body = fields.TextField()
    edited_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    replaced_at = fields.DatetimeField()

    class Meta:
        table = "revisions"
        unique_together = (("post_id", "version"),)


class Solution(Model):
    """This answer is the solution of its thread: at most one row per thread."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.OneToOneField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    post = fields.OneToOneField("community.Post", related_name=False, on_delete=fields.CASCADE)
    accepted_by = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    accepted_at = fields.DatetimeField()
    by_staff = fields.BooleanField(default=False, db_default=False)
    """Accepted on the asker's behalf, because they had not said anything for `STAFF_ACCEPT_AFTER`."""

    class Meta:
        table = "solutions"
        indexes = (("accepted_at",),)


class Reminder(Model):
    """That the asker of an answered question has yet to say whether it is solved. The thread says who that is."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.OneToOneField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    sent_count = fields.SmallIntField(default=0, db_default=0)
    sent_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True, db_index=True)
    """When to look whether the next one is to be sent; empty once none is."""
    nonce = fields.CharField(max_length=64)
    """The link in the mails is derived from it."""
    token_hash = fields.CharField(max_length=64, unique=True)

    class Meta:
        table = "reminders"


class Satisfaction(Model):
    """That the asker of a solved question is asked how satisfied they are, and what they answered.

    One row for each time that the question was solved after it had been open. The rows never go: figures of a past
    period count an answer as it was at the end of that period.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    round = fields.SmallIntField()
    """How often the question had been solved and opened again before."""
    asked_at = fields.DatetimeField()
    mail_due_at = fields.DatetimeField(null=True, db_index=True)
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    rating = fields.SmallIntField(null=True)
    note = fields.CharField(max_length=200, default="", db_default="")
    answered_at = fields.DatetimeField(null=True, db_index=True)
    withdrawn_at = fields.DatetimeField(null=True)
    """When the question was opened again: from then on the answer counts no more."""

    class Meta:
        table = "satisfactions"
        unique_together = (("thread_id", "round"),)


class SameProblem(Model):
    """A member has the problem of a question, too. In a space of ideas the same mark is the member's vote."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "same_problems"
        unique_together = (("thread_id", "member_id"),)


class Follow(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    created_at = fields.DatetimeField()

    class Meta:
        table = "follows"
        unique_together = (("thread_id", "member_id"),)
        indexes = (("member_id", "created_at"),)


class Mute(Model):
    """A member wants quiet from a thread; whoever mutes it does not follow it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    created_at = fields.DatetimeField()

    class Meta:
        table = "thread_mutes"
        unique_together = (("thread_id", "member_id"),)
        indexes = (("member_id", "created_at"),)


class Wish(StrEnum):
    """What a member wants of a space or a tag; without a row, neither."""

    FOLLOW = "follow"
    MUTE = "mute"


class SpaceWish(Model):
    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    space = fields.ForeignKeyField("community.Space", related_name=False, on_delete=fields.CASCADE)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    wish = fields.CharField(max_length=8)
    created_at = fields.DatetimeField()

    class Meta:
        table = "space_wishes"
        unique_together = (("space_id", "member_id"),)


class TagWish(Model):
    """Of a tag in all spaces, whichever threads bear it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    name = fields.CharField(max_length=40)
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    wish = fields.CharField(max_length=8)
    created_at = fields.DatetimeField()

    class Meta:
        table = "tag_wishes"
        unique_together = (("name", "member_id"),)


class Draft(Model):
    """What a member has typed but not published: one per member and place.

    Places are "ask", "answer:<thread id>" and "edit:<post id>".
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.ForeignKeyField("community.Member", related_name=False, on_delete=fields.CASCADE)
    place = fields.CharField(max_length=40)
    title = fields.CharField(max_length=200, default="")
    body = fields.TextField(default="")
    space_id = fields.BigIntField(null=True)
    tags = fields.CharField(max_length=200, default="")
    version = fields.IntField(default=0, db_default=0)
    """Of an edit: the version of the post that it was made from."""
    saved_at = fields.DatetimeField()

    class Meta:
        table = "drafts"
        unique_together = (("member_id", "place"),)


class RelatedThread(Model):
    """Two threads about the same subject: "duplicate" and "linked" come from people, "similar" from the index."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    thread = fields.ForeignKeyField("community.Thread", related_name=False, on_delete=fields.CASCADE)
    related = fields.ForeignKeyField(
        "community.Thread", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    kind = fields.CharField(max_length=16)
    position = fields.SmallIntField(default=0, db_default=0)

    class Meta:
        table = "related_threads"
        unique_together = (("thread_id", "related_id"),)

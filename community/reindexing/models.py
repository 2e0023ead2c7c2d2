"""How the building of a new search index stands."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class IndexBuild(Model):
    """One row: what is wanted or running now, and how the last one ended. See `community.reindexing.state`."""

    id = fields.IntField(primary_key=True, generated=False)
    state = fields.CharField(max_length=16, default="idle", db_default="idle")
    asked_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True)
    runner = fields.CharField(max_length=128, default="", db_default="")
    beat_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    total = fields.IntField(default=0, db_default=0)
    done = fields.IntField(default=0, db_default=0)
    prepared = fields.CharField(max_length=128, default="", db_default="")
    current_to = fields.DatetimeField(null=True)
    failures = fields.IntField(default=0, db_default=0)
    last_error = fields.CharField(max_length=128, default="", db_default="")
    ended_at = fields.DatetimeField(null=True)
    seconds = fields.IntField(default=0, db_default=0)
    documents = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "index_builds"

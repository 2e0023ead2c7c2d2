"""Every version of the site's own texts. A row is published once and never changed after that."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class SiteTextVersion(Model):
    """What one save of a page said, in all languages: so no language lags behind unseen.

    Version 0 is what the software brought, kept at the first save, so that it stays readable when updates of the
    software bring another one.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    page = fields.CharField(max_length=16)
    version = fields.IntField()
    texts: Any = fields.JSONField()
    """Markdown by code of language."""
    summaries: Any = fields.JSONField()
    """What readers are told has changed, by code of language."""
    note = fields.CharField(max_length=300, default="", db_default="")
    """What the editor says about the change, for other editors."""
    saved_by = fields.BigIntField(null=True)
    """A number and no foreign key: what was in force outlives whoever wrote it."""
    saved_at = fields.DatetimeField()
    needs_acceptance = fields.BooleanField(default=False, db_default=False)
    """Members are asked to accept it before they write again; typing errors need none."""
    published_by = fields.BigIntField(null=True)
    published_at = fields.DatetimeField(null=True)
    valid_from = fields.DatetimeField(null=True)

    class Meta:
        table = "site_text_versions"
        unique_together = (("page", "version"),)


class SiteTextAcceptance(Model):
    """A member has accepted a version of a page. The proof goes with the member."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member: Any = fields.ForeignKeyField(
        "community.Member", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    member_id: int
    page = fields.CharField(max_length=16)
    version = fields.IntField()
    language = fields.CharField(max_length=8)
    """In which the text was shown."""
    way = fields.CharField(max_length=16)
    """"registration" or "visit"."""
    accepted_at = fields.DatetimeField()

    class Meta:
        table = "site_text_acceptances"
        unique_together = (("member_id", "page", "version"),)
        indexes = (("page", "version"),)

"""Files that members attach to posts. Written only by `community.attachments.actions`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Attachment(Model):
    """One file of a post, or of a form that is still being filled in. The file itself lies in the storage.

    The file is there before its row and goes after it, so no row is ever without its file.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    post = fields.ForeignKeyField(
        "community.Post", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    """Empty until the form is published."""
    member = fields.ForeignKeyField(
        "community.Member", related_name=False, null=True, on_delete=fields.SET_NULL
    )
    """Whose it is until it is posted. From then on only the post says so; who is taken off it stands nowhere."""
    place = fields.CharField(max_length=40)
    """The form it is in ("ask", "answer:<thread id>", "edit:<post id>"), or the text it waits with ("text:<id>")."""
    position = fields.SmallIntField(default=0)
    name = fields.CharField(max_length=120)
    """Cleaned, to be shown and to be saved under; it never becomes part of a path."""
    alt = fields.CharField(max_length=200, default="", db_default="")
    """Of a picture: what is to be seen on it, in the words of its member."""
    content_type = fields.CharField(max_length=40)
    size = fields.IntField()
    digest = fields.CharField(max_length=64)
    storage_name = fields.CharField(max_length=40, unique=True)
    width = fields.IntField(null=True)
    """Of a picture, as are the height and the measures of its smaller copy."""
    height = fields.IntField(null=True)
    small_width = fields.SmallIntField(null=True)
    small_height = fields.SmallIntField(null=True)
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "attachments"
        indexes = (("member_id", "created_at"),)

"""The vector of each document that has a meaning, and which of them are still to be made."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class DocumentVector(Model):
    """Goes with its document: of what is hidden or erased there is no vector."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    kind = fields.CharField(max_length=16)
    row_id = fields.BigIntField()
    """With the kind the key of the document: "thread" and 123 for "thread-123"."""
    text_hash = fields.CharField(max_length=32, default="", db_default="")
    embedder = fields.CharField(max_length=16, default="", db_default="")
    """Fingerprint of what made the vector; vectors of two embedders cannot be compared."""
    vector: fields.Field[bytes | None] = fields.BinaryField(null=True)
    owed_at = fields.DatetimeField(null=True)
    """Since when the vector has to be made (again); empty when nothing is to be done."""

    class Meta:
        table = "document_vectors"
        unique_together = (("kind", "row_id"),)
        indexes = (("owed_at",),)

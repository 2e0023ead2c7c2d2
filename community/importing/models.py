from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ImportedItem(Model):
    """Which row of ours a foreign row became, so that an import can be repeated and resumed without doubles."""

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=16)
    foreign_id = fields.CharField(max_length=40)
    local_id = fields.BigIntField(db_index=True)

    class Meta:
        table = "imported_items"
        unique_together = (("source", "kind", "foreign_id"),)

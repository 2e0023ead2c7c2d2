"""The vault, first half: the customer organisations. Importing this module needs a line in the vault contract."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Company(Model):
    """Name and contract number are encrypted (`community.core.vault_keys`)."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    name_encrypted = fields.TextField()
    contract_number_encrypted = fields.TextField(default="")
    size_class = fields.CharField(max_length=16, default="", db_default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "vault_companies"

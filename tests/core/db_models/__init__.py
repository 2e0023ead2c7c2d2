"""Two small tables for tests of the database layer, so that these do not depend on the product's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tortoise import fields
from tortoise.context import require_context
from tortoise.models import Model

from community.core.db import connect, disconnect


class Shelf(Model):
    id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.CharField(max_length=50, unique=True)

    class Meta:
        table = "test_shelves"


class Book(Model):
    id = fields.BigIntField(primary_key=True, generated=False)
    shelf = fields.ForeignKeyField("community.Shelf", related_name="books", on_delete=fields.CASCADE)
    title = fields.CharField(max_length=100)
    position = fields.IntField(default=0)
    read = fields.BooleanField(default=False)
    notes: Any = fields.JSONField(default=dict)
    bought_at = fields.DatetimeField(null=True)

    class Meta:
        table = "test_books"
        indexes = (("shelf_id", "position"),)


@asynccontextmanager
async def opened(url: str, *, readers: int = 2) -> AsyncIterator[None]:
    """The database at `url`, open for this process, with the tables of this module."""
    await connect(url, readers=readers, models=[__name__])
    try:
        await require_context().generate_schemas()
        yield
    finally:
        await disconnect()

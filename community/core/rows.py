"""Writing one row by its model's columns, without an ORM object in between: for the writes that must be quick."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tortoise.fields import JSONField
from tortoise.models import Model

from community.core.db import execute, execute_many


@lru_cache(maxsize=512)
def _statement(model: type[Model], names: tuple[str, ...]) -> str:
    columns = {name: model._meta.fields_db_projection[name] for name in names}
    named = ", ".join(f'"{column}"' for column in columns.values())
    values = ", ".join(f":{name}" for name in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({named}) VALUES ({values})'  # noqa: S608 - names of columns


@lru_cache(maxsize=128)
def _json_names(model: type[Model]) -> frozenset[str]:
    return frozenset(name for name, field in model._meta.fields_map.items() if isinstance(field, JSONField))


async def insert(model: type[Model], **values: Any) -> None:
    """Insert one row. Columns that are left out get the database's default, so those must have one or be empty.

    Raises what the database raises; `community.core.db.is_unique_violation` recognises doubles.
    """
    await execute(_statement(model, tuple(values)), _encoded(model, values))


async def insert_many(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that give the same columns, in one go."""
    if rows:
        await execute_many(_statement(model, tuple(rows[0])), [_encoded(model, row) for row in rows])


def _encoded(model: type[Model], values: Mapping[str, Any]) -> Mapping[str, Any]:
    encoded = _json_names(model)
    return {name: json.dumps(value) if name in encoded else value for name, value in values.items()}

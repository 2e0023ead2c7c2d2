"""Addresses with parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode


def with_query(path: str, values: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """`path` with these parameters; those that are empty are left out, as their absence says the same."""
    pairs = values.items() if isinstance(values, Mapping) else values
    query = urlencode([(name, str(value)) for name, value in pairs if value])
    return f"{path}?{query}" if query else path

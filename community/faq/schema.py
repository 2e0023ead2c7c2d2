"""JSON Schema of what other websites get."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "faq.schema.json"


@lru_cache(maxsize=1)
def schema_text() -> str:
    """The schema as it is served and as `community validate faq` uses it."""
    return _FILE.read_text("utf-8")

"""Tables for spreadsheets, as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# A cell that begins like this would be run as a formula by spreadsheets; they take wide signs for plain ones.
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]")


def csv_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """With the mark by which spreadsheets recognise UTF-8, and no text that is a formula."""
    return "\ufeff" + csv_lines((columns, *rows))


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """More of a table that has begun."""
    target = io.StringIO()
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([harmless_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return target.getvalue()


def harmless_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text

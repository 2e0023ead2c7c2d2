"""Tables that staff take with them, as files for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from community.core.spreadsheets import csv_table


def download_table(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Response:
    """`name` without ".csv". Names of columns stay the same in every language."""
    return Response(
        csv_table(columns, rows),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )

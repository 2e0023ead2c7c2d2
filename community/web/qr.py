"""Pictures that phones read, as one path of an SVG: no file, no style, nothing the strict policy would refuse."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4
"""The white border that readers need, in modules."""


@dataclass(frozen=True, slots=True)
class QrCode:
    size: int
    """Width and height in modules, the border included."""
    path: str
    """The dark modules."""


def qr_code(text: str) -> QrCode:
    """Level M mends what a bad screen spoils."""
    made = segno.make_qr(text, error="m")
    pieces = []
    for y, row in enumerate(made.matrix):
        x = QUIET
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                pieces.append(f"M{x} {y + QUIET}h{length}v1h-{length}z")
            x += length
    return QrCode(len(made.matrix) + 2 * QUIET, "".join(pieces))

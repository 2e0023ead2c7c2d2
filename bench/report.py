"""From measurements to a table: medians over the rounds, ratios within a round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.communities import Page
from bench.load import Measured

MOST_GROWTH = 2.0
MOST_MEGABYTES = 150


@dataclass
class Line:
    """All rounds of one page."""

    page: Page
    yardstick: list[Measured] = field(default_factory=list)
    real: list[Measured] = field(default_factory=list)
    small: list[Measured] = field(default_factory=list)
    megabytes: float = 0.0
    first: float = 0.0
    """The CPU ratio when each page is asked for the first time since the start of the process."""

    @property
    def ratio(self) -> float:
        """Requests per second in times of the yardstick."""
        return _middle(self.real, self.yardstick, lambda real, bare: real.per_second / bare.per_second)

    @property
    def cpu_ratio(self) -> float:
        """CPU time of the yardstick's request in times of ours: the same comparison, steadier on a busy machine."""
        return _middle(self.yardstick, self.real, lambda bare, real: bare.cpu / real.cpu)

    @property
    def growth(self) -> float:
        """CPU time of a request in times of what it costs in the small community."""
        return _middle(self.real, self.small, lambda large, small: large.cpu / small.cpu)

    @property
    def missed(self) -> str:
        """The aims that are missed, in words."""
        aims = {
            "speed": self.ratio >= self.page.aim,
            "growth": self.growth <= MOST_GROWTH,
            "memory": self.megabytes <= MOST_MEGABYTES,
        }
        return ", ".join(name for name, reached in aims.items() if not reached)

    def as_json(self) -> dict[str, Any]:
        rounds = {
            name: [asdict(one) for one in getattr(self, name)] for name in ("yardstick", "real", "small")
        }
        return {
            "page": self.page.name,
            "aim": self.page.aim,
            "ratio": self.ratio,
            "cpu_ratio": self.cpu_ratio,
            "first": self.first,
            "growth": self.growth,
            "megabytes": self.megabytes,
            **rounds,
        }


def _middle(
    first: Sequence[Measured], second: Sequence[Measured], compare: Callable[[Measured, Measured], float]
) -> float:
    return median(compare(one, other) for one, other in zip(first, second, strict=True))


HEADINGS = (
    *("page", "req/s", "p50 ms", "p99 ms", "CPU ms", "yardstick"),
    *("ratio", "CPU ratio", "first", "aim", "growth", "MB", "missed"),
)


def table(lines: Sequence[Line]) -> str:
    """Plain text. "yardstick" is its requests per second, "ratio" those of the real server in times of it."""
    rows = [HEADINGS]
    for line in lines:
        rows.append(
            (
                line.page.name,
                f"{median(one.per_second for one in line.real):.0f}",
                f"{median(one.p50 for one in line.real):.1f}",
                f"{median(one.p99 for one in line.real):.1f}",
                f"{median(one.cpu for one in line.real):.2f}",
                f"{median(one.per_second for one in line.yardstick):.0f}",
                f"{line.ratio:.2f}",
                f"{line.cpu_ratio:.2f}",
                f"{line.first:.2f}" if line.first else "-",
                f"{line.page.aim:.2f}" if line.page.aim else "-",
                f"{line.growth:.2f}",
                f"{line.megabytes:.0f}",
                line.missed or "-",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, len(HEADINGS) - 1) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )

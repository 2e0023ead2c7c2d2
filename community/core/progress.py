"""A progress bar for long work on the command line; one line at the end where nobody is watching."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from tqdm import tqdm


class Progress:
    """`with Progress("Indexing", 1200) as progress: progress.advance(200)`"""

    def __init__(self, label: str, total: int | None = None) -> None:
        self._bar = tqdm(total=total, desc=label, unit="", disable=None, file=sys.stderr, dynamic_ncols=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def advance(self, count: int = 1) -> None:
        self._bar.update(count)

    def expect(self, total: int) -> None:
        self._bar.total = total
        self._bar.refresh()

    def begin(self) -> None:
        """Count from nothing again."""
        self._bar.reset(self._bar.total)

    def show(self, done: int, total: int) -> None:
        """What another process has done."""
        self._bar.total, self._bar.n = total, done
        self._bar.refresh()

    def describe(self, label: str) -> None:
        self._bar.set_description(label)

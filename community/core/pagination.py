"""Cutting long lists: numbered pages where people jump, a cursor where they only go on."""

import base64
import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAYOUT = struct.Struct(">qQ")
_LARGEST_ID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a list ordered by time and then id; the next part of the list begins after it."""

    time: datetime
    id: int

    def __str__(self) -> str:
        """Opaque and safe in an address; exact to the microsecond."""
        microseconds = (self.time - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(_LAYOUT.pack(microseconds, self.id)).rstrip(b"=").decode()


def read_cursor(text: str | None) -> Cursor | None:
    """The cursor in a request, or None where there is none or it is spoilt: the list then begins anew."""
    if not text or len(text) != 22 or not text.isascii():
        return None
    try:
        packed = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        microseconds, row_id = _LAYOUT.unpack(packed)
        time = _EPOCH + timedelta(microseconds=microseconds)
    except (binascii.Error, ValueError, struct.error, OverflowError):
        return None
    return Cursor(time, row_id) if row_id <= _LARGEST_ID else None


@dataclass(frozen=True, slots=True)
class Pages:
    """A numbered pager. `current` is always a page that exists; the first one exists even if it is empty."""

    total: int
    per_page: int
    current: int
    last: int

    @property
    def offset(self) -> int:
        """How many rows lie before the current page."""
        return (self.current - 1) * self.per_page

    @property
    def previous(self) -> int | None:
        return self.current - 1 if self.current > 1 else None

    @property
    def next(self) -> int | None:
        return self.current + 1 if self.current < self.last else None

    @property
    def is_needed(self) -> bool:
        """Whether there is more than one page."""
        return self.last > 1

    def __iter__(self) -> Iterator[int | None]:
        """The numbers to show; None stands for a gap: ``1 … 7 8 9 … 20``."""
        shown = sorted({1, self.last, *range(max(1, self.current - 1), min(self.last, self.current + 1) + 1)})
        before = 0
        for number in shown:
            if number - before == 2:
                yield number - 1  # A gap of a single page costs no more room than the dots.
            elif number - before > 2:
                yield None
            yield number
            before = number


def pages(total: int, per_page: int, current: int) -> Pages:
    """The pager for `total` rows; a page number outside the list becomes the nearest one that exists."""
    last = max(1, -(-total // per_page))
    return Pages(total, per_page, min(max(1, current), last), last)


def page_of(position: int, per_page: int) -> int:
    """The number of the page that shows the row with this position, counted from 0."""
    return position // per_page + 1

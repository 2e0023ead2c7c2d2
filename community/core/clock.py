"""The one place that reads the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware and in UTC, the only form in which times are stored and compared."""
    return datetime.now(UTC)

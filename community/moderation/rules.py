"""What holds for the queue wherever it is read or written."""

from __future__ import annotations

SHORTEST_REASON = 3
LONGEST_REASON = 500
"""Those concerned read all of it: a notification holds no more."""


def item_of(post_id: int) -> str:
    """The name of an item of the queue, as claims and the log know it."""
    return f"post:{post_id}"

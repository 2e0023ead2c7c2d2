"""Whether a request is a person's, for figures about what people read and look for."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

_ROBOTS = re.compile(r"bot\b|crawler|spider|slurp", re.IGNORECASE)


def is_by_a_person(headers: Headers) -> bool:
    """Not a robot that says what it is, and not a page that a browser fetches ahead."""
    is_fetched_ahead = "prefetch" in headers.get("sec-purpose", "")
    return not is_fetched_ahead and not _ROBOTS.search(headers.get("user-agent", ""))

"""Whether a request is a person's, for figures about what people read and look for."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

_ROBOTS = re.compile(r"bot\b|crawler|spider|slurp", re.IGNORECASE)


def is_by_a_person(headers: Headers) -> bool:
    """Not a robot that says what it is, and not a page that a browser fetches ahead.

    What a page of this site had fetched ahead is what somebody has pressed: by the rules in `web.sitemaps` nothing
    that counts is fetched earlier, and it is shown without asking again.
    """
    is_pressed = headers.get("sec-purpose") == "prefetch" and headers.get("sec-fetch-site") == "same-origin"
    is_fetched_ahead = "prefetch" in headers.get("sec-purpose", "") and not is_pressed
    return not is_fetched_ahead and not _ROBOTS.search(headers.get("user-agent", ""))

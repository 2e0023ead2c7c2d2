"""The four ways in which a request ends other than well. `http` turns them into pages."""

from __future__ import annotations


class NotFound(Exception):  # noqa: N818 - the word of the web for it
    """There is no such thing, or the viewer may not know that there is: one answer for both (404)."""


class Forbidden(Exception):  # noqa: N818
    """The viewer sees the thing but may not do this to it (403)."""


class RuleBroken(Exception):  # noqa: N818
    """Nobody could do this, now (409). The message is translated and shown to the viewer."""


class Conflict(RuleBroken):
    """Somebody else changed the thing meanwhile (409); nothing typed may be lost."""


def authorize(allowed: bool) -> None:
    """Raise `Forbidden` unless `allowed`: the line every handler has between loading and acting."""
    if not allowed:
        raise Forbidden

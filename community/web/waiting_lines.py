"""The lines on the page of a thread about what waits in it."""

from __future__ import annotations

from community.core.i18n import gettext as _
from community.waiting.models import TextKind
from community.waiting.queries import WaitingHere
from community.web.parts import Link


def waiting_links(texts: list[WaitingHere]) -> tuple[Link, ...]:
    """To the own text for its author, to the decision for staff."""
    own = {
        TextKind.ANSWER: _("Your answer waits for release."),
        TextKind.COMMENT: _("Your comment waits for release."),
        TextKind.EDIT: _("Your change waits for release."),
    }
    others = {
        TextKind.ANSWER: _("An answer waits for release."),
        TextKind.COMMENT: _("A comment waits for release."),
        TextKind.EDIT: _("A change waits for release."),
    }
    return tuple(
        Link(own[TextKind(text.kind)], f"/waiting/{text.id}")
        if text.is_own
        else Link(others[TextKind(text.kind)], f"/moderation/waiting/{text.id}")
        for text in texts
    )

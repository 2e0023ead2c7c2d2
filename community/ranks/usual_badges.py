"""The milestones to begin with; administrators change or remove each of them afterwards."""

from __future__ import annotations

from community.core.i18n import gettext as _
from community.ranks.badges import BadgeDraft, Measure


def usual_badges() -> tuple[BadgeDraft, ...]:
    """In the language in use."""
    return (
        BadgeDraft(_("First solution"), _("An answer became the solution."), Measure.SOLUTIONS, 1),
        BadgeDraft(_("Problem solver"), _("Ten answers became solutions."), Measure.SOLUTIONS, 10),
        BadgeDraft(_("Tireless solver"), _("Fifty answers became solutions."), Measure.SOLUTIONS, 50),
        BadgeDraft(_("Appreciated"), _("Ten kudos received."), Measure.KUDOS, 10),
        BadgeDraft(_("Highly appreciated"), _("Fifty kudos received."), Measure.KUDOS, 50),
        BadgeDraft(_("Thanked a hundred times"), _("A hundred kudos received."), Measure.KUDOS, 100),
        BadgeDraft(_("Great post"), _("Ten kudos for a single post."), Measure.POST_KUDOS, 10),
    )

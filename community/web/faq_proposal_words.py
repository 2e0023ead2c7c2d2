"""Proposals for the FAQ in words: why there is one, what it would do, why it was dismissed or came back."""

from __future__ import annotations

from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.proposing.models import DismissalReason, Return
from community.proposing.rules import Figures, ReasonKind


def dismissal_names() -> dict[str, str]:
    """Why staff take a proposal off the list."""
    return {
        DismissalReason.RARE: _("Too few people have this question"),
        DismissalReason.OPINION: _("There is no one right answer"),
        DismissalReason.PERSONAL: _("Concerns one customer only"),
        DismissalReason.OUTDATED: _("Out of date"),
        DismissalReason.UNSURE: _("The answer is not right or not sure"),
        DismissalReason.COVERED: _("Answered elsewhere already"),
        DismissalReason.OTHER: _("Something else"),
    }


def return_text(cause: str) -> str:
    """Why a dismissed proposal is open again; empty for one that was never dismissed."""
    return (
        {
            Return.FIGURES: _("Dismissed before. Back because its figures have at least doubled since."),
            Return.THREAD: _("Dismissed before. Back because another solved thread asks the same."),
            Return.SOLUTION: _("Dismissed before. Back because the thread has another solution now."),
            Return.STAFF: _("Dismissed before, and taken up again by a colleague."),
        }.get(Return(cause), "")
        if cause
        else ""
    )


def reason_texts(figures: Figures) -> tuple[str, ...]:
    """Every reason with its figure."""
    return tuple(_reason_text(kind, count, figures) for kind, count in figures.reasons())


def _reason_text(kind: ReasonKind, count: int, figures: Figures) -> str:
    shown = {"number": number(count)}
    match kind:
        case ReasonKind.SIMILAR:
            return (
                ngettext(
                    "%(number)s more thread asks the same", "%(number)s more threads ask the same", count
                )
                % shown
            )
        case ReasonKind.READS:
            return (
                ngettext("read %(number)s time in 30 days", "read %(number)s times in 30 days", count) % shown
            )
        case ReasonKind.SEARCHES:
            text = (
                ngettext(
                    "searched for %(number)s time in 30 days",
                    "searched for %(number)s times in 30 days",
                    count,
                )
                % shown
            )
            if figures.nothing_count:
                text += " " + _("(%(number)s without a result)") % {"number": number(figures.nothing_count)}
            return text
        case ReasonKind.SAME_PROBLEM:
            return (
                ngettext(
                    "%(number)s member has the same problem",
                    "%(number)s members have the same problem",
                    count,
                )
                % shown
            )
        case ReasonKind.KUDOS:
            return (
                ngettext(
                    "%(number)s member thanked for the solution",
                    "%(number)s members thanked for the solution",
                    count,
                )
                % shown
            )


def effect_text(figures: Figures) -> str:
    """What an entry would do, estimated from the figures."""
    readers = ngettext(
        "about %(number)s reader a month would find the short answer",
        "about %(number)s readers a month would find the short answer",
        figures.readers,
    ) % {"number": number(figures.readers)}
    if not figures.recent_count:
        return readers
    saved = ngettext(
        "about %(number)s question a year less",
        "about %(number)s questions a year less",
        figures.recent_count,
    ) % {"number": number(figures.recent_count)}
    return f"{readers}; {saved}" if figures.readers else saved

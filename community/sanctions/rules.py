"""What sanctions there are, how long they last, and which one is proposed after those before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.core.viewer import Mute


class Kind(StrEnum):
    WARNING = "warning"
    MUTE = "mute"
    """Reads, but writes nothing; everywhere or in one space."""
    SUSPENSION = "suspension"
    """Cannot log in until it ends."""
    BAN = "ban"
    """The same for good."""


SANCTION_ACTS = (
    *("warn_member", "mute_member", "suspend_member", "ban_member"),
    *("change_sanction", "lift_sanction", "end_sanction"),
)
"""What the log calls what is done to members here."""
TIMED = frozenset({Kind.MUTE, Kind.SUSPENSION})
SHUTTING_OUT = frozenset({Kind.SUSPENSION, Kind.BAN})
PRESETS: tuple[int, ...] = (1, 3, 7, 14, 30, 90)
"""Days that the form offers."""
LONGEST = timedelta(days=366)
"""Whoever is to be away for longer is banned, and may object to that."""
COUNTED_FOR = timedelta(days=365)
"""How long an earlier sanction counts for the proposal."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the form begins with. It is never imposed by itself."""

    kind: Kind
    days: int = 0


_LADDER = (
    Proposal(Kind.WARNING),
    Proposal(Kind.MUTE, 3),
    Proposal(Kind.MUTE, 14),
    Proposal(Kind.SUSPENSION, 30),
    Proposal(Kind.BAN),
)


def propose(earlier: int) -> Proposal:
    """The next step after this many sanctions within a year that were not lifted."""
    return _LADDER[min(earlier, len(_LADDER) - 1)]


def end_of_days(days: int, moment: datetime) -> datetime:
    return moment + timedelta(days=days)


def end_of(day: date) -> datetime:
    """The end of a day that somebody typed."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=UTC)


def say_cannot_write(mute: Mute) -> str:
    """Why a member cannot write, for the member."""
    values = {"until": full_date(mute.until), "reason": mute.reason}
    if mute.space_id is None:
        return _("You cannot write until %(until)s. Reason: %(reason)s") % values
    return _("You cannot write in this space until %(until)s. Reason: %(reason)s") % values


def say_shut_out() -> str:
    return _("Your account is suspended.")

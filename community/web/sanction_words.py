"""What sanctions are called, for staff and for members."""

from __future__ import annotations

from datetime import datetime

from community.core.clock import now
from community.core.i18n import full_date, long_date
from community.core.i18n import gettext as _
from community.sanctions.queries import SanctionRow
from community.sanctions.rules import Kind


def kind_names() -> dict[str, str]:
    return {
        Kind.WARNING: _("Warning"),
        Kind.MUTE: _("Writing ban"),
        Kind.SUSPENSION: _("Suspension"),
        Kind.BAN: _("Ban"),
    }


def kind_hints() -> dict[str, str]:
    return {
        Kind.WARNING: _("The member reads it. Nothing is taken from them."),
        Kind.MUTE: _("They can read, accept solutions and report posts, but not write."),
        Kind.SUSPENSION: _("They cannot log in until it ends. All their log-ins end at once."),
        Kind.BAN: _(
            "For good. All log-ins end at once, and nobody can register again with the same mail address."
        ),
    }


def state_of(row: SanctionRow) -> str:
    """Whether it holds, and until when, in one line."""
    if row.lifted_at is not None:
        return _("lifted on %(date)s") % {"date": long_date(row.lifted_at)}
    if row.kind == Kind.WARNING:
        return _("given")
    if row.kind == Kind.BAN:
        return _("for good")
    if row.ends_at is None:
        return ""
    if row.holds(now()):
        return _("until %(date)s") % {"date": full_date(row.ends_at)}
    return _("ended on %(date)s") % {"date": long_date(row.ends_at)}


def scope_of(row: SanctionRow) -> str:
    """Where a mute holds; empty for the others."""
    if row.kind != Kind.MUTE:
        return ""
    return row.space or _("everywhere")


def say_until(ends_at: datetime | None) -> str:
    return _("until %(date)s") % {"date": full_date(ends_at)} if ends_at else _("for good")

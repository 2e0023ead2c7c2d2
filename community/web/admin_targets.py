"""The part of the form of a space that says how long things may wait there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from community.core.i18n import gettext as _
from community.core.i18n import number
from community.decisions.targets import LONGEST, SET_PER_SPACE, Target
from community.decisions.work import WorkKind
from community.web.parts import Choice, FieldError


@dataclass(frozen=True, slots=True)
class TargetFields:
    legend: str
    hint: str
    fields: tuple[Choice, ...]
    """The name of each field, its label, and what it means."""


def target_fields() -> tuple[TargetFields, ...]:
    soon, late = _("Nearly overdue after how many hours?"), _("Overdue after how many hours?")
    return (
        TargetFields(
            legend=_("Flags"),
            hint=_("In the queue of staff, flags are marked once they have waited for so long."),
            fields=(Choice("flag-soon", soon), Choice("flag-late", late)),
        ),
        TargetFields(
            legend=_("Unanswered questions"),
            hint=_(
                "For spaces with questions: first it is the turn of the other customers, then that of staff."
            ),
            fields=(
                Choice(
                    "unanswered-after",
                    _("Ask staff for an answer after how many hours?"),
                    _("Staff see a question at once and may always answer it; 0 asks them at once."),
                ),
                Choice("unanswered-soon", soon),
                Choice("unanswered-late", late),
            ),
        ),
    )


def target_values(targets: Mapping[WorkKind, Target]) -> dict[str, str]:
    return {
        f"{kind}-{part}": str(getattr(target, part))
        for kind, target in targets.items()
        for part in ("after", "soon", "late")
    }


def read_targets(fields: Mapping[str, str]) -> tuple[dict[WorkKind, Target], list[FieldError]]:
    targets, errors = {}, []
    for kind in SET_PER_SPACE:
        parts = ("after", "soon", "late") if kind is WorkKind.UNANSWERED else ("soon", "late")
        if not any(f"{kind}-{part}" in fields for part in parts):
            # A form without them, opened before there were any, changes none.
            continue
        hours = {}
        for part in parts:
            value = _hours(fields.get(f"{kind}-{part}", ""))
            if value is None:
                message = _("Please give a number of hours from 0 to %(most)s.") % {"most": number(LONGEST)}
                errors.append(FieldError(f"{kind}-{part}", message))
            else:
                hours[part] = value
        if len(hours) == len(parts):
            targets[kind] = Target(**hours)
            if targets[kind].late < max(targets[kind].soon, targets[kind].after):
                errors.append(FieldError(f"{kind}-late", _("This has to be the longest of these times.")))
    return targets, errors


def _hours(text: str) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 5) or int(text) > LONGEST:
        return None
    return int(text)

"""The part of a page on which somebody reads a decision that lets them object to it, or says what became of that."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.moderation.appeal_queries import AppealRow
from community.moderation.models import AppealState
from community.web.measures import words_of
from community.web.parts import FormState

SHORTEST_TEXT, LONGEST_TEXT = 20, 4_000


@dataclass(frozen=True, slots=True)
class Objection:
    form: FormState
    url: str
    """Where an objection is sent; empty where none is possible (any more)."""
    token: str
    state: str
    """What became of the one that was made."""
    said: tuple[str, ...]
    """Its paragraphs, for whoever has logged in: a link may be read by others."""
    reason: str
    """Of the decision about it; empty for whoever holds the link of a mail alone."""
    is_reason_held_back: bool


def objection(
    appeal: AppealRow | None,
    *,
    url: str,
    is_possible: bool,
    form: FormState,
    token: str = "",
    says_why: bool = True,
    granted: str = "",
) -> Objection:
    """`url` is where it would be sent; `is_possible` whether the time for it has not run out; `granted` what follows
    where it was right, if that is something special; `says_why` whether the reader has proved who they are."""
    return Objection(
        form=form,
        url=url if appeal is None and is_possible else "",
        token=token,
        state=_state(appeal, granted) if appeal else "",
        said=tuple(line for line in appeal.text.split("\n") if line.strip()) if appeal and not token else (),
        reason=appeal.reason if appeal and says_why else "",
        is_reason_held_back=not says_why and appeal is not None and bool(appeal.reason),
    )


def heading_of(row: AppealRow) -> str:
    """What staff call it."""
    if row.notice_id is not None:
        return _("Objection to the decision about notice %(reference)s") % {"reference": row.reference}
    return words_of(row.act).objection


def _state(appeal: AppealRow, granted: str) -> str:
    changed = _("The decision is changed.")
    if appeal.state == AppealState.OPEN:
        return _("You objected on %(date)s. Somebody else than before looks at it again.") % {
            "date": full_date(appeal.filed_at)
        }
    if appeal.state == AppealState.SETTLED:
        return _("What you objected to has been settled meanwhile, so nothing was left to decide.")
    if appeal.state == AppealState.GRANTED:
        right = _("Your objection was right.")
        return f"{right} {granted or changed}"
    return _("Somebody else has looked at it again. The decision stays as it is.")

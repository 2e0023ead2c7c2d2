"""What became of mails with news, and what members want none of: the part of the figures page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from community.companies.rules import shown_count
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.notifications.mail_figures import count_unwanted, sum_figures
from community.notifications.wording import topic_names
from community.web.parts import Tile


@dataclass(frozen=True, slots=True)
class UnwantedRow:
    """A topic, with about how many members want no mails about it, and how many are not told of it at all."""

    name: str
    without_mail: str
    switched_off: str


@dataclass(frozen=True, slots=True)
class MailsPart:
    tiles: tuple[Tile, ...]
    unwanted: tuple[UnwantedRow, ...]


async def make_mails_part(first: date, last: date, first_before: date, last_before: date) -> MailsPart:
    """Sums of the period against the one before; what is unwanted, as it stands now."""
    present, before = await sum_figures(first, last), await sum_figures(first_before, last_before)
    labels = {
        "sent": _("Mails sent"),
        "failed": _("Mails refused for good"),
        "returned": _("Mails that came back"),
        "unsubscribed": _("Unsubscribed by link"),
    }
    unwanted = await count_unwanted()
    rows = [
        UnwantedRow(
            name, shown_count(unwanted.without_mail.get(topic, 0)), shown_count(unwanted.off.get(topic, 0))
        )
        for topic, name in topic_names().items()
    ]
    rows.append(UnwantedRow(_("All mails"), shown_count(unwanted.stopped), "–"))
    return MailsPart(
        tiles=tuple(
            Tile(
                label,
                number(present.get(figure, 0)),
                change=_("%(count)s before") % {"count": number(before.get(figure, 0))},
            )
            for figure, label in labels.items()
        ),
        unwanted=tuple(rows),
    )

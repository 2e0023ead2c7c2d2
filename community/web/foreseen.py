"""For staff: which rules would hold a member's next text, in words."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.i18n import full_date, ngettext, number
from community.core.i18n import gettext as _
from community.waiting.forecast import Forecast, Outlook
from community.waiting.holding_rules import RuleKind
from community.web.parts import Link


@dataclass(frozen=True, slots=True)
class ForeseenView:
    rule: Link
    space: str
    outlook: str
    holds: bool
    """Whether it holds the next text, or may."""
    why: str


def foreseen_view(forecast: Forecast) -> ForeseenView:
    return ForeseenView(
        rule=Link(forecast.row.name, f"/moderation/rules/{forecast.row.id}"),
        space=forecast.row.space_name or _("everywhere"),
        outlook=_outlooks()[forecast.outlook],
        holds=forecast.outlook in (Outlook.HOLDS, Outlook.DEPENDS),
        why=_why(forecast),
    )


def _outlooks() -> dict[Outlook, str]:
    return {
        Outlook.HOLDS: _("holds the next text"),
        Outlook.DEPENDS: _("depends on the text"),
        Outlook.PASSES: _("holds nothing now"),
        Outlook.OVER: _("does not concern them any more"),
    }


def _why(forecast: Forecast) -> str:
    rule = forecast.row.rule
    if rule.kind == RuleKind.WORDS:
        count = len(rule.words)
        return ngettext(
            "If the one word of its list stands in it.",
            "If one of the %(num)s words of its list stands in it.",
            count,
        ) % {"num": number(count)}
    if rule.kind == RuleKind.LINKS:
        values = {"published": number(forecast.count), "asked": number(rule.posts)}
        if forecast.outlook is Outlook.OVER:
            return _("Links pass: enough texts of theirs are published (%(asked)s).") % values
        return (
            _("If there is a link in it: %(published)s of %(asked)s texts of theirs are published.") % values
        )
    return _why_of_burst(forecast)


def _why_of_burst(forecast: Forecast) -> str:
    rule, ends_at = forecast.row.rule, forecast.ends_at
    values = {
        "sent": number(forecast.count),
        "posts": number(rule.posts),
        "minutes": number(rule.minutes),
        "days": number(rule.days),
        "date": full_date(ends_at) if ends_at else "",
    }
    if forecast.outlook is Outlook.OVER:
        return _("Their first %(days)s days ended on %(date)s.") % values
    sent = _("Sent in the last %(minutes)s minutes: %(sent)s. It holds from %(posts)s on.") % values
    if ends_at is None:
        return sent
    return f"{sent} " + _("It looks at them until %(date)s.") % values

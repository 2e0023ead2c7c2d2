"""Why an entry has to be checked, on the desk of those who write the FAQ: made from rows, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from community.core import i18n
from community.core.differences import Segment, differences
from community.core.i18n import gettext as _
from community.core.i18n import ngettext
from community.core.viewer import Viewer
from community.faq.causes import URGENT, today
from community.faq.check_queries import CauseRow, SettledRow, list_causes, list_settled
from community.faq.editorial import EditorialEntry
from community.faq.models import CauseKind
from community.faq.source_queries import EditorialSource, seen_of
from community.web.faq_sources import SourceView, source_view
from community.web.parts import When


@dataclass(frozen=True, slots=True)
class CauseView:
    """One cause, with what was said then and is said now."""

    name: str
    advice: str
    urgent: bool
    when: When
    source: SourceView | None
    title_difference: tuple[Segment, ...] = ()
    difference: tuple[Segment, ...] = ()
    is_forgotten: bool = False
    """Whether what the source said is not kept any more."""
    other: SourceView | None = None
    """Another solution, to be shown beside the source."""
    adopt_url: str = ""
    solution_id: int = 0
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class SettledView:
    text: str
    how: str
    when: When


@dataclass(frozen=True, slots=True)
class CheckView:
    """What has to be checked, and how to settle it. Empty addresses are steps that cannot be taken now."""

    causes: tuple[CauseView, ...]
    settled: tuple[SettledView, ...]
    confirm_url: str
    version: int
    """Of the released text."""
    seen: str
    can_be_confirmed: bool
    """Whether a confirmation would settle any of them: a date that has passed takes another version."""
    asks_clearance: bool
    validity: str
    """When it ends or that it has ended, in words; empty if it has no end."""


async def check_of(
    viewer: Viewer, entry: EditorialEntry, sources: tuple[EditorialSource, ...], *, holder: str = ""
) -> CheckView | None:
    """None for an entry that is not released."""
    if not entry.is_public or entry.published is None:
        return None
    base = f"/moderation/faq/{entry.id}"
    rows = await list_causes(viewer, entry.id, sources)
    may_act = not holder
    return CheckView(
        causes=tuple(_cause(row, base if may_act else "") for row in _by_urgency(_by_thread(rows))),
        settled=tuple(_settled(row) for row in await list_settled(viewer, entry.id)),
        confirm_url=f"{base}/confirm" if may_act else "",
        version=entry.published_version or 0,
        seen=seen_of(sources),
        can_be_confirmed=any(row.kind != CauseKind.EXPIRED for row in rows),
        asks_clearance=any(source.asks_clearance for source in sources),
        validity=validity_text(entry.published.valid_until),
    )


def _by_thread(rows: Iterable[CauseRow]) -> list[CauseRow]:
    """What has happened to several posts of one thread is one thing to think about; only edits differ."""
    found: dict[tuple[str, int | None], CauseRow] = {}
    for row in rows:
        thread_id = row.source.thread_id if row.source else None
        found.setdefault((row.kind, row.post_id if row.kind == CauseKind.EDITED else thread_id), row)
    return list(found.values())


def _by_urgency(rows: Iterable[CauseRow]) -> list[CauseRow]:
    """Those that cannot wait first; sorting keeps the order otherwise."""
    return sorted(rows, key=lambda row: row.kind not in URGENT)


def cause_names() -> dict[str, str]:
    """What each cause is called, for lists and figures."""
    return {
        CauseKind.NARROWED: _("Source that its readers may not read"),
        CauseKind.ERASED: _("Source erased"),
        CauseKind.HIDDEN: _("Source hidden"),
        CauseKind.EDITED: _("Source edited"),
        CauseKind.OTHER_SOLUTION: _("Another solution accepted"),
        CauseKind.REOPENED: _("Thread has no solution any more"),
        CauseKind.CARRIED: _("Source in another thread"),
        CauseKind.EXPIRED: _("Validity has ended"),
        CauseKind.FEEDBACK: _("Bad feedback"),
        CauseKind.UNCHECKED: _("Not checked for a year"),
    }


def check_fact(kinds: Iterable[str]) -> str:
    """Why an entry is to be checked, in a line of a list: what cannot wait first."""
    names = cause_names()
    causes = [names[kind] for kind in sorted(kinds, key=list(names).index)]
    if not causes:
        return _("To be checked")
    return _("To be checked: %(causes)s") % {"causes": ", ".join(causes)}


def _advice() -> dict[str, str]:
    """What a person has to ask themselves."""
    return {
        CauseKind.NARROWED: _(
            "Readers see neither the thread nor the helper any more, but still the text. Does it give anything away?"
        ),
        CauseKind.ERASED: _("Readers still see the text. Does it repeat what had to be erased?"),
        CauseKind.HIDDEN: _("Readers still see the text. Does it repeat what had to be hidden?"),
        CauseKind.EDITED: _("Is the text still right, now that its source says this?"),
        CauseKind.OTHER_SOLUTION: _("The customers found another way. Is the text still the best answer?"),
        CauseKind.REOPENED: _("Whoever asked has taken the solution back. Does the answer still help?"),
        CauseKind.CARRIED: _("The thread was merged or split. Does the text still answer its question?"),
        CauseKind.EXPIRED: _(
            "Readers see this date. Only another version with a later date, or none, settles it, and a second person "
            "releases that."
        ),
        CauseKind.FEEDBACK: _(
            "Since the last check at least three readers said no, and more than two in five. What do they miss?"
        ),
        CauseKind.UNCHECKED: _("Products and prices change. Is every sentence still true?"),
    }


def _cause(row: CauseRow, base: str) -> CauseView:
    is_edited = row.kind == CauseKind.EDITED
    before = row.before
    can_adopt = base and row.other is not None and not row.adopted
    return CauseView(
        name=cause_names()[row.kind],
        advice=_advice()[row.kind],
        urgent=row.kind in URGENT,
        when=When.of(row.raised_at),
        source=source_view(row.source) if row.source else None,
        title_difference=differences(before.title, row.now.title)
        if before is not None and before.title != row.now.title
        else (),
        difference=differences(before.body, row.now.body)
        if before is not None and before.body != row.now.body
        else (),
        is_forgotten=is_edited and before is None,
        other=source_view(row.other) if row.other else None,
        adopt_url=f"{base}/sources/{row.post_id}/replace" if can_adopt else "",
        solution_id=row.other.post_id if row.other else 0,
        adopted=row.adopted,
    )


def _settled(row: SettledRow) -> SettledView:
    ways = {
        "confirmed": _("found right by %(name)s"),
        "released": _("another version released by %(name)s"),
        "withdrawn": _("entry withdrawn by %(name)s"),
    }
    way = ways.get(row.how, "")
    how = way % {"name": row.by or _("Former member")} if way else _("taken back, so it settled itself")
    return SettledView(cause_names()[row.kind], how, When.of(row.settled_at))


# --- the date until which an answer holds -----------------------------------------------------------------


def day_text(day: str) -> str:
    """ "2026-12-31" as readers see it; empty for none."""
    return i18n.long_date(i18n.noon_of(date.fromisoformat(day))) if day else ""


def validity_text(day: str) -> str:
    if not day:
        return ""
    days = (date.fromisoformat(day) - today()).days
    if days < 0:
        return _("Its validity ended on %(date)s.") % {"date": day_text(day)}
    if days == 0:
        return _("Its validity ends today.")
    ends = ngettext(
        "Its validity ends in %(num)s day, on %(date)s.",
        "Its validity ends in %(num)s days, on %(date)s.",
        days,
    )
    return ends % {"num": i18n.number(days), "date": day_text(day)}


def is_day(text: str) -> bool:
    """Whether a field holds a date in the form in which it is kept."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

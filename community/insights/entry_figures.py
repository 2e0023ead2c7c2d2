"""What FAQ entries do for their readers: sums of days and answers, bounded by the days asked for, for staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from community.core.clock import now
from community.core.db import Row, as_known_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq.models import IS_PUBLIC
from community.faq.permissions import demand_editor
from community.faq.queries import entry_url
from community.insights.searches import day_before
from community.threads.permissions import visible_in_spaces

MOST_WORDS = 20
FEWEST_OPENINGS = 5
"""Words that led to an entry less often than this are not shown: rare words say most about whoever typed them.

Openings, not people: a reader counts once a day, and who it was is not known on the next."""


class Choice(StrEnum):
    ALL = "all"
    UNUSED = "unused"
    UNTHANKED = "unthanked"
    """Viewed, but helped nobody."""


class Order(StrEnum):
    VIEWS = "views"
    HELPED = "helped"
    """Those that helped the smallest share of those who said so first."""
    STUCK = "stuck"
    """Those from which most went on, of those who viewed it."""


_CHOICES = {
    Choice.ALL: "1 = 1",
    Choice.UNUSED: "views = 0",
    Choice.UNTHANKED: "views > 0 AND helped = 0",
}
_ORDERS = {
    Order.VIEWS: "views DESC",
    Order.HELPED: """CASE WHEN helped + not_helped = 0 THEN 2.0 ELSE helped * 1.0 / (helped + not_helped) END,
        not_helped DESC""",
    Order.STUCK: """CASE WHEN views = 0 THEN 0.0 ELSE (searched_on + turned_to_ask) * 1.0 / views END DESC,
        searched_on + turned_to_ask DESC""",
}


@dataclass(frozen=True, slots=True)
class EntryUse:
    """What happened with one entry in a period."""

    entry_id: int
    slug: str
    question: str
    language: str
    members_only: bool
    published_at: datetime
    views: int
    found: int
    searched_on: int
    turned_to_ask: int
    asked: int
    helped: int
    not_helped: int
    solved: int
    """Questions that were not asked, because it solved them while they were typed."""
    quoted: int
    """Posts in which it stands as a card, at any time, that the viewer may read."""

    @property
    def url(self) -> str:
        return entry_url(self.entry_id, self.slug)

    @property
    def stuck(self) -> int:
        return self.searched_on + self.turned_to_ask

    @property
    def stuck_share(self) -> float:
        """Of those who viewed it, how many went on; more than all if they did so from elsewhere."""
        return self.stuck / self.views if self.views else 0.0

    @property
    def helped_share(self) -> float | None:
        answers = self.helped + self.not_helped
        return self.helped / answers if answers else None


async def list_entry_uses(
    viewer: Viewer,
    choice: Choice = Choice.ALL,
    *,
    days: int,
    order: Order = Order.VIEWS,
    size: int | None = None,
    offset: int = 0,
) -> list[EntryUse]:
    """Entries that have readers with their figures of the last `days` days; without `size` all of them."""
    demand_editor(viewer)
    page = "" if size is None else "LIMIT :size OFFSET :offset"
    return await _list(
        viewer,
        f"{_chosen(choice)} ORDER BY {_ORDERS[order]}, published_at, entry_id {page}",
        {"size": size, "offset": offset},
        days=days,
        order=order,
    )


async def count_entry_uses(viewer: Viewer, choice: Choice, *, days: int) -> int:
    demand_editor(viewer)
    row = await fetch_one(
        f"SELECT COUNT(*) AS n FROM ({_chosen(choice)}) AS chosen",  # noqa: S608 - constants
        _period(days),
    )
    return int(row["n"]) if row else 0


async def get_entry_use(viewer: Viewer, entry_id: int, *, days: int) -> EntryUse:
    """One of them; `NotFound` if it has no readers."""
    demand_editor(viewer)
    for use in await _list(
        viewer, _chosen(Choice.ALL, "AND entry_id = :entry_id"), {"entry_id": entry_id}, days=days
    ):
        return use
    raise NotFound


async def _list(
    viewer: Viewer, chosen: str, given: dict[str, int | None], *, days: int, order: Order = Order.VIEWS
) -> list[EntryUse]:
    """What nobody sorts by is counted for the entries of the page alone."""
    rows = await fetch(
        f"""SELECT chosen.*,
        (SELECT SUM(s.solved_count) FROM suggestion_days s
          WHERE s.key = 'faq-' || chosen.entry_id AND s.day > :after) AS solved,
        (SELECT COUNT(*) FROM faq_quotations x JOIN posts p ON p.id = x.post_id JOIN threads t ON t.id = p.thread_id
          WHERE x.entry_id = chosen.entry_id AND p.hidden_at IS NULL AND {visible_in_spaces(viewer)}) AS quoted
        FROM ({chosen}) AS chosen ORDER BY {_ORDERS[order]}, published_at, entry_id""",  # noqa: S608 - constants
        {**_period(days), **given},
    )
    return [_use(row) for row in rows]


def _chosen(choice: Choice, only: str = "") -> str:
    """SQL for the entries with what they are chosen and sorted by."""
    return f"""SELECT * FROM (SELECT e.id AS entry_id, e.slug, e.published_question AS question,
          e.published_language AS language, e.published_audience AS audience, e.published_at,
          COALESCE(u.views, 0) AS views, COALESCE(u.found, 0) AS found, COALESCE(u.searched_on, 0) AS searched_on,
          COALESCE(u.turned_to_ask, 0) AS turned_to_ask, COALESCE(u.asked, 0) AS asked,
          COALESCE(f.helped, 0) AS helped, COALESCE(f.not_helped, 0) AS not_helped
        FROM faq_entries e
        LEFT JOIN (SELECT entry_id, SUM(view_count) AS views, SUM(found_count) AS found,
          SUM(search_count) AS searched_on, SUM(ask_count) AS turned_to_ask, SUM(asked_count) AS asked
          FROM faq_days WHERE day > :after {only} GROUP BY entry_id) u ON u.entry_id = e.id
        LEFT JOIN (SELECT entry_id, SUM(CASE WHEN helpful THEN 1 ELSE 0 END) AS helped,
          SUM(CASE WHEN helpful THEN 0 ELSE 1 END) AS not_helped
          FROM faq_feedback WHERE created_at >= :since {only} GROUP BY entry_id) f ON f.entry_id = e.id
        WHERE {IS_PUBLIC}) AS entry WHERE {_CHOICES[choice]} {only}"""  # noqa: S608 - constants


def _period(days: int) -> dict[str, str | datetime]:
    return {"after": day_before(days), "since": _start(days)}


def _use(row: Row) -> EntryUse:
    counted = (
        *("views", "found", "searched_on", "turned_to_ask", "asked"),
        *("helped", "not_helped", "solved", "quoted"),
    )
    return EntryUse(
        entry_id=row["entry_id"],
        slug=row["slug"],
        question=row["question"],
        language=row["language"],
        members_only=row["audience"] != "public",
        published_at=as_known_time(row["published_at"]),
        **{name: int(row[name] or 0) for name in counted},
    )


def _start(days: int) -> datetime:
    return datetime.combine(now().date() - timedelta(days=days - 1), time(), UTC)


def spans(days: int) -> list[tuple[date, date]]:
    """First and last day of the parts into which a period is drawn, the oldest first; a rest is not drawn."""
    today, size = now().date(), _size(days)
    lasts = [today - timedelta(days=size * place) for place in range(days // size)]
    return [(last - timedelta(days=size - 1), last) for last in lasts[::-1]]


def _size(days: int) -> int:
    """A day, a week, or ten days."""
    return 1 if days <= 30 else 7 if days <= 90 else 10


def _place(day: date, days: int) -> int:
    """The part in which a day lies, from the end: -1 is the last one."""
    return -1 - (now().date() - day).days // _size(days)


async def list_views(entry_ids: Sequence[int], *, days: int) -> dict[int, list[int]]:
    """How often each of these entries (at most 100) was viewed in each part of the period."""
    rows = await fetch(
        "SELECT entry_id, day, view_count FROM faq_days WHERE entry_id IN (:ids) AND day > :after",
        {"ids": list(entry_ids)[:100], "after": day_before(days)},
    )
    parts = len(spans(days))
    found = {entry_id: [0] * parts for entry_id in entry_ids}
    for row in rows:
        place = _place(date.fromisoformat(row["day"]), days)
        if place >= -parts:
            found[row["entry_id"]][place] += row["view_count"]
    return found


async def list_answers(entry_id: int, *, days: int) -> tuple[list[tuple[int, int]], Counter[str]]:
    """How often an entry helped and did not, in each part of the period; and how often each reason was ticked."""
    rows = await fetch(
        """SELECT helpful, reasons, created_at FROM faq_feedback
        WHERE entry_id = :id AND created_at >= :since ORDER BY created_at DESC LIMIT 10000""",
        {"id": entry_id, "since": _start(days)},
    )
    answers, reasons = [[0, 0] for _part in spans(days)], Counter[str]()
    for row in rows:
        place = _place(as_known_time(row["created_at"]).date(), days)
        if place >= -len(answers):
            answers[place][0 if row["helpful"] else 1] += 1
        reasons.update(each for each in row["reasons"].split(",") if each)
    return [(yes, no) for yes, no in answers], reasons


async def list_words(entry_id: int, *, days: int) -> list[tuple[str, int]]:
    """The words of searches from which an entry was opened, those that led to it often enough."""
    rows = await fetch(
        f"""SELECT words, SUM(open_count) AS openings FROM faq_words WHERE entry_id = :id AND day > :after
        GROUP BY words HAVING SUM(open_count) >= {FEWEST_OPENINGS} ORDER BY openings DESC, words
        LIMIT {MOST_WORDS}""",  # noqa: S608 - constants
        {"id": entry_id, "after": day_before(days)},
    )
    return [(row["words"], int(row["openings"])) for row in rows]

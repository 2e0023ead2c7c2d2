"""The report on what is searched for: what staff see of it, and what they decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.insights.searches import LONGEST_TERM, day_before

MOST_IN_DOWNLOAD = 10_000
MOST_RELATED = 4


class TermState(StrEnum):
    DONE = "done"
    """Somebody did something about it. Listed again if it finds nothing on a later day."""
    IGNORED = "ignored"


class Selection(StrEnum):
    NOTHING = "nothing"
    """Terms that found nothing and are not settled."""
    ALL = "all"
    SETTLED = "settled"


class Order(StrEnum):
    NOTHING = "nothing"
    SEARCHES = "searches"
    LAST = "last"
    WORDS = "words"


_ORDERS = {
    Order.NOTHING: "without_result DESC, searches DESC, t.words, t.language",
    Order.SEARCHES: "searches DESC, t.words, t.language",
    Order.LAST: "last_day DESC, searches DESC, t.words, t.language",
    Order.WORDS: "t.words, t.language",
}

# Found nothing since it was settled, by day; words settled today are listed again tomorrow at the earliest.
_LAST_NOTHING = "MAX(CASE WHEN t.nothing_count > 0 THEN t.day ELSE '' END)"
_IS_OPEN = f"(d.state IS NULL OR (d.state = 'done' AND {_LAST_NOTHING} > d.decided_on))"
_CHOICES = {
    Selection.NOTHING: f"HAVING SUM(t.nothing_count) > 0 AND {_IS_OPEN}",
    Selection.ALL: "",
    Selection.SETTLED: f"HAVING d.state IS NOT NULL AND NOT {_IS_OPEN}",
}


@dataclass(frozen=True, slots=True)
class TermLine:
    words: str
    language: str
    searches: int
    nothing: int
    """How many of them found nothing."""
    last_day: str
    state: str
    """A `TermState`; empty where nobody has decided."""
    decided_by: str
    """Short name of who decided; empty for a former member."""
    decided_at: datetime | None


def can_read_searches(viewer: Viewer) -> bool:
    """Whoever writes the FAQ and keeps the words of the search."""
    return viewer.is_moderator


def _demand(viewer: Viewer) -> None:
    if not can_read_searches(viewer):
        raise NotFound


def _statement(selection: Selection) -> str:
    return f"""SELECT t.words, t.language, SUM(t.search_count) AS searches, SUM(t.nothing_count) AS without_result,
        MAX(t.day) AS last_day, d.state, d.decided_at, COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS decided_by
        FROM search_terms t LEFT JOIN search_term_decisions d ON d.words = t.words
        LEFT JOIN members m ON m.id = d.decided_by AND m.erased_at IS NULL
        WHERE t.day > :after
        GROUP BY t.words, t.language, d.state, d.decided_at, d.decided_on, m.staff_name, m.nickname
        {_CHOICES[selection]}"""  # noqa: S608 - constants


async def list_terms(
    viewer: Viewer,
    selection: Selection,
    *,
    days: int,
    order: Order,
    size: int = MOST_IN_DOWNLOAD,
    offset: int = 0,
) -> list[TermLine]:
    """Terms of the last `days` days."""
    _demand(viewer)
    rows = await fetch(
        f"{_statement(selection)} ORDER BY {_ORDERS[order]} LIMIT :size OFFSET :offset",
        {"after": day_before(days), "size": size, "offset": offset},
    )
    return [_line(row) for row in rows]


async def count_terms(viewer: Viewer, selection: Selection, *, days: int) -> int:
    _demand(viewer)
    row = await fetch_one(
        f"SELECT COUNT(*) AS n FROM ({_statement(selection)}) AS terms",  # noqa: S608 - constants
        {"after": day_before(days)},
    )
    return int(row["n"]) if row else 0


async def get_term(viewer: Viewer, words: str, *, days: int) -> list[TermLine]:
    """What is known of these words, one line for each language; `NotFound` where nobody searched for them."""
    _demand(viewer)
    statement = _statement(Selection.ALL).replace("WHERE", "WHERE t.words = :words AND")
    rows = await fetch(
        f"{statement} ORDER BY {_ORDERS[Order.SEARCHES]}",
        {"after": day_before(days), "words": words[:LONGEST_TERM]},
    )
    if not rows:
        raise NotFound
    return [_line(row) for row in rows]


async def list_terms_with(words: Sequence[str], *, days: int = 90) -> list[str]:
    """The terms searched for most in which one of these words stands, without those that are the word itself."""
    if not words:
        return []
    wanted = {f"word{place}": f"%{_escaped(word.lower())}%" for place, word in enumerate(words)}
    matches = " OR ".join(f"words LIKE :{name} ESCAPE '!'" for name in wanted)
    rows = await fetch(
        f"""SELECT words, SUM(search_count) AS searches FROM search_terms
        WHERE day > :after AND ({matches}) AND words NOT IN (:words)
        GROUP BY words ORDER BY searches DESC, words LIMIT {MOST_RELATED}""",  # noqa: S608 - names of ours
        {"after": day_before(days), "words": [word.lower() for word in words], **wanted},
    )
    return [row["words"] for row in rows]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _line(row: Row) -> TermLine:
    return TermLine(
        words=row["words"],
        language=row["language"],
        searches=int(row["searches"]),
        nothing=int(row["without_result"]),
        last_day=row["last_day"],
        state=row["state"] or "",
        decided_by=row["decided_by"] or "",
        decided_at=as_time(row["decided_at"]),
    )


async def settle_term(words: str, state: TermState, *, by: Viewer) -> None:
    """Take words off the list of those without result; who did it is kept."""
    _demand(by)
    if not await fetch("SELECT 1 FROM search_terms WHERE words = :words LIMIT 1", {"words": words}):
        raise NotFound
    await execute(
        """INSERT INTO search_term_decisions (words, state, decided_by, decided_at, decided_on)
        VALUES (:words, :state, :by, :now, :today) ON CONFLICT (words) DO UPDATE SET state = excluded.state,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at, decided_on = excluded.decided_on""",
        {"words": words, "state": str(state), "by": by.id, "now": now(), "today": day_before(0)},
    )


async def reopen_term(words: str, *, by: Viewer) -> None:
    """Put words back on the list; harmless where they stand on it."""
    _demand(by)
    await execute("DELETE FROM search_term_decisions WHERE words = :words", {"words": words})

"""The figures behind proposals, each a bounded statement however many threads there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from community.core.clock import now
from community.core.db import as_time, fetch
from community.faq.words import telling
from community.insights.readings import count_readings
from community.insights.searches import day_before
from community.proposing.rules import FIGURE_DAYS, RECENT_DAYS, Figures
from community.proposing.subjects import Facts
from community.threads.erased import erased_texts

MOST_TERMS = 500


@dataclass(frozen=True, slots=True)
class Searched:
    """Words that people searched for, and how often."""

    words: frozenset[str]
    language: str
    count: int
    nothing: int


async def load_facts(thread_ids: Iterable[int]) -> dict[int, Facts]:
    """Those of these threads that stand in a space for questions and are neither hidden nor erased."""
    rows = await fetch(
        """SELECT t.id, t.title, t.language, t.space_id, s.access, p.id AS post_id, t.same_problem_count,
        COALESCE(p.kudos_count, 0) AS kudos_count, t.created_at
        FROM threads t JOIN spaces s ON s.id = t.space_id
        LEFT JOIN solutions x ON x.thread_id = t.id
        LEFT JOIN posts p ON p.id = x.post_id AND p.hidden_at IS NULL
        WHERE t.id IN (:ids) AND t.hidden_at IS NULL AND s.kind = 'questions'""",
        {"ids": sorted(set(thread_ids))},
    )
    readings = await count_readings([row["id"] for row in rows], days=FIGURE_DAYS)
    since = now() - timedelta(days=RECENT_DAYS)
    return {
        row["id"]: Facts(
            id=row["id"],
            title=row["title"],
            language=row["language"],
            space_id=row["space_id"],
            access=row["access"],
            post_id=row["post_id"],
            kudos_count=row["kudos_count"],
            same_problem_count=row["same_problem_count"],
            read_count=readings.get(row["id"], 0),
            is_recent=(as_time(row["created_at"]) or since) > since,
        )
        for row in rows
        if row["title"] != erased_texts(row["language"]).title
    }


async def load_searched() -> tuple[Searched, ...]:
    """What was searched for most within a month. "Router" alone is no question, so single words are left out."""
    rows = await fetch(
        f"""SELECT words, language, SUM(search_count) AS n, SUM(nothing_count) AS without_result FROM search_terms
        WHERE day > :after GROUP BY words, language HAVING SUM(search_count) > 1
        ORDER BY n DESC, words LIMIT {MOST_TERMS}""",  # noqa: S608 - a constant
        {"after": day_before(FIGURE_DAYS)},
    )
    found = (
        Searched(
            telling(row["words"], row["language"]), row["language"], int(row["n"]), int(row["without_result"])
        )
        for row in rows
    )
    return tuple(one for one in found if len(one.words) > 1)


def count(lead: Facts, subject: Sequence[Facts], searched: Sequence[Searched]) -> Figures:
    """The figures of a subject. A search counts where all its words stand in one of the titles."""
    titles = [(one.language, one.words) for one in subject]
    led_here = [
        term
        for term in searched
        if any(term.language == language and term.words <= words for language, words in titles)
    ]
    others = [one for one in subject if one.id != lead.id]
    return Figures(
        read_count=sum(one.read_count for one in subject),
        search_count=sum(term.count for term in led_here),
        nothing_count=sum(term.nothing for term in led_here),
        same_problem_count=sum(one.same_problem_count for one in subject),
        kudos_count=sum(one.kudos_count for one in subject if one.post_id is not None),
        similar_count=len(others),
        recent_count=sum(one.is_recent for one in others),
    )

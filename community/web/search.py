"""The page of search results: an answer where there is one, the results, ways to narrow them down, ways on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from rapidfuzz import fuzz
from starlette.requests import Request
from starlette.responses import Response

from community.indexing import list_owed, list_unreadable
from community.members.first_steps import Step, take_step
from community.web.limiting import count_search
from community.web.pages import Head, show, viewer_of
from community.web.parts import Link
from community.web.search_answer import Answer, find_answer
from community.web.search_asked import HITS_PER_PAGE, MOST_PAGES, Asked, Queries, read_asked
from community.web.search_filters import Counts, Filters, count_choices, make_filters
from community.web.search_results import Result, confirmed, engine_of
from community.web.searched import note_search
from search.analysis import fold
from search.index import Found, SearchDown
from search.words import WORD

MOST_SUBJECTS = 6
NEAR = 75
"""Of 100, how alike a word and a subject are that could be meant by it."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    query: str
    answer: Answer | None
    results: tuple[Result, ...]
    """Without the one that is quoted as the answer."""
    total: int
    down: bool
    """The engine does not answer; the page says so and offers the way to ask."""
    relaxed: bool
    filters: Filters
    subjects: tuple[Link, ...]
    """Where nothing was found: tags that look like the words, or else those with most threads."""
    has_near_subjects: bool
    previous_url: str
    next_url: str
    ask_url: str

    @property
    def is_asked(self) -> bool:
        return bool(self.query) or self.filters.is_filtered


async def show_search(request: Request) -> Response:
    asked = read_asked(request)
    if not asked.q and not asked.is_filtered:
        return await _show(request, asked, Found(), Counts())
    await count_search(request)
    owed = await list_owed()
    queries = await Queries.of(request, await list_unreadable(viewer_of(request), owed))
    engine = engine_of(request)
    subjects: tuple[tuple[Link, ...], bool] = ((), False)
    try:
        found = await engine.search(queries.query(asked))
        counts = await count_choices(engine, queries, asked, found)
        if not found.total and not asked.is_filtered:
            subjects = _near_subjects(asked, await engine.search(queries.counting(Asked(), facets=True)))
    except SearchDown:
        return await _show(request, asked, Found(), Counts(), down=True)
    results = await confirmed(request, found.hits, owed)
    if asked.q and asked.is_plain:
        note_search(request, asked.q, found=bool(results))
        if viewer_of(request).is_member:
            await take_step(viewer_of(request).id, Step.SEARCHED)
    answer = await find_answer(request, asked.q, results) if asked.is_plain and asked.q else None
    return await _show(request, asked, found, counts, results=results, answer=answer, subjects=subjects)


async def _show(
    request: Request,
    asked: Asked,
    found: Found,
    counts: Counts,
    *,
    results: list[Result] | None = None,
    answer: Answer | None = None,
    subjects: tuple[tuple[Link, ...], bool] = ((), False),
    down: bool = False,
) -> Response:
    results = results or []
    has_more = found.total > asked.page * HITS_PER_PAGE and asked.page < MOST_PAGES
    page = SearchPage(
        query=asked.q,
        answer=answer,
        results=tuple(result for result in results if answer is None or result.key != answer.key),
        # What the database refuses was never there: it must not shine through in the number of results either.
        total=max(len(results), found.total - (len(found.hits) - len(results))),
        down=down,
        relaxed=found.relaxed,
        filters=make_filters(request, asked, counts),
        subjects=subjects[0],
        has_near_subjects=subjects[1],
        previous_url=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        next_url=asked.address(page=asked.page + 1) if has_more else "",
        ask_url="/ask" + (f"?title={quote(asked.q)}" if asked.q else ""),
    )
    return await show(request, "search/show.html", page, Head(robots="noindex, follow", query=asked.q))


def _near_subjects(asked: Asked, everything: Found) -> tuple[tuple[Link, ...], bool]:
    """Tags of what the viewer may read that could be meant by the words, and whether they are that near."""
    tags = everything.facets.get("tags", {})
    words = [fold(word) for word in WORD.findall(asked.q) if len(word) >= 3]
    nearness = {tag: max((fuzz.ratio(fold(tag), word) for word in words), default=0.0) for tag in tags}
    near = sorted((tag for tag in tags if nearness[tag] >= NEAR), key=lambda tag: -nearness[tag])
    frequent = sorted(tags, key=lambda tag: (-tags[tag], tag))
    shown = (near or frequent)[:MOST_SUBJECTS]
    return tuple(Link(tag, Asked(tags=(tag,)).address()) for tag in shown), bool(near)

"""What may answer a question already: threads and FAQ entries that the index finds and the database confirms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request

from community.core import markdown
from community.core.errors import NotFound
from community.core.markdown import plain_text
from community.core.viewer import Viewer
from community.faq.queries import list_entries_by_ids, list_quoted, list_steps
from community.indexing import audiences_of, id_of, thread_key
from community.spaces.models import SpaceKind
from community.threads.lists import list_by_ids, list_excerpts
from community.threads.models import ThreadStatus
from community.web.faq_cards import written_out
from community.web.lists import thread_url
from community.web.pages import LARGEST_ID, viewer_of
from search import SearchEngine
from search.answering import Candidate, answers_title
from search.configuration import STOP_WORDS
from search.index import SIMILAR_KINDS, Hit, SearchDown

SHORTEST_TITLE, LONGEST_TITLE = 8, 200
LONGEST_COMPARED = 2_000
"""Characters of a text in which similar threads are looked for: what it is about stands at its beginning."""
MOST_SIMILAR = 5
MOST_LEADING = 2
"""FAQ entries that stand above threads, because they answer just what is asked; others keep their place."""
LONGEST_IN_PLACE = 6_000
"""Characters of HTML that are shown in place; of a longer text the beginning."""
LONGEST_EXCERPT = 600


@dataclass(frozen=True, slots=True)
class Similar:
    """A thread or an FAQ entry that may answer the question already; it is read in place."""

    key: str
    title: str
    url: str
    language: str
    is_solved: bool
    lead: str
    """The short answer of an FAQ entry; for a text that is too long to stand here, its beginning."""
    html: Markup
    """The solution, or the question where there is none; of an FAQ entry the steps. Empty where `lead` says it."""
    is_shortened: bool = False
    answer_count: int | None = None
    """None for FAQ entries, which are answers."""
    vote_count: int | None = None
    """Of ideas alone: those are voted for rather than suggested again."""


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """What the index finds for the words typed so far."""

    similar: tuple[Similar, ...] = ()
    search_is_down: bool = False
    writes_text: bool = False
    """Whether the form around it asks for the text already."""
    folded: bool = False


async def similar_hits(
    engine: SearchEngine,
    title: str,
    body: str,
    audiences: frozenset[int],
    *,
    limit: int = MOST_SIMILAR * 2,
) -> Sequence[Hit]:
    """What the index offers for a question as far as it is typed. The relevance measurement asks the same way."""
    if len(title.strip()) < SHORTEST_TITLE:
        return ()
    title, body = title[:LONGEST_TITLE], body[:LONGEST_COMPARED]
    return await engine.related(title, body, audiences, limit=limit)


async def find_similar(request: Request, title: str, body: str, *, read: str = "") -> SimilarPage:
    """Up to five threads and FAQ entries about the same subject, each confirmed by the database for this viewer.

    `read` is the key of the FAQ entry that the asker comes from: what has not helped is not offered again.
    """
    viewer = viewer_of(request)
    engine: SearchEngine = request.app.state.search
    audiences = await audiences_of(viewer)
    try:
        hits = await similar_hits(engine, title, body, audiences)
    except SearchDown:
        return SimilarPage(search_is_down=True)
    ids = {kind: [id_of(hit.key) for hit in hits if hit.kind == kind] for kind in SIMILAR_KINDS}
    ideas = frozenset(space.id for space in request.state.spaces if space.kind == SpaceKind.IDEAS)
    thread_ids = [*ids["thread"], *ids["idea"]]
    found = await _similar_threads(viewer, thread_ids, ideas) | await _similar_entries(viewer, ids["faq"])
    similar = [found[hit.key] for hit in hits if hit.key in found and hit.key != read]
    return SimilarPage(tuple(answers_first(title, similar)[:MOST_SIMILAR]))


def answers_first(title: str, similar: Sequence[Similar]) -> list[Similar]:
    """FAQ entries that answer this very question lead; everything else stays in the order of the index."""
    leading = [
        each
        for each in similar
        if each.answer_count is None
        and answers_title(
            title, Candidate(each.title, f"{each.lead}\n{plain_text(each.html)}", 1.0), STOP_WORDS
        )
    ][:MOST_LEADING]
    return [*leading, *(each for each in similar if each not in leading)]


async def get_similar(viewer: Viewer, key: str) -> Similar:
    """What "thread-123" or "faq-7" stands for; `NotFound` unless this viewer may read it."""
    kind, _hyphen, digits = key.partition("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(LARGEST_ID)):
        raise NotFound
    number = int(digits)
    loaders: dict[str, Callable[[Viewer, Sequence[int]], Awaitable[dict[str, Similar]]]] = {
        "thread": _similar_threads,
        "faq": _similar_entries,
    }
    load = loaders.get(kind)
    found = await load(viewer, [number]) if load and number <= LARGEST_ID else {}
    if key not in found:
        raise NotFound
    return found[key]


async def _similar_threads(
    viewer: Viewer, thread_ids: Sequence[int], idea_spaces: frozenset[int] = frozenset()
) -> dict[str, Similar]:
    lines = await list_by_ids(viewer, thread_ids)
    texts = await list_excerpts(viewer, list(lines))
    cards = await list_quoted(viewer, texts.values())
    found = {}
    for line in lines.values():
        html = written_out(texts.get(line.id, ""), cards)
        is_long = len(html) > LONGEST_IN_PLACE
        found[thread_key(line.id)] = Similar(
            key=thread_key(line.id),
            title=line.title,
            url=thread_url(line.id, line.slug),
            language=line.language,
            is_solved=line.status == ThreadStatus.SOLVED,
            lead=markdown.excerpt(markdown.plain_text(html), LONGEST_EXCERPT) if is_long else "",
            html=Markup("" if is_long else html),  # noqa: S704 - cleaned when it was written
            is_shortened=is_long,
            answer_count=line.answer_count,
            vote_count=line.vote_count if line.space_id in idea_spaces else None,
        )
    return found


async def _similar_entries(viewer: Viewer, entry_ids: Sequence[int]) -> dict[str, Similar]:
    if not entry_ids:
        return {}
    entries = await list_entries_by_ids(viewer, entry_ids)
    steps = await list_steps(viewer, list(entries))
    found = {}
    for entry in entries.values():
        html = steps.get(entry.id, "")
        is_long = len(html) > LONGEST_IN_PLACE
        found[f"faq-{entry.id}"] = Similar(
            key=f"faq-{entry.id}",
            title=entry.question,
            url=entry.url,
            language=entry.language,
            is_solved=True,
            lead=entry.short_answer,
            html=Markup("" if is_long else html),  # noqa: S704 - cleaned when it was released
            is_shortened=is_long,
        )
    return found

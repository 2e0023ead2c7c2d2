"""The results under the search field while one types: those of all kinds, from one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.core.markdown import excerpt
from community.indexing import audiences_of, list_owed, list_unreadable
from community.web.limiting import count_suggestions
from community.web.pages import show, viewer_of
from community.web.search_asked import LONGEST_QUERY, Asked
from community.web.search_results import Result, confirmed, engine_of
from search.answering import Candidate, answers_title
from search.configuration import STOP_WORDS
from search.index import Query, SearchDown

SHORTEST = 2
LONGEST_ANSWER = 140
"""Characters of a short answer that stand under the field."""
_HITS = 16
_MOST_ENTRIES = 6
# How many results of each kind are shown, so that no kind fills the list alone.
_MOST: dict[str, int] = {"thread": 5, "idea": 2, "faq": 3, "blog": 2, "person": 3, "group": 2}


@dataclass(frozen=True, slots=True)
class SuggestionGroup:
    """The results of one kind under their heading."""

    kind: str
    label: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    query: str
    answer: Result | None
    """The FAQ entry that answers the words typed; it stands above everything else, with its short answer."""
    answer_text: str
    groups: tuple[SuggestionGroup, ...]
    shown: int
    all_url: str
    """The page of results. How many it has is not said here: to count them would take as long again."""
    ask_url: str


@dataclass(frozen=True, slots=True)
class EntryChoice:
    url: str
    title_html: Markup
    short_answer: str


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """FAQ entries to put into a text."""

    query: str
    entries: tuple[EntryChoice, ...]


async def show_suggestions(request: Request) -> Response:
    """A piece of HTML for the list under the field; nothing (204) for less than two letters or without an engine."""
    text = " ".join(request.query_params.get("q", "")[:LONGEST_QUERY].split())
    if len(text) < SHORTEST:
        return Response(status_code=204)
    await count_suggestions(request)
    owed = await list_owed()
    viewer, engine = viewer_of(request), engine_of(request)
    audiences, without = await audiences_of(viewer), await list_unreadable(viewer, owed)
    picks_entry = request.query_params.get("kind") == "faq"
    try:
        if picks_entry:
            query = Query(text, audiences, kinds=("faq",), limit=_HITS, typing=True, without=without)
            found = await engine.search(query)
        else:
            found = await engine.instant(text, audiences, _HITS, without=without)
    except SearchDown:
        return Response(status_code=204)
    results = await confirmed(request, found.hits, owed)
    if picks_entry:
        return await _show_entries(request, text, results)
    answer = leading_entry(text, results)
    groups = grouped([result for result in results if result is not answer])
    page = SuggestionsPage(
        query=text,
        answer=answer,
        answer_text=excerpt(answer.entry.short_answer, LONGEST_ANSWER) if answer and answer.entry else "",
        groups=groups,
        shown=sum(len(group.results) for group in groups) + (answer is not None),
        all_url=Asked(q=text).address(),
        ask_url=f"/ask?title={quote(text)}",
    )
    return await show(request, "search/suggestions.html", page)


async def _show_entries(request: Request, text: str, results: Sequence[Result]) -> Response:
    """FAQ entries alone, for whoever puts one into a text."""
    page = EntriesPage(
        query=text,
        entries=tuple(
            EntryChoice(result.url, result.title_html, excerpt(result.entry.short_answer, LONGEST_ANSWER))
            for result in results[:_MOST_ENTRIES]
            if result.entry is not None
        ),
    )
    return await show(request, "search/entries.html", page)


def leading_entry(text: str, results: Sequence[Result]) -> Result | None:
    """The first FAQ entry that answers what was typed, if there is one."""
    for result in results:
        entry = result.entry
        if entry and answers_title(
            text, Candidate(entry.question, entry.short_answer, result.score), STOP_WORDS
        ):
            return result
    return None


def grouped(results: Sequence[Result]) -> tuple[SuggestionGroup, ...]:
    """The best results of each kind; the kind with the best result of all comes first."""
    labels = {
        "thread": _("Threads"),
        "idea": _("Ideas"),
        "faq": _("FAQ"),
        "blog": _("Blog"),
        "person": _("People"),
        "group": _("Groups"),
    }
    found = []
    for kind in dict.fromkeys(result.kind for result in results):
        of_kind = tuple(result for result in results if result.kind == kind)[: _MOST[kind]]
        found.append(SuggestionGroup(kind, labels[kind], of_kind))
    return tuple(found)

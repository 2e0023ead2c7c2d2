"""The answer at the top of a page of results: quoted from an FAQ entry or a solution, with its source and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.requests import Request

from community.core import i18n
from community.core.errors import NotFound
from community.core.markdown import plain_text
from community.core.quotation import quote_passage
from community.core.viewer import Viewer
from community.faq.queries import get_entry, list_quoted
from community.threads.lists import SolutionLine, list_solutions
from community.web.faq import checked_text
from community.web.faq_cards import written_out
from community.web.pages import viewer_of
from community.web.parts import Author, When
from community.web.people import author
from community.web.search_results import Result
from community.web.thread_page import solution_note
from search.answering import CONSIDERED, Candidate, choose_answer
from search.configuration import STOP_WORDS
from search.highlight import Marker
from search.words import WORD, query_words

LONGEST_QUOTATION = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences of an entry or a solution as they stand there; nothing in it is made up or put together anew."""

    key: str
    kind: str
    """ "faq" or "thread"."""
    title: str
    url: str
    """The entry, or the permalink of the solution."""
    html: Markup
    language: str
    note: str
    """Who accepted it and when; for an entry who checked it and when."""
    begins_later: bool = False
    ends_earlier: bool = False
    author: Author | None = None


async def find_answer(request: Request, text: str, results: Sequence[Result]) -> Answer | None:
    """What answers `text`, of the first page of results in the order of relevance; None where nothing surely does.

    All texts come from the database, through the viewer: an answer that the index still has is not quoted.
    """
    best = results[:CONSIDERED]
    solved = [result.thread.id for result in best if result.thread and result.thread.status == "solved"]
    solutions = await _solutions_of(viewer_of(request), solved) if solved else {}
    candidates = [_candidate(result, solutions) for result in best]
    number = choose_answer(text, candidates, STOP_WORDS)
    if number is None:
        return None
    chosen = best[number]
    if chosen.thread is not None:
        return _from_solution(chosen, solutions[chosen.thread.id], text)
    return await _from_entry(request, chosen)


async def _solutions_of(viewer: Viewer, thread_ids: Sequence[int]) -> dict[int, SolutionLine]:
    """With the words of FAQ entries that stand in them as cards."""
    solutions = await list_solutions(viewer, thread_ids)
    cards = await list_quoted(viewer, (line.html for line in solutions.values()))
    return {key: replace(line, html=written_out(line.html, cards)) for key, line in solutions.items()}


def _candidate(result: Result, solutions: dict[int, SolutionLine]) -> Candidate:
    if result.entry is not None:
        return Candidate(result.entry.question, result.entry.short_answer, result.score, is_entry=True)
    if result.thread is not None and result.thread.id in solutions:
        answer = plain_text(solutions[result.thread.id].html)
        return Candidate(result.thread.title, answer, result.score)
    return Candidate(result.title_html.striptags(), "", result.score)


async def _from_entry(request: Request, result: Result) -> Answer | None:
    assert result.entry is not None  # noqa: S101 - only entries and solutions are chosen
    try:
        entry = await get_entry(viewer_of(request), result.entry.id)
    except NotFound:
        return None
    paragraphs = [
        Markup("<p>{}</p>").format(line) for line in entry.short_answer.splitlines() if line.strip()
    ]
    fits = len(plain_text(entry.html)) + len(entry.short_answer) <= LONGEST_QUOTATION
    steps = Markup(entry.html if fits else "")  # noqa: S704 - rendered and cleaned when it was released
    return Answer(
        key=result.key,
        kind="faq",
        title=entry.question,
        url=entry.url,
        html=Markup().join([*paragraphs, steps]),
        language=entry.language,
        note=checked_text(entry.checked_role, i18n.long_date(entry.checked_at)),
        ends_earlier=bool(entry.html) and not fits,
    )


def _from_solution(result: Result, solution: SolutionLine, text: str) -> Answer:
    assert result.thread is not None  # noqa: S101 - only entries and solutions are chosen
    marker = Marker(query_words(text, STOP_WORDS))

    def matches(passage: str) -> int:
        return len({word.lower() for word in WORD.findall(passage) if marker.matches(word)})

    quotation = quote_passage(solution.html, matches, LONGEST_QUOTATION)
    return Answer(
        key=result.key,
        kind="thread",
        title=result.thread.title,
        url=f"/posts/{solution.post_id}",
        html=Markup(quotation.html),  # noqa: S704 - pieces of HTML that was cleaned when it was rendered
        language=result.thread.language,
        note=solution_note(solution.accepted_by, When.of(solution.accepted_at)),
        begins_later=quotation.begins_later,
        ends_earlier=quotation.ends_earlier,
        author=author(solution.author),
    )

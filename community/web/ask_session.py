"""The way to a question, step by step: suggestions shown, opened, helpful or not. Counted without anybody's name.

An ask session has no cookie of its own. Its number is made from the log-in's token, which only the browser has, and
the day; no table and no log ties it to a member. Recording never keeps anybody waiting: it is written once the
answer is on its way, and an error in it is a line in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.clock import now
from community.http.sessions import number_of
from community.insights.ask_sessions import (
    RunningSession,
    Step,
    day_of,
    find_session,
    find_solved_session,
    record_steps,
    reopen_session,
)
from community.threads import actions, permissions, queries
from community.web.drafts import save_ask_draft
from community.web.forms import read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import PostView
from community.web.similar import (
    LONGEST_TITLE,
    SHORTEST_TITLE,
    Similar,
    SimilarPage,
    find_similar,
    get_similar,
)
from community.web.thread_page import PostViews, follow_url, same_problem_url

logger = logging.getLogger(__name__)

MOST_SESSIONS = 16
"""Sessions of one log-in on one day; further ones are not counted."""


async def running_session(request: Request) -> RunningSession | None:
    """The ask session of this log-in, or the one that begins now; None where none is counted any more."""
    return await find_session(*_numbers(request))


def _numbers(request: Request) -> tuple[list[int], list[int]]:
    """The numbers that sessions of this log-in have, of yesterday and of today."""
    today = now()
    yesterday = today - timedelta(days=1)
    return _numbers_of(request, day_of(yesterday)), _numbers_of(request, day_of(today))


def _numbers_of(request: Request, day: str) -> list[int]:
    return [number_of(request, f"ask {day} {count}") for count in range(MOST_SESSIONS)]


async def recorded(
    request: Request, response: Response, *steps: Step, suggestion: str = "", again: bool = False
) -> Response:
    """`response`, after which these steps are written down if any of them is new to the session.

    With `again` they are written down in any case: each suggestion that is opened counts, not the first alone.
    """
    session = await running_session(request)
    if session is not None and (again or not session.steps.issuperset(steps)):
        response.background = BackgroundTask(_record, session.id, steps, suggestion)
    return response


async def _record(session_id: int, steps: tuple[Step, ...], suggestion: str) -> None:
    try:
        await record_steps(session_id, *steps, suggestion=suggestion)
    except Exception as error:
        logger.warning("ask session not recorded", exc_info=error)


# --- while somebody types ---------------------------------------------------------------------------------


async def show_similar(request: Request) -> Response:
    """Similar threads for the words typed so far, as a piece of a page.

    Sent like a form is: words that are not published yet belong into no address and no log.
    """
    fields = await read_form(request)
    title = fields.get("title", "")
    found = await find_similar(request, title, fields.get("body", ""), read=fields.get("after", ""))
    found = replace(found, writes_text="body" in fields, folded=bool(fields.get("folded")))
    response = await show(request, "ask/similar.html", found, block="similar")
    if len(title.strip()) < SHORTEST_TITLE:
        return response
    return await recorded(request, response, *begun(found))


def begun(found: SimilarPage) -> tuple[Step, ...]:
    """What has happened once these suggestions are on the page."""
    return (Step.BEGUN, Step.SHOWN) if found.similar else (Step.BEGUN,)


async def note_opened(request: Request) -> Response:
    """A suggestion was opened in place; scripts say so, because opening itself asks nothing of the server."""
    key = (await read_form(request)).get("key", "")
    await get_similar(viewer_of(request), key)
    return await recorded(
        request, Response(status_code=204), Step.SHOWN, Step.OPENED, suggestion=key, again=True
    )


async def note_none_helped(request: Request) -> Response:
    """None of the suggestions helps; scripts fold them away and say so here."""
    return await recorded(request, Response(status_code=204), Step.SHOWN, Step.NONE_HELPED)


# --- "this solved it" -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SolvedPage:
    """What one can do once a suggestion has solved it. Empty addresses are controls that are not shown."""

    similar: Similar
    title: str
    """The question as it was typed, not published."""
    space: str
    has_draft: bool
    """Whether text is kept on the server."""
    thread_id: int = 0
    follow_url: str = ""
    followed: bool = False
    same_problem_url: str = ""
    same_problem: bool = False
    same_problem_count: int = 0
    solution: PostView | None = None
    feedback_url: str = ""
    """For FAQ entries."""


async def end_solved(request: Request, fields: Mapping[str, str]) -> Response:
    """End the session by "this solved it". What was typed is kept as a draft until its writer says otherwise."""
    viewer, key = viewer_of(request), fields["solved"]
    await get_similar(viewer, key)
    if fields.get("body", "").strip():
        await save_ask_draft(viewer.id, fields, request.state.spaces)
    response = redirect(with_query("/ask/solved", {"by": key} | _typed(fields)))
    return await recorded(request, response, Step.SHOWN, Step.OPENED, Step.SOLVED, suggestion=key, again=True)


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    """Title and space as far as they fit into an address."""
    return {name: given[name][:LONGEST_TITLE] for name in ("title", "space") if given.get(name)}


async def show_solved(request: Request) -> Response:
    """Thanks, and what one may want to do now: follow the thread, thank for the solution, drop what was typed."""
    viewer, given = viewer_of(request), request.query_params
    similar = await get_similar(viewer, given.get("by", ""))
    typed = _typed(given)
    title = typed.get("title", "")
    draft = await queries.find_draft("ask", viewer)
    page = SolvedPage(
        similar=similar,
        title=title,
        space=typed.get("space", ""),
        has_draft=draft is not None and draft.title == title and bool(draft.body.strip()),
    )
    kind, _hyphen, number = similar.key.partition("-")
    if kind == "thread":
        page = await _with_thread(page, int(number), request)
    elif not viewer.is_staff:
        page = replace(page, feedback_url=f"{similar.url}#feedback")
    return await show(request, "ask/solved.html", page, Head(robots="noindex"))


async def _with_thread(page: SolvedPage, thread_id: int, request: Request) -> SolvedPage:
    viewer = viewer_of(request)
    thread = await queries.get_thread(thread_id, viewer)
    solution = None
    if thread.solution_post_id:
        post, _thread = await queries.get_post(thread.solution_post_id, viewer)
        solution = PostViews(thread, viewer).view(post)
    return replace(
        page,
        thread_id=thread.id,
        follow_url=follow_url(thread, followed=thread.followed)
        if permissions.can_follow(viewer, thread)
        else "",
        followed=thread.followed,
        same_problem_url=same_problem_url(thread, viewer),
        same_problem=thread.same_problem,
        same_problem_count=thread.same_problem_count,
        solution=solution,
    )


async def reopen(request: Request) -> Response:
    """It had not solved it after all: on with the question, and the session goes on as well."""
    fields = await read_form(request)
    earlier, today = _numbers(request)
    session_id = await find_solved_session([*earlier, *today])
    if session_id is not None:
        await reopen_session(session_id)
    typed = _typed(fields)
    return redirect(with_query("/ask", typed | {"next": "1", "none": "1"} if typed else {}))


async def discard(request: Request) -> Response:
    """Drop the draft of the question, because its writer says so."""
    await actions.discard_draft("ask", by=viewer_of(request).id)
    return redirect("/", notice="discarded")

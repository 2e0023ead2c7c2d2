"""How ideas look: the vote box, the row of a list, and what stands on the page of one idea."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from community.core.viewer import Viewer
from community.ideas.permissions import VotableLike, can_answer_idea, can_vote, takes_votes
from community.ideas.queries import StepRow
from community.spaces.queries import SpaceCard
from community.threads.lists import ThreadLine
from community.threads.queries import ThreadView
from community.web.idea_words import idea_status_names
from community.web.lists import thread_row, thread_url
from community.web.parts import Author, PostView, ThreadRow, When
from community.web.people import author


@dataclass(frozen=True, slots=True)
class VoteBox:
    """The votes of an idea, and the button. Empty `url`: the viewer cannot vote (any more)."""

    id: int
    title: str
    count: int
    voted: bool
    url: str = ""
    log_in_url: str = ""
    """For guests: where to log in to vote, and back."""
    back: str = ""
    """Where the form comes back to without scripts, if not to the idea: the list that it stands in."""


@dataclass(frozen=True, slots=True)
class IdeaRow:
    row: ThreadRow
    status: str
    status_name: str
    vote: VoteBox


@dataclass(frozen=True, slots=True)
class StepView:
    status: str
    status_name: str
    when: When
    answered_by: Author
    url: str
    """Of the answer that says so; empty where nobody can see it any more."""


@dataclass(frozen=True, slots=True)
class IdeaView:
    """What the page of an idea has beside that of a thread."""

    vote: VoteBox
    status: str
    status_name: str
    reply: PostView | None
    """What staff have answered for the company last."""
    steps: tuple[StepView, ...]
    answer_url: str
    """For staff: where a status is given."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Of an idea in a list, what says whether it takes a vote."""

    space_id: int
    space_kind: str
    author_id: int | None
    idea_status: str
    is_closed: bool


def vote_box(thread: ThreadView, viewer: Viewer, *, back: str = "") -> VoteBox:
    """The box of an idea as it is now."""
    box = VoteBox(thread.id, thread.title, thread.same_problem_count, voted=thread.same_problem, back=back)
    return _with_button(box, thread, viewer, thread_url(thread.id, thread.slug))


def _with_button(box: VoteBox, idea: VotableLike, viewer: Viewer, address: str) -> VoteBox:
    url = f"/threads/{box.id}/vote"
    if box.voted:
        return replace(box, url=f"{url}/take-back")
    if can_vote(viewer, idea):
        return replace(box, url=url)
    if viewer.is_guest and takes_votes(idea):
        return replace(box, log_in_url=f"/log-in?next={quote(address, safe='/')}")
    return box


def idea_rows(
    lines: Iterable[ThreadLine], space: SpaceCard, viewer: Viewer, voted: Collection[int], *, back: str
) -> tuple[IdeaRow, ...]:
    """The rows of the list of a space."""
    names = {str(status): text for status, text in idea_status_names().items()}
    rows = []
    for line in lines:
        author_id = line.author.id if line.author else None
        asked = _Line(space.id, space.kind, author_id, line.idea_status, is_closed=line.locked)
        box = VoteBox(line.id, line.title, line.vote_count, voted=line.id in voted, back=back)
        box = _with_button(box, asked, viewer, thread_url(line.id, line.slug))
        rows.append(
            IdeaRow(thread_row(line, space, inside=True), line.idea_status, names[line.idea_status], box)
        )
    return tuple(rows)


def idea_view(
    thread: ThreadView, viewer: Viewer, reply: PostView | None, steps: Iterable[StepRow]
) -> IdeaView:
    names = {str(status): text for status, text in idea_status_names().items()}
    return IdeaView(
        vote=vote_box(thread, viewer),
        status=thread.idea_status,
        status_name=names[thread.idea_status],
        reply=reply,
        steps=tuple(_step(step) for step in steps),
        answer_url=f"/threads/{thread.id}/idea" if can_answer_idea(viewer, thread) else "",
    )


def _step(step: StepRow) -> StepView:
    return StepView(
        status=str(step.status),
        status_name=idea_status_names()[step.status],
        when=When.of(step.at),
        answered_by=author(step.answered_by),
        url=f"/posts/{step.post_id}" if step.post_id else "",
    )

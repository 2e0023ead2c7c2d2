"""The texts of one thread of a dump as they will stand here, and what one run of the import works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from community.core import markdown
from community.core.db import fetch
from community.core.text import slug
from community.importing.html_to_markdown import html_to_markdown
from community.importing.markdown_inline import without_blocks
from community.importing.stackexchange_rows import Report
from community.importing.stackexchange_staging import StagedComment, StagedPost, Staging
from community.threads import history
from community.threads.actions import LONGEST_TAG, MOST_TAGS

LONGEST_TITLE = 200


@dataclass(slots=True)
class Import:
    """What one run works with."""

    staging: Staging
    source: str
    space_id: int
    language: str
    base_url: str
    """Of the site that the dump is from, for relative links; empty where it is not known."""
    report: Report
    came_in: Counter[str] = field(default_factory=Counter)
    brought_up_to_date: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Written:
    """A text of the dump as it will stand here, with the comments on it by their ids in the dump."""

    id: int
    post: history.PastPost
    comments: tuple[tuple[int, history.PastPost], ...] = ()

    @property
    def whole(self) -> history.PastPost:
        post = self.post
        return history.PastPost(
            author_id=post.author_id,
            body=post.body,
            at=post.at,
            edited_at=post.edited_at,
            kudos=post.kudos,
            comments=[comment for _id, comment in self.comments],
            mentions=post.mentions,
        )


class Texts:
    """The texts of one thread, turned into Markdown when asked for, and who is meant by ``@name`` in them."""

    def __init__(self, run: Import, question: StagedPost) -> None:
        self.run = run
        self.answers = run.staging.answers(question.id)
        self._comments = {post.id: run.staging.comments(post.id) for post in (question, *self.answers)}
        self._bodies: dict[int, str] = {}
        self._empty: set[int] = set()
        self._writers = set(self._owners(question))
        self._profiles: dict[str, str] = {}

    @classmethod
    async def of(cls, run: Import, question: StagedPost) -> Texts:
        texts = cls(run, question)
        await texts._find_profiles()
        return texts

    def _owners(self, question: StagedPost) -> Iterator[int]:
        for post in (question, *self.answers):
            owners = [post.owner_id, *(comment.owner_id for comment in self._comments[post.id])]
            yield from (owner for owner in owners if owner is not None)

    async def _find_profiles(self) -> None:
        """Addresses of the profiles of all who wrote in this thread, by their names there without blanks."""
        members = {
            member_id: "".join(self.run.staging.user_name(owner).split()).casefold()
            for owner in sorted(self._writers)
            if (member_id := self.run.staging.local_id("member", owner)) is not None
        }
        rows = await fetch(
            "SELECT id, nickname FROM members WHERE id IN (:ids) AND erased_at IS NULL",
            {"ids": sorted(members)},
        )
        self._profiles = {members[row["id"]]: f"/members/{quote(row['nickname'])}" for row in rows}

    def comments(self, post: StagedPost) -> list[StagedComment]:
        return self._comments[post.id]

    def shows_anything(self, answer: StagedPost) -> bool:
        if self._body(answer).strip():
            return True
        if answer.id not in self._empty:
            self._empty.add(answer.id)
            self.run.report.leave_out("answer", "shows nothing")
        return False

    def _body(self, post: StagedPost) -> str:
        if post.id not in self._bodies:
            self._bodies[post.id] = html_to_markdown(post.body_html, base_url=self.run.base_url)
        return self._bodies[post.id]

    def written(self, post: StagedPost) -> Written:
        body = self._body(post)
        past = history.PastPost(
            author_id=self.run.staging.local_id("member", post.owner_id),
            body=body,
            at=post.created_at,
            edited_at=post.edited_at,
            kudos=self.kudos(post),
            mentions=self._mentions(body),
        )
        comments = ((comment.id, self.comment(comment, post)) for comment in self._comments[post.id])
        return Written(post.id, past, tuple(comments))

    def comment(self, comment: StagedComment, on: StagedPost) -> history.PastPost:
        body = without_blocks(comment.text)
        return history.PastPost(
            author_id=self.run.staging.local_id("member", comment.owner_id),
            body=body,
            at=max(comment.created_at, on.created_at),
            mentions=self._mentions(body),
        )

    def kudos(self, post: StagedPost) -> list[history.PastKudos]:
        """Votes have a day only; none was given before the post was there."""
        return [
            history.PastKudos(None, max(given_at, post.created_at))
            for given_at in self.run.staging.up_votes(post.id)
        ]

    def _mentions(self, body: str) -> dict[str, str]:
        """As on the site of the dump: whoever wrote in the thread, called by the first letters of the name.

        Nobody else is meant, least of all a member who has the same nickname here.
        """
        if "@" not in body:
            return {}
        found = {}
        for typed in markdown.mentioned(body):
            addresses = {
                address for name, address in self._profiles.items() if name.startswith(typed.casefold())
            }
            exact = self._profiles.get(typed.casefold())
            if exact or len(addresses) == 1:
                found[typed] = exact or addresses.pop()
        return found


def title_of(run: Import, question: StagedPost) -> str:
    if len(question.title) > LONGEST_TITLE:
        run.report.mend("question", f"title cut to {LONGEST_TITLE} characters")
    return question.title[:LONGEST_TITLE]


def tag_names(tags: Sequence[str], report: Report) -> tuple[str, ...]:
    """Tags as they are spelled here: at most five, ``c++`` as ``c-plus-plus``, ``.net`` as ``dot-net``."""
    names = dict.fromkeys(_tag_name(tag) for tag in tags)
    if len(names) > MOST_TAGS:
        report.leave_out("tag of a question", f"more than {MOST_TAGS}")
    return tuple(names)[:MOST_TAGS]


def _tag_name(tag: str) -> str:
    spelled = tag.replace("#", "-sharp").replace("+", "-plus")
    if spelled.startswith("."):
        spelled = "dot-" + spelled[1:]
    name = slug(spelled, longest=LONGEST_TAG)
    # Tags in other scripts have no slug; they stay what they are.
    return tag[:LONGEST_TAG] if name == "-" else name

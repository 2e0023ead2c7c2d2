"""The texts of the demo community as values: what `content` reads from its files."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.viewer import Role


@dataclass(frozen=True, slots=True)
class Account:
    """What goes into the vault. Made up, and hinted at in no text."""

    real_name: str
    mail: str
    company: str
    company_size: str
    contract_number: str
    company_domain: str
    looks_after_company: bool
    """Whether the person invites and off-boards for the company."""


@dataclass(frozen=True, slots=True)
class Member:
    """`expert_in` is the slug of a space; `demo_login` names one of the printed log-ins, or nothing."""

    nickname: str
    year_joined: int
    role: str
    account: Account
    staff_name: str
    staff_field: str
    photo: str
    expert_in: str
    demo_login: str
    language: str

    @property
    def is_staff(self) -> bool:
        return self.role != Role.CUSTOMER


@dataclass(frozen=True, slots=True)
class JoinRequest:
    nickname: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """`members` are nicknames, those of `owner` and `curators` among them; `invited` ones have not answered."""

    slug: str
    name: str
    description: str
    access: str
    members: tuple[str, ...]
    owner: str
    curators: tuple[str, ...]
    invited: tuple[str, ...]
    requests: tuple[JoinRequest, ...]


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """`name` is value, German and English; `of` are nicknames of people of the companies that have it."""

    name: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """What can be known of companies, and what is known of these."""

    key: str
    label_de: str
    label_en: str
    values: tuple[AttributeValue, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A group that a rule fills: companies for which `attribute` is one of `values`."""

    name: str
    description: str
    purpose: str
    attribute: str
    values: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Space:
    """`groups` are the slugs of the groups that read an exclusive space."""

    slug: str
    name: str
    purpose: str
    kind: str
    access: str
    language: str
    icon: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """`hours_after` counts from the post that the comment belongs to."""

    author: str
    hours_after: float
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`hours_after` counts from the question, `accepted_hours_after` from the answer (None: no solution)."""

    id: str
    author: str
    hours_after: float
    body: str
    kudos_by: tuple[str, ...]
    accepted_hours_after: float | None
    idea_status: str
    """The status that staff give an idea with it; empty: none."""
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """People are nicknames, `space` is a slug; `comments` and `kudos_by` are those of the opening post."""

    id: str
    space: str
    title: str
    author: str
    tags: tuple[str, ...]
    days_ago: float
    body: str
    kudos_by: tuple[str, ...]
    same_problem_by: tuple[str, ...]
    pinned: bool
    comments: tuple[Comment, ...]
    answers: tuple[Answer, ...]

    @property
    def solution(self) -> Answer | None:
        return next((answer for answer in self.answers if answer.accepted_hours_after is not None), None)


@dataclass(frozen=True, slots=True)
class Category:
    slug: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """`source` is the id of the thread it was made from; `released_by` is empty before the release."""

    id: str
    category: str
    language: str
    question: str
    short_answer: str
    steps: str
    valid_for: str
    source: str
    state: str
    drafted_by: str
    released_by: str


@dataclass(frozen=True, slots=True)
class Words:
    """What staff taught the search; `kind` is one of `community.vocabulary.models.EntryKind`."""

    kind: str
    words: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Search:
    """Words that people searched for on one day; `nothing` of the searches found nothing."""

    words: str
    language: str
    days_ago: int
    count: int
    nothing: int


@dataclass(frozen=True, slots=True)
class DemoContent:
    """Everything, in the order of the files; files of threads by name."""

    members: tuple[Member, ...]
    groups: tuple[Group, ...]
    spaces: tuple[Space, ...]
    threads: tuple[Thread, ...]
    categories: tuple[Category, ...]
    entries: tuple[Entry, ...]
    vocabulary: tuple[Words, ...]
    searches: tuple[Search, ...]
    attributes: tuple[Attribute, ...]
    segments: tuple[Segment, ...]

    def member(self, nickname: str) -> Member:
        return next(member for member in self.members if member.nickname == nickname)

    def space(self, slug: str) -> Space:
        return next(space for space in self.spaces if space.slug == slug)

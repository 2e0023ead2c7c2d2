"""A made-up community that lives through time, and what should follow from what its people do, worked out apart.

Nothing here asks the product what is right: who reads a space, who follows, who is told, what a mail may say and who
has how many points is kept in sets and lists of its own.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from community.groups import actions as groups
from community.groups.models import Group
from community.kudos.actions import give_kudos, take_back_kudos
from community.members.models import Member
from community.notifications.actions import mark_read
from community.notifications.rules import DEFAULTS, Channel, Topic
from community.spaces.models import Space
from community.threads import marks, order
from community.threads.models import Post, Thread
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for

TOPICS = {
    "answered": Topic.ANSWERS,
    "answered_followed": Topic.FOLLOWED,
    "mentioned": Topic.MENTIONS,
    "commented": Topic.COMMENTS,
    "accepted": Topic.SOLUTIONS,
}
SAID = {
    "answered": r"There (?:is|are) (\w+) answers? in (?:a thread|threads) you started",
    "answered_followed": r"There (?:is|are) (\w+) answers? in (?:a thread|threads) you follow",
    "mentioned": r"(Somebody) has mentioned you|You have been mentioned (\d+) times",
    "commented": r"There (?:is|are) (\w+) comments? on (?:a post|posts) of yours",
    "accepted": r"(An) answer of yours has become the solution|(\d+) answers of yours have become solutions",
}
"""How a mail that names nothing tells of each kind, with how many there are."""
SOLUTION, KUDOS, CAP = 5, 1, 10


@dataclass(eq=False, slots=True)
class Person:
    """A member, and what they wish."""

    member: Member
    mail: str
    channels: dict[Topic, Channel] = field(default_factory=dict)
    reads_site: bool = False
    """Looks at the site every evening, so that everything is read by then."""

    def channel(self, kind: str) -> Channel:
        topic = TOPICS[kind]
        return self.channels.get(topic, DEFAULTS.get(topic, Channel.SITE))


@dataclass(eq=False, slots=True)
class Said:
    """A post."""

    id: int
    by: Person
    thread: Talk
    at: datetime
    kind: str
    parent: Said | None = None
    hidden: bool = False
    thanks: dict[Person, datetime] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Talk:
    """A thread."""

    row: Thread
    space: Space
    asker: Person
    posts: list[Said] = field(default_factory=list)
    followers: set[Person] = field(default_factory=set)
    mutes: set[Person] = field(default_factory=set)
    solution: Said | None = None
    accepted_at: datetime | None = None


@dataclass(eq=False, slots=True)
class News:
    """That somebody should be told of a post."""

    person: Person
    kind: str
    post: Said
    at: datetime
    read: bool = False
    mailed: int = 0
    """In how many mails it was."""

    @property
    def key(self) -> tuple[int, str, int]:
        return self.person.member.id, self.kind, self.post.id


def counts_in(text: str) -> Counter[str]:
    """How many of each kind a mail tells of."""
    told: Counter[str] = Counter()
    for kind, pattern in SAID.items():
        for found in re.finditer(pattern, text):
            number = next(group for group in found.groups() if group)
            told[kind] += int(number) if number.isdecimal() else 1
    return told


class Town:
    """Everybody and everything in it, and the acts by which it changes."""

    def __init__(self, people: list[Person], spaces: list[Space], closed: Space, group: Group) -> None:
        self.people, self.spaces, self.closed, self.group = people, spaces, closed, group
        self.insiders: set[Person] = set()
        self.talks: list[Talk] = []
        self.news: list[News] = []
        self.dice = random.Random(20260301)
        self.moderator: Member | None = None

    def reads(self, person: Person, space: Space) -> bool:
        return space.id != self.closed.id or person in self.insiders

    # --- what somebody does -----------------------------------------------------------------------------

    async def act(self, moment: datetime) -> list[News]:
        """One act of somebody, chosen by the dice; who should be told of it."""
        person = self.dice.choice(self.people)
        talks = [talk for talk in self.talks if self.reads(person, talk.space)]
        choices = (
            [self.ask] * 3
            + ([self.answer] * 8 + [self.comment] * 3 + [self.thank] * 8 + [self.follow] * 4) * bool(talks)
            + ([self.mute, self.unfollow, self.accept, self.accept, self.accept, self.withdraw]) * bool(talks)
            + [self.come_or_go, self.look, self.look]
            + [self.hide] * bool(talks)
            + [self.unthank] * bool(talks)
        )
        told = await self.dice.choice(choices)(person, talks, moment)
        self.news += told
        return told

    async def ask(self, person: Person, _talks: list[Talk], moment: datetime) -> list[News]:
        space = self.dice.choice([space for space in self.spaces if self.reads(person, space)])
        secret = "Gezeitenturm" if space.id == self.closed.id else "Leuchtfeuer"
        row = await make_thread(space, person.member, title=f"{secret} {len(self.talks)} does not work")
        talk = Talk(row, space, person, followers={person})
        talk.posts.append(Said((await opening_of(row)).id, person, talk, moment, "opening"))
        self.talks.append(talk)
        return []

    async def answer(self, person: Person, talks: list[Talk], moment: datetime) -> list[News]:
        talk = self.dice.choice(talks[-25:])
        named = self.dice.choice(self.people) if self.dice.random() < 0.2 else None
        body = "Restart it." if named is None else f"Restart it, @{named.member.nickname}."
        post = Said((await make_answer(talk.row, person.member, body)).id, person, talk, moment, "answer")
        talk.posts.append(post)
        told = [
            self._told(one, "answered" if one is talk.asker else "answered_followed", post)
            for one in talk.followers
        ]
        return self._wanted([*told, *([self._told(named, "mentioned", post)] if named else [])])

    async def comment(self, person: Person, talks: list[Talk], moment: datetime) -> list[News]:
        talk = self.dice.choice(talks[-25:])
        parents = [post for post in talk.posts if post.kind != "comment" and not post.hidden]
        parent = self.dice.choice(parents)
        row = await make_comment(await Post.get(id=parent.id), person.member)
        post = Said(row.id, person, talk, moment, "comment", parent)
        talk.posts.append(post)
        return self._wanted([self._told(parent.by, "commented", post)])

    async def thank(self, person: Person, talks: list[Talk], moment: datetime) -> list[News]:
        post = self.dice.choice(self.dice.choice(talks).posts)
        if post.by is not person and not self._gone(post):
            await give_kudos(post.id, by=person.member.id)
            post.thanks.setdefault(person, moment)
        return []

    async def unthank(self, person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        for post in self.dice.choice(talks).posts:
            if person in post.thanks:
                await take_back_kudos(post.id, by=person.member.id)
                del post.thanks[person]
        return []

    async def follow(self, person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        talk = self.dice.choice(talks[-25:])
        await marks.follow_thread(talk.row.id, by=person.member.id)
        talk.followers.add(person)
        # Whoever follows wants to hear again.
        talk.mutes.discard(person)
        return []

    async def unfollow(self, person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        talk = self.dice.choice(talks)
        await marks.unfollow_thread(talk.row.id, by=person.member.id)
        talk.followers.discard(person)
        return []

    async def mute(self, person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        talk = self.dice.choice(talks)
        await marks.mute_thread(talk.row.id, by=person.member.id)
        talk.mutes.add(person)
        return []

    async def accept(self, _person: Person, talks: list[Talk], moment: datetime) -> list[News]:
        talk = self.dice.choice(talks)
        answers = [post for post in talk.posts if post.kind == "answer" and not post.hidden]
        answers = [post for post in answers if post is not talk.solution]
        if not answers or not self.reads(talk.asker, talk.space):
            return []
        talk.solution, talk.accepted_at = self.dice.choice(answers), moment
        await marks.accept_solution(talk.solution.id, by=talk.asker.member.id)
        if talk.solution.by is talk.asker:
            return []
        return self._wanted([self._told(talk.solution.by, "accepted", talk.solution, moment)])

    async def withdraw(self, _person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        talk = self.dice.choice(talks)
        if talk.solution is not None and self.reads(talk.asker, talk.space):
            await marks.withdraw_solution(talk.row.id, by=talk.asker.member.id)
            talk.solution = None
        return []

    async def hide(self, _person: Person, talks: list[Talk], _moment: datetime) -> list[News]:
        talk = self.dice.choice(talks)
        answers = [post for post in talk.posts if post.kind == "answer" and not post.hidden]
        if answers:
            post = self.dice.choice(answers)
            await order.hide_post(
                post.id, by=await viewer_for(self.moderator), reason="It is against our rules."
            )
            post.hidden = True
            if talk.solution is post:
                talk.solution = None
        return []

    async def come_or_go(self, person: Person, _talks: list[Talk], _moment: datetime) -> list[News]:
        if person in self.insiders:
            await groups.remove_member(self.group.id, person.member.id)
            self.insiders.discard(person)
        else:
            await groups.add_member(self.group.id, person.member.id)
            self.insiders.add(person)
        return []

    async def look(self, person: Person, *_others: object) -> list[News]:
        await mark_read(person.member.id)
        for one in self.news:
            one.read |= one.person is person
        return []

    async def evening(self) -> None:
        """Those who look at the site every day do."""
        for person in self.people:
            if person.reads_site:
                await self.look(person)

    # --- what should follow -----------------------------------------------------------------------------

    def _told(self, person: Person, kind: str, post: Said, at: datetime | None = None) -> News:
        return News(person, kind, post, at or post.at)

    def _wanted(self, told: list[News]) -> list[News]:
        """Those of it that are to be told in the site."""
        return [
            one
            for one in told
            if one.person is not (one.post.thread.asker if one.kind == "accepted" else one.post.by)
            and self.reads(one.person, one.post.thread.space)
            and one.person.channel(one.kind) is not Channel.NONE
            and not (one.kind in _TALK and one.person in one.post.thread.mutes)
        ]

    def _gone(self, post: Said) -> bool:
        return post.hidden or (post.parent is not None and post.parent.hidden)

    def may_be_mailed(self, news: News) -> bool:
        """Whether a mail may still tell of it, at this moment."""
        person, post, talk = news.person, news.post, news.post.thread
        if news.read or self._gone(post) or not self.reads(person, talk.space):
            return False
        if news.kind in _TALK and person in talk.mutes:
            return False
        if news.kind == "accepted":
            return talk.solution is post
        if news.kind == "answered_followed" and person not in talk.followers:
            return False
        return not any(other.by is person and other.at > news.at for other in talk.posts)

    # --- who has helped ---------------------------------------------------------------------------------

    def ranking(self, *, since: datetime, space: Space | None) -> list[tuple[str, int, int]]:
        """Nickname, solutions and kudos, the best first: of one space, or of all that everybody may read."""
        facts = []
        for talk in self.talks:
            if talk.solution is not None and talk.accepted_at and talk.solution.by is not talk.asker:
                facts.append((talk.accepted_at, "solution", talk.asker, talk.solution.by, talk.space))
            for post in talk.posts:
                if not self._gone(post):
                    facts += [(at, "kudos", giver, post.by, talk.space) for giver, at in post.thanks.items()]
        taken: Counter[tuple[Person, Person, int, int]] = Counter()
        points: dict[Person, Counter[str]] = {}
        for at, kind, giver, receiver, where in sorted(facts, key=lambda fact: fact[0]):
            apart = where.id if where.id == self.closed.id else 0
            key = (giver, receiver, at.year * 12 + at.month, apart)
            taken[key] += 1
            is_shown = where.id == space.id if space else where.id != self.closed.id
            if taken[key] <= CAP and at >= since and is_shown:
                points.setdefault(receiver, Counter())[kind] += 1
        lines = [(one.member, had["solution"], had["kudos"]) for one, had in points.items()]
        lines.sort(key=lambda line: (-line[1] * SOLUTION - line[2] * KUDOS, -line[1], line[0].nickname_key))
        return [(member.nickname, solutions, kudos) for member, solutions, kudos in lines]


_TALK = frozenset({"answered", "answered_followed", "commented"})
"""What whoever mutes a thread hears no more."""

"""Members who write over HTTP and send everything again until it is confirmed, with a ledger of what was."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import secrets
from dataclasses import dataclass, field

import httpx2

from community.core.submissions import new_key
from community.members.models import Member
from community.spaces.models import Space
from community.threads.models import Follow
from tests.clients import log_in
from tests.crash.site import Site
from tests.factories import make_account, make_member, make_space, make_thread

MOST_ANSWERS = 30
"""Answers per thread; more would not all be in the search index."""


@dataclass
class Ledger:
    """What the site has confirmed to somebody."""

    threads: dict[str, int] = field(default_factory=dict)
    """By marker word: the thread it stands in."""
    answers: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By marker word: thread and post."""
    kudos: dict[tuple[int, int], bool] = field(default_factory=dict)
    """By member and post: whether kudos are given."""
    solutions: dict[int, int] = field(default_factory=dict)
    """By thread: the answer accepted last."""
    repeats: int = 0
    """Requests that had to be sent again."""

    @property
    def confirmed(self) -> int:
        return len(self.threads) + len(self.answers) + len(self.kudos) + len(self.solutions)


@dataclass
class OpenThread:
    id: int
    asker_id: int
    answers: list[tuple[int, int]] = field(default_factory=list)
    """Post and author."""


def new_marker() -> str:
    """A word that stands in one text only; without digits, so that nobody takes it for a contract number."""
    return "qx" + "".join(secrets.choice("bcdfghjklmnprstvwz") for _ in range(14))


class Crowd:
    """A few members, each with a browser of their own and one thing going on at a time."""

    def __init__(self, site: Site, space: Space, members: list[Member], threads: list[OpenThread]) -> None:
        self.site = site
        self.space = space
        self.members = members
        self.threads = threads
        self.ledger = Ledger()
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def gather(cls, site: Site, size: int = 6) -> Crowd:
        """Members, a space and some threads that everybody follows."""
        space = await make_space("Internet", language="en")
        members = [await make_member(f"crowd{number}") for number in range(size)]
        for member in members:
            await make_account(member)  # Now: two browsers of one member would each make one later.
        threads = []
        for member in members[:3]:
            thread = await make_thread(space, member)
            threads.append(OpenThread(thread.id, member.id))
            for follower in members:
                if follower.id != member.id:
                    await Follow.create(
                        thread_id=thread.id, member_id=follower.id, created_at=thread.created_at
                    )
        return cls(site, space, members, threads)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._live(member)) for member in self.members]

    async def stop(self) -> None:
        """Everybody finishes what they have begun."""
        self._stop.set()
        await asyncio.gather(*self._tasks)

    def abandon(self) -> None:
        """Nobody finishes anything; for a test that has failed already."""
        for task in self._tasks:
            task.cancel()

    async def _live(self, member: Member) -> None:
        async with self._browser() as client:
            await log_in(client, member)
            while not self._stop.is_set():
                action = random.choices(
                    (self._answer, self._start_thread, self._toggle_kudos, self._accept), (5, 1, 4, 2)
                )[0]
                await action(client, member)
                await asyncio.sleep(random.uniform(0.02, 0.12))

    def _browser(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.site.base_url,
            headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
            timeout=10,
        )

    async def _send(self, client: httpx2.AsyncClient, url: str, form: dict[str, str]) -> str:
        """Send a form until it is confirmed, and answer where it leads to."""
        while True:
            with contextlib.suppress(httpx2.TransportError):
                response = await client.post(url, data=form)
                if response.status_code == 303:
                    return str(response.headers["location"])
                if response.status_code < 500:
                    raise AssertionError(f"{url}: {response.status_code}\n{response.text[:2000]}")
            self.ledger.repeats += 1
            await asyncio.sleep(random.uniform(0.05, 0.3))

    async def _start_thread(self, client: httpx2.AsyncClient, member: Member) -> None:
        marker = new_marker()
        form = {
            "title": f"What does {marker} mean?",
            "body": f"It is shown since this morning. {marker}",
            "space": self.space.slug,
            "submission": new_key(),
            "confirm": "1",
        }
        url = await self._send(client, "/ask", form)
        thread_id = int(re.match(r"/threads/(\d+)-", url)[1])  # type: ignore[index] - it fails if that is no thread
        self.ledger.threads[marker] = thread_id
        self.threads.append(OpenThread(thread_id, member.id))

    async def _answer(self, client: httpx2.AsyncClient, member: Member) -> None:
        """Answer; every fifth time with a double click, which must lead to the same place twice."""
        free = [thread for thread in self.threads if len(thread.answers) < MOST_ANSWERS]
        if not free:
            await self._start_thread(client, member)
            return
        thread, marker = random.choice(free), new_marker()
        form = {"body": f"Have a look at {marker}.", "submission": new_key(), "confirm": "1"}
        url = f"/threads/{thread.id}/answers"
        clicks = 2 if random.random() < 0.2 else 1
        places = await asyncio.gather(*(self._send(client, url, form) for _ in range(clicks)))
        assert len(set(places)) == 1, places
        post_id = int(places[0].rpartition("#post-")[2])
        self.ledger.answers[marker] = (thread.id, post_id)
        thread.answers.append((post_id, member.id))

    async def _toggle_kudos(self, client: httpx2.AsyncClient, member: Member) -> None:
        posts = [post for thread in self.threads for post, author in thread.answers if author != member.id]
        if posts:
            post = random.choice(posts)
            given = self.ledger.kudos.get((member.id, post), False)
            await self._send(client, f"/posts/{post}/kudos{'/take-back' if given else ''}", {})
            self.ledger.kudos[member.id, post] = not given

    async def _accept(self, client: httpx2.AsyncClient, member: Member) -> None:
        own = [thread for thread in self.threads if thread.asker_id == member.id and thread.answers]
        if own:
            thread = random.choice(own)
            post = random.choice(thread.answers)[0]
            await self._send(client, f"/threads/{thread.id}/answers/{post}/accept", {})
            self.ledger.solutions[thread.id] = post

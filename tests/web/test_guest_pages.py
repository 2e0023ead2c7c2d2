"""Guests' thread pages come from the store, and show every change with the next request all the same."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import TracebackType

import httpx2
import pytest
from starlette.types import ASGIApp, Message

from community.app import create_app
from community.core.clock import now
from community.core.db import in_transaction
from community.core.viewer import Role, Viewer
from community.faq import actions as faq_actions
from community.http.guest_pages import GuestPages, KeptPage, PageStore
from community.ideas import actions as ideas
from community.kudos.actions import give_kudos, take_back_kudos
from community.members.actions import choose_whether_ranks_show, rename_member
from community.members.roles import change_role
from community.ranks.experts import grant_expert
from community.ranks.models import Expert
from community.spaces.actions import SpaceDraft, change_space
from community.spaces.models import SpaceAccess, SpaceKind
from community.threads import actions, marks, order
from community.threads.freshness import GuestMark, find_guest_mark
from community.threads.history import relate
from community.threads.models import IdeaStatus, Post, Thread
from community.threads.recounting import recount
from search import SearchEngine
from tests.cast import Cast
from tests.chance import without_random
from tests.clients import browser, log_in
from tests.factories import (
    make_answer,
    make_comment,
    make_entry,
    make_space,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.faq.entries import make_draft, publish

OLD_TITLE = "Which cable is the right one"


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Statements(logging.Handler):
    """Counts what the database is asked."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.seen: list[str] = []
        self.logger = logging.getLogger("tortoise.db_client")

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record.getMessage())

    def __enter__(self) -> Statements:
        self.level = self.logger.level
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.logger.removeHandler(self)
        self.logger.setLevel(self.level)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def only_store(clock: Clock) -> PageStore:
    return PageStore(clock=clock)


@pytest.fixture
def store(only_store: PageStore) -> PageStore:
    """The store of `site`, empty."""
    empty(only_store)
    return only_store


def empty(store: PageStore) -> None:
    for key in list(store._pages):
        store.forget(key)


@pytest.fixture(scope="module")
def site(search_engine: SearchEngine, only_store: PageStore) -> ASGIApp:
    return create_app(search=search_engine, connect_database=False, guest_pages=only_store)


@pytest.fixture(scope="module")
def site_that_keeps_nothing(search_engine: SearchEngine) -> ASGIApp:
    return create_app(search=search_engine, connect_database=False, guest_pages=PageStore(most_bytes=0))


@pytest.fixture
async def guest(site: ASGIApp, store: PageStore) -> AsyncIterator[httpx2.AsyncClient]:
    async with browser(site) as client:
        yield client


class Scene:
    """A solved thread with everything around it that its page shows."""

    def __init__(self, cast: Cast, moderator: Viewer, administrator: Viewer) -> None:
        self.cast = cast
        self.moderator = moderator
        self.administrator = administrator

    async def build(self) -> Scene:
        cast = self.cast
        self.thread = await make_thread(cast.open_space, cast.asker, title="Router restarts")
        self.opening = await opening_of(self.thread)
        self.answer = await make_answer(self.thread, cast.helper, "Change the power supply.")
        self.other = await make_answer(self.thread, cast.colleague, "Wait for the weekend.")
        self.comment = await make_comment(self.answer, cast.asker, "Which one fits?")
        self.beside = await make_thread(cast.open_space, cast.asker, title=OLD_TITLE)
        self.beside_answer = await make_answer(self.beside, cast.helper, "The yellow one.")
        await relate(self.thread.id, self.beside.id, "linked")
        await marks.accept_solution(self.answer.id, by=cast.asker.id)
        self.entry = await make_entry(self.answer, answer="Change it.", question="How do I stop restarts?")
        self.url = f"/threads/{self.thread.id}-{self.thread.slug}"
        return self


@pytest.fixture
async def scene(cast: Cast) -> Scene:
    return await Scene(cast, await viewer_for(cast.moderator), await viewer_for(cast.administrator)).build()


Change = Callable[[Scene], Awaitable[object]]


async def rename(scene: Scene) -> None:
    async with in_transaction():
        await rename_member(scene.cast.helper.id, "HelperTwo")


async def edit_title_beside(scene: Scene) -> None:
    opening = await opening_of(scene.beside)
    await actions.edit_post(
        opening.id, body=opening.body, version=1, by=scene.cast.asker.id, title="The very newest title"
    )


async def rename_space(scene: Scene) -> None:
    space = scene.cast.open_space
    draft = SpaceDraft(
        name="Lines and routers",
        purpose=space.purpose,
        kind=SpaceKind.QUESTIONS,
        access=SpaceAccess.OPEN,
        language=space.language,
        icon=space.icon,
    )
    await change_space(space.id, draft, by=scene.administrator)


async def publish_entry(scene: Scene) -> None:
    await publish(scene.cast, await make_draft(scene.cast, scene.thread))


async def relate_one_more(scene: Scene) -> None:
    another = await make_thread(scene.cast.open_space, scene.cast.asker, title="One more of the kind")
    await relate(scene.thread.id, another.id, "duplicate")


async def miscount(scene: Scene) -> None:
    await Post.filter(id=scene.answer.id).update(kudos_count=77)
    await recount()


CHANGES: dict[str, Change] = {
    "an answer": lambda s: make_answer(s.thread, s.cast.helper, "One more."),
    "a comment": lambda s: make_comment(s.opening, s.cast.helper, "One more."),
    "an edit": lambda s: actions.edit_post(s.other.id, body="Changed.", version=1, by=s.cast.colleague.id),
    "a new title": lambda s: actions.edit_post(
        s.opening.id, body="Changed.", version=1, by=s.cast.asker.id, title="Router restarts again"
    ),
    "kudos": lambda s: give_kudos(s.answer.id, by=s.cast.outsider.id),
    "same problem": lambda s: marks.mark_same_problem(s.thread.id, by=s.cast.outsider.id),
    "a follower": lambda s: marks.follow_thread(s.thread.id, by=s.cast.outsider.id),
    "one follower less": lambda s: marks.unfollow_thread(s.thread.id, by=s.cast.asker.id),
    "another solution": lambda s: marks.accept_solution(s.other.id, by=s.cast.asker.id),
    "no solution": lambda s: marks.withdraw_solution(s.thread.id, by=s.cast.asker.id),
    "a hidden answer": lambda s: order.hide_post(s.other.id, by=s.moderator, reason="Rude"),
    "a hidden comment": lambda s: order.hide_post(s.comment.id, by=s.moderator, reason="Rude"),
    "a lock": lambda s: order.lock_thread(s.thread.id, by=s.moderator, reason="Enough"),
    "a pin": lambda s: order.pin_thread(s.thread.id, by=s.moderator, reason=""),
    "another space": lambda s: order.move_thread(
        s.thread.id, to_space=s.cast.discussions.id, by=s.moderator, reason="Belongs there"
    ),
    "another nickname": rename,
    "hidden ranks": lambda s: choose_whether_ranks_show(s.cast.helper.id, hidden=True),
    "a solution elsewhere, which counts beside the name": lambda s: marks.accept_solution(
        s.beside_answer.id, by=s.cast.asker.id
    ),
    "an expert": lambda s: grant_expert(
        s.cast.helper.id, s.cast.open_space.id, until=None, by=s.administrator
    ),
    "a new member of the staff": lambda s: change_role(
        s.cast.helper.id,
        role=Role.MODERATOR,
        staff_name="Hanna P.",
        staff_field="Lines",
        by=s.administrator,
        reason="Joined us",
    ),
    "another name of the space": rename_space,
    "a released FAQ entry": publish_entry,
    "another related thread": relate_one_more,
    "a hidden related thread": lambda s: hide_thread(s, s.beside),
    "a retitled related thread": edit_title_beside,
    "a related thread that moves away": lambda s: order.move_thread(
        s.beside.id, to_space=s.cast.members_space.id, by=s.moderator, reason="Belongs there"
    ),
    "a withdrawn FAQ entry": lambda s: faq_actions.withdraw_entry(s.entry.id, by=s.moderator, reason="Old"),
}


async def hide_thread(scene: Scene, thread: Thread) -> None:
    await order.hide_post((await opening_of(thread)).id, by=scene.moderator, reason="Advertisement")


@pytest.mark.parametrize("name", CHANGES)
async def test_a_guest_sees_every_change_with_the_next_request(
    name: str,
    scene: Scene,
    guest: httpx2.AsyncClient,
    store: PageStore,
    site_that_keeps_nothing: ASGIApp,
) -> None:
    before = (await guest.get(scene.url)).text
    assert len(store) == 1
    await CHANGES[name](scene)
    after = await guest.get(scene.url, follow_redirects=True)
    async with browser(site_that_keeps_nothing) as other:
        rendered = await other.get(scene.url, follow_redirects=True)
    assert after.text == rendered.text
    assert after.text != before


async def test_a_recount_that_corrects_a_figure_shows_at_once(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    await give_kudos(scene.answer.id, by=scene.cast.outsider.id)
    first = (await guest.get(scene.url)).text
    await miscount(scene)
    assert (await guest.get(scene.url)).text == first


async def test_kudos_taken_back_show_at_once(scene: Scene, guest: httpx2.AsyncClient) -> None:
    without = (await guest.get(scene.url)).text
    await give_kudos(scene.answer.id, by=scene.cast.outsider.id)
    assert (await guest.get(scene.url)).text != without
    await take_back_kudos(scene.answer.id, by=scene.cast.outsider.id)
    assert (await guest.get(scene.url)).text == without


async def test_votes_answers_of_staff_and_new_articles_show_at_once(
    cast: Cast, guest: httpx2.AsyncClient
) -> None:
    idea = await make_thread(await make_space("Wishes", kind=SpaceKind.IDEAS), cast.asker)
    url = f"/threads/{idea.id}-{idea.slug}"
    assert '<strong class="num">0</strong>' in (await guest.get(url)).text
    await ideas.vote(idea.id, by=cast.helper.id)
    assert '<strong class="num">1</strong>' in (await guest.get(url)).text
    by = await viewer_for(cast.moderator)
    await ideas.answer_idea(idea.id, IdeaStatus.PLANNED, body="In spring.", by=by)
    assert 'id="official"' in (await guest.get(url)).text
    await ideas.take_back_vote(idea.id, by=cast.helper.id)
    assert '<strong class="num">0</strong>' in (await guest.get(url)).text
    article = await make_thread(cast.blog, cast.marketing, title="Old news", at=now() - timedelta(days=1))
    url = f"/threads/{article.id}-{article.slug}"
    assert "New news" not in (await guest.get(url)).text
    await make_thread(cast.blog, cast.marketing, title="New news")
    assert "New news" in (await guest.get(url)).text


async def test_expert_status_that_ends_by_itself_is_gone_at_once(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    helper, space = scene.cast.helper, scene.cast.open_space
    without = (await guest.get(scene.url)).text
    await grant_expert(helper.id, space.id, until=now() + timedelta(hours=1), by=scene.administrator)
    assert (await guest.get(scene.url)).text != without
    # What the passing of time does, and no action.
    await Expert.filter(member_id=helper.id).update(expires_at=now())
    assert (await guest.get(scene.url)).text == without


async def test_a_thread_that_is_hidden_or_moved_out_of_sight_is_not_found_at_once(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    assert (await guest.get(scene.url)).status_code == 200
    await hide_thread(scene, scene.thread)
    assert (await guest.get(scene.url)).status_code == 404
    await order.restore_post(scene.opening.id, by=scene.moderator, reason="A mistake")
    assert (await guest.get(scene.url)).status_code == 200
    await order.move_thread(
        scene.thread.id, to_space=scene.cast.members_space.id, by=scene.moderator, reason="Private"
    )
    assert (await guest.get(scene.url)).status_code == 404


async def test_a_space_that_is_closed_takes_its_kept_pages_along(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    assert (await guest.get(scene.url)).status_code == 200
    scene.cast.open_space.access = "members"
    await scene.cast.open_space.save(update_fields=["access"])
    assert (await guest.get(scene.url)).status_code == 404


@pytest.mark.each_database
async def test_a_kept_page_costs_exactly_one_statement(scene: Scene, guest: httpx2.AsyncClient) -> None:
    first = await guest.get(scene.url)
    with Statements() as statements:
        second = await guest.get(scene.url)
    assert len(statements.seen) == 1, statements.seen
    assert second.status_code == 200
    assert second.content == first.content
    without_number = {name: value for name, value in second.headers.items() if name != "x-request-id"}
    assert without_number == {name: value for name, value in first.headers.items() if name != "x-request-id"}
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert "content-security-policy" in second.headers


async def test_headers_do_not_pile_up_on_a_kept_page(scene: Scene, guest: httpx2.AsyncClient) -> None:
    counts = {len((await guest.get(scene.url)).headers.raw) for _time in range(5)}
    assert len(counts) == 1


async def test_who_has_the_page_already_is_told_so_in_one_statement(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    etag = (await guest.get(scene.url)).headers["etag"]
    with Statements() as statements:
        again = await guest.get(scene.url, headers={"If-None-Match": f'W/"other", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert again.headers["cache-control"] == "no-cache"
    assert len(statements.seen) == 1
    await give_kudos(scene.answer.id, by=scene.cast.outsider.id)
    assert (await guest.get(scene.url, headers={"If-None-Match": etag})).status_code == 200


async def test_the_first_reader_of_a_page_may_have_it_already(
    scene: Scene, guest: httpx2.AsyncClient, store: PageStore
) -> None:
    etag = (await guest.get(scene.url)).headers["etag"]
    empty(store)
    assert (await guest.get(scene.url, headers={"If-None-Match": etag})).status_code == 304
    assert len(store) == 1


async def test_languages_colour_modes_and_encodings_do_not_mix(
    scene: Scene, guest: httpx2.AsyncClient, site: ASGIApp, store: PageStore
) -> None:
    async with browser(site) as german, browser(site) as dark:
        german.cookies.set("language", "de")
        dark.cookies.set("mode", "dark")
        for _time in range(2):
            assert '<html lang="en">' in (await guest.get(scene.url)).text
            assert '<html lang="de">' in (await german.get(scene.url)).text
            assert '<html lang="en" data-mode="dark">' in (await dark.get(scene.url)).text
            for accepted, encoding in (("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)):
                page = await guest.get(scene.url, headers={"Accept-Encoding": accepted})
                assert page.headers.get("content-encoding") == encoding
                assert "Router restarts" in page.text
    assert len(store) == 5


async def test_a_page_speaks_the_language_of_its_content_alone(
    scene: Scene, guest: httpx2.AsyncClient
) -> None:
    await Thread.filter(id=scene.thread.id).update(language="de")
    page = (await guest.get(scene.url)).text
    assert '<html lang="de">' in page
    assert "ago" not in without_random(page)


async def test_members_never_get_a_kept_page(
    scene: Scene, guest: httpx2.AsyncClient, site: ASGIApp, store: PageStore
) -> None:
    guests = await guest.get(scene.url)
    async with browser(site) as member:
        await log_in(member, scene.cast.outsider)
        page = await member.get(scene.url, headers={"If-None-Match": guests.headers["etag"]})
        assert page.status_code == 200
        assert "/log-out" in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert "etag" not in page.headers
    assert len(store) == 1
    assert (await guest.get(scene.url)).text == guests.text


async def test_a_message_for_one_guest_is_shown_to_no_other(
    scene: Scene, guest: httpx2.AsyncClient, site: ASGIApp
) -> None:
    async with browser(site) as other:
        other.cookies.set("notice", "logged-out")
        assert "You are logged out." in (await other.get(scene.url)).text
    assert "You are logged out." not in (await guest.get(scene.url)).text


async def test_a_page_is_rendered_anew_after_a_minute(
    scene: Scene, guest: httpx2.AsyncClient, clock: Clock
) -> None:
    await guest.get(scene.url)
    clock.seconds += 59.9
    with Statements() as statements:
        await guest.get(scene.url)
    assert len(statements.seen) == 1
    clock.seconds += 0.2
    with Statements() as statements:
        await guest.get(scene.url)
    assert len(statements.seen) > 1


async def test_other_pages_redirects_and_errors_are_not_kept(
    scene: Scene, guest: httpx2.AsyncClient, store: PageStore
) -> None:
    assert (await guest.get(f"/threads/{scene.thread.id}-other")).status_code == 301
    assert (await guest.get(f"{scene.url}?page=99")).status_code == 404
    assert (await guest.get("/threads/4711-nothing")).status_code == 404
    assert (await guest.get("/")).status_code == 200
    assert (await guest.head(scene.url)).status_code == 200
    assert (await guest.get(f"{scene.url}?x={'x' * 300}")).status_code == 200
    assert len(store) == 0


@pytest.mark.each_database
async def test_there_is_a_mark_only_of_what_guests_may_read(cast: Cast) -> None:
    seen = await make_thread(cast.open_space, cast.asker)
    assert await find_guest_mark(seen.id) is not None
    for space in (cast.members_space, cast.hidden_space, cast.tile_space):
        assert await find_guest_mark((await make_thread(space, cast.asker)).id) is None
    assert await find_guest_mark(4711) is None


def kept(size: int) -> KeptPage:
    return KeptPage(GuestMark(1, 1, 1, 0), 0.0, (), b"x" * size, "")


def test_the_store_stays_below_its_size_and_keeps_what_was_asked_for_last() -> None:
    store = PageStore(most_bytes=10_000, clock=lambda: 0.0)
    for name in ("a", "b", "c"):
        store.keep((name,), kept(2_000))
    assert store.find(("a",), GuestMark(1, 1, 1, 0)) is not None
    store.keep(("d",), kept(2_000))
    assert store.find(("b",), GuestMark(1, 1, 1, 0)) is None
    assert store.find(("a",), GuestMark(1, 1, 1, 0)) is not None
    assert store.size <= 10_000
    store.keep(("e",), kept(20_000))
    assert len(store) == 0
    assert store.size == 0


async def test_a_change_while_a_page_is_rendered_is_not_lost(scene: Scene) -> None:
    """The mark is older than the change, so the next request renders the page again."""
    rendered = 0

    async def application(scope: object, receive: object, send: Callable[[Message], Awaitable[None]]) -> None:
        nonlocal rendered
        rendered += 1
        if rendered == 1:
            await give_kudos(scene.answer.id, by=scene.cast.outsider.id)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]})
        await send({"type": "http.response.body", "body": b"page"})

    async with browser(GuestPages(application, store=PageStore())) as client:
        for expected in (1, 2, 2):
            assert (await client.get(scene.url)).text == "page"
            assert rendered == expected

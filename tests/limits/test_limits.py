"""Nobody writes, thanks, reports or looks around without bounds, and nobody loses what they typed over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import time_machine

from community.accounts.models import Account
from community.core import limits, rate_limits
from community.core.clock import now
from community.core.db import fetch
from community.core.rate_limits import Limit, TooMany, forget_free_uses
from community.http.sessions import cookie_name
from community.moderation.models import Flag
from community.settings import settings
from community.threads.models import Draft, Post, Thread
from tests.cast import Cast, make_cast
from tests.clients import log_in
from tests.crash.site import Site
from tests.factories import make_answer, make_thread, opening_of
from tests.fixtures import Visit

PROJECT = Path(__file__).resolve().parents[2]
TYPED = "Qxztyped words that must not get lost"


@pytest.fixture(autouse=True)
def as_usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as on a real site; other tests have a thousand times as much."""
    monkeypatch.setattr(rate_limits, "settings", replace(settings, limit_factor=1))
    forget_free_uses()
    yield
    forget_free_uses()


def all_limits() -> dict[str, Limit]:
    return {name: value for name, value in vars(limits).items() if isinstance(value, Limit)}


def test_the_page_of_the_documentation_says_the_numbers_of_the_code() -> None:
    text = (PROJECT / "docs/limits.md").read_text(encoding="utf-8")
    said = re.findall(r"^\| `(\w+)` \| (\d+) in (\d+) (minute|hour|day)s? \|", text, re.MULTILINE)
    units = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
    assert {name: (int(count), int(many) * units[unit]) for name, count, many, unit in said} == {
        name: (limit.count, limit.period) for name, limit in all_limits().items()
    }


def test_no_limit_is_made_anywhere_else_and_no_two_share_their_count() -> None:
    made = [
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "community").glob("**/*.py")
        if re.search(r"\bLimit\(\"", path.read_text(encoding="utf-8"))
    ]
    assert made == ["community/core/limits.py"]
    names = [limit.name for limit in all_limits().values()]
    assert len(names) == len(set(names))


def test_the_operator_scales_what_is_written_and_read_and_never_log_ins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limits, "settings", replace(settings, limit_factor=10))
    assert limits.POSTS.allowed == limits.POSTS.count * 10
    assert limits.LOG_IN_TO_ONE_ACCOUNT.allowed == limits.LOG_IN_TO_ONE_ACCOUNT.count
    assert limits.CODES_TO_ONE_ACCOUNT.allowed == limits.CODES_TO_ONE_ACCOUNT.count


async def make_old(*member_ids: int) -> None:
    await Account.filter(member_id__in=member_ids).update(created_at=now() - limits.NEW_FOR)


@pytest.mark.each_database
async def test_a_burst_of_a_new_member_is_stopped_and_the_text_comes_back(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    client = await visit(cast.helper)
    url = f"/threads/{thread.id}/answers"
    for number in range(limits.NEW_POSTS.count):
        assert (await client.post(url, data={"body": f"Answer {number}"})).status_code == 303
    refused = await client.post(url, data={"body": TYPED})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert TYPED in refused.text
    assert "That was tried very often. Please wait" in refused.text
    assert await Post.filter(thread_id=thread.id, kind="answer").count() == limits.NEW_POSTS.count
    wait = timedelta(seconds=int(refused.headers["retry-after"]))
    with time_machine.travel(now() + wait, tick=True):
        assert (await client.post(url, data={"body": TYPED})).status_code == 303
    other = await visit(cast.colleague)
    assert (await other.post(url, data={"body": "Of somebody else"})).status_code == 303


async def test_every_form_that_publishes_says_so_and_keeps_what_was_typed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening, own = await opening_of(thread), await make_answer(thread, cast.helper)
    client = await visit(cast.helper)
    for _number in range(limits.NEW_POSTS.count):
        await limits.NEW_POSTS.take(cast.helper.id)
    for path, fields in (
        (f"/threads/{thread.id}/answers", {"body": TYPED}),
        (f"/posts/{opening.id}/comments", {"body": TYPED}),
        (f"/posts/{own.id}/edit", {"body": TYPED, "version": "1"}),
        ("/ask", {"title": "My router restarts", "space": cast.open_space.slug, "body": TYPED}),
    ):
        answer = await client.post(path, data=fields)
        assert answer.status_code == 429, path
        assert TYPED in answer.text, path
        assert "retry-after" in answer.headers, path
    assert await Post.all().count() == 2
    assert await Thread.all().count() == 1


async def test_whoever_is_there_for_longer_may_write_more_and_not_without_bounds(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    client = await visit(cast.helper)
    await make_old(cast.helper.id)
    url = f"/threads/{thread.id}/answers"
    for _number in range(limits.POSTS.count - 1):
        await limits.POSTS.take(cast.helper.id)
    assert (await client.post(url, data={"body": "The sixtieth"})).status_code == 303
    assert (await client.post(url, data={"body": TYPED})).status_code == 429
    staff = await visit(cast.moderator)
    for _number in range(limits.POSTS.count):
        await limits.POSTS.take(cast.moderator.id)
    assert (await staff.post(url, data={"body": "Staff write for their work"})).status_code == 303


async def test_many_members_behind_one_address_are_one_crowd(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    for _number in range(limits.POSTS_FROM_ONE_ADDRESS.count):
        await limits.POSTS_FROM_ONE_ADDRESS.take("127.0.0.1")
    here = await visit(cast.helper)
    await make_old(cast.helper.id)
    url = f"/threads/{thread.id}/answers"
    assert (await here.post(url, data={"body": TYPED})).status_code == 429


async def test_questions_kudos_and_reports_have_their_own_bounds(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening, client = await opening_of(thread), await visit(cast.helper)
    question = {"title": "My router restarts", "space": cast.open_space.slug, "body": TYPED}
    for number in range(limits.NEW_QUESTIONS.count):
        asked = question | {"title": f"My router restarts, {number} times"}
        assert (await client.post("/ask", data=asked)).status_code == 303
    refused = await client.post("/ask", data=question)
    assert (refused.status_code, TYPED in refused.text) == (429, True)
    for limit in (limits.NEW_KUDOS, limits.FLAGS):
        for _number in range(limit.count):
            await limit.take(cast.helper.id)
    assert (await client.post(f"/posts/{opening.id}/kudos")).status_code == 429
    assert (await client.post(f"/threads/{thread.id}/same-problem")).status_code == 429
    flagged = await client.post(f"/posts/{opening.id}/flag", data={"reason": "insult", "note": TYPED})
    assert (flagged.status_code, TYPED in flagged.text) == (429, True)
    assert not await Flag.all().exists()


async def test_nobody_walks_through_all_profiles(cast: Cast, visit: Visit) -> None:
    """Whether a name is there is not told any more, either: a name that nobody has gets the same answer."""
    free = limits.PROFILES.count // rate_limits.FREE_PART
    guest, member, staff = await visit(), await visit(cast.helper), await visit(cast.moderator)
    for client in (guest, member):
        for number in range(limits.PROFILES.count + free):
            assert (await client.get("/members/Asker" if number % 2 else "/members/Nobody")).status_code in (
                200,
                404,
            )
        assert (await client.get("/members/Asker")).status_code == 429
        assert (await client.get("/members/Nobody")).status_code == 429
    for _number in range(limits.PROFILES.count + free + 1):
        assert (await staff.get("/members/Asker")).status_code == 200


async def test_searches_of_guests_and_drafts_are_bounded(cast: Cast, visit: Visit) -> None:
    guest, member = await visit(), await visit(cast.helper)
    thread = await make_thread(cast.open_space, cast.asker)
    for limit, whom in (
        (limits.SEARCHES, ("address", "127.0.0.1")),
        (limits.SUGGESTIONS, ("address", "127.0.0.1")),
        (limits.DRAFTS, ("member", cast.helper.id)),
    ):
        with pytest.raises(TooMany):
            for _number in range(limit.count * 2):
                await limit.take_lightly(*whom)
    assert (await guest.get("/search?q=router")).status_code == 429
    assert (await guest.get("/search/suggestions?q=router")).status_code == 429
    assert (await guest.get("/search")).status_code == 200, "the empty page costs nothing"
    assert (await member.get("/search?q=router")).status_code == 200, "a member is counted apart"
    assert (await member.post(f"/drafts/answer:{thread.id}", data={"body": TYPED})).status_code == 429
    assert not await Draft.all().exists()


async def test_whoever_reads_like_a_reader_writes_nothing_into_the_database(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    for _number in range(limits.PROFILES.count // rate_limits.FREE_PART):
        assert (await guest.get("/members/Asker")).status_code == 200
    assert await fetch("SELECT key FROM rate_limits") == []


async def test_two_processes_count_together(fresh_database: str, tmp_path: Path) -> None:
    """A new member with a browser at each of two servers writes no more than with one."""
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    async with httpx2.AsyncClient() as client:
        await log_in(client, cast.helper)
        token = str(client.cookies[cookie_name()])
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    sites = [Site(fresh_database, tmp_path / name, LIMIT_FACTOR="1") for name in ("one", "two")]
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{cookie_name()}={token}"}
    try:
        for site in sites:
            await site.start("web")
        statuses = []
        async with httpx2.AsyncClient(headers=headers, timeout=30) as client:
            for number in range(limits.NEW_POSTS.count + 4):
                url = f"{sites[number % 2].base_url}/threads/{thread.id}/answers"
                statuses.append((await client.post(url, data={"body": f"Answer {number}"})).status_code)
        assert statuses == [303] * limits.NEW_POSTS.count + [429] * 4
    finally:
        for site in sites:
            await site.stop_all()

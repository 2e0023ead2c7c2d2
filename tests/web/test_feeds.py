"""Atom feeds: valid, conditional, and always what a guest may read."""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.etree import ElementTree

import httpx2
import pytest

from community.core.clock import now
from community.members.models import Member
from community.threads import marks, order
from community.threads.models import Post, Thread
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.found import atom_rules

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "http://127.0.0.1:8000"


def text(element: ElementTree.Element, path: str) -> str:
    found = element.find("/".join(ATOM + step for step in path.split("/")))
    assert found is not None, path
    return found.text or ""


def entries(answer: httpx2.Response) -> list[ElementTree.Element]:
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(answer: httpx2.Response) -> list[str]:
    return [text(entry, "title") for entry in entries(answer)]


def assert_valid(answer: httpx2.Response, path: str) -> None:
    """What RFC 4287 demands of a feed: 4.1.1 and 4.1.2."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert atom_rules.findings(answer.content, BASE + path) == []
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == BASE + path
    assert links["alternate"] is not None
    assert links["alternate"].startswith(f"{BASE}/")
    ids = [text(feed, "id")]
    assert text(feed, "title")
    dates = [text(feed, "updated")]
    for entry in feed.findall(f"{ATOM}entry"):
        for only in ("id", "title", "updated", "published", "content"):
            assert len(entry.findall(ATOM + only)) == 1
        ids.append(text(entry, "id"))
        assert text(entry, "author/name")
        dates += [text(entry, "updated"), text(entry, "published")]
        (link,) = entry.findall(f"{ATOM}link")
        assert (link.get("rel"), (link.get("href") or "")[: len(BASE)]) == ("alternate", BASE)
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("tag:127.0.0.1,2026:") for name in ids)
    for date in dates:
        assert date.endswith("Z")
        datetime.fromisoformat(date)
    assert dates[0] == max(dates)


@pytest.mark.each_database
async def test_the_latest_threads_of_open_spaces_make_a_valid_feed(cast: Cast, visit: Visit) -> None:
    first = await make_thread(cast.open_space, cast.asker, title="Router & <modem>", tags=("router",))
    second = await make_thread(cast.discussions, cast.moderator, title="Hello", body="See **this**, @Helper.")
    await make_answer(first, cast.helper)
    answer = await (await visit()).get("/feeds/latest.atom")
    assert_valid(answer, "/feeds/latest.atom")
    assert titles(answer) == ["Router & <modem>", "Hello"]
    newest, other = entries(answer)
    assert text(newest, "author/name") == "Asker"
    assert text(newest, "author/uri") == f"{BASE}/members/Asker"
    assert [tag.get("term") for tag in newest.findall(f"{ATOM}category")] == ["router"]
    assert text(other, "author/name") == "Jana K."
    content = other.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert content.text == (await opening_of(second)).body_html
    assert "<strong>this</strong>" in (content.text or "")


async def test_characters_that_xml_cannot_write_are_left_out(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await Thread.filter(id=thread.id).update(title="Bell \x07 and \ufffe and ]]> and 🚀")
    answer = await (await visit()).get("/feeds/latest.atom")
    assert titles(answer) == ["Bell  and  and ]]> and 🚀"]


@pytest.mark.parametrize("space", ["members_space", "hidden_space", "tile_space"])
async def test_nothing_of_other_spaces_is_in_any_feed_whoever_asks(
    cast: Cast, visit: Visit, space: str
) -> None:
    place = getattr(cast, space)
    secret = await make_thread(place, cast.asker, title="Not for everybody")
    known = await make_thread(cast.open_space, cast.asker, title="For everybody")
    for viewer in (None, cast.asker, cast.moderator, cast.administrator):
        browser = await visit(viewer)
        assert titles(await browser.get("/feeds/latest.atom")) == ["For everybody"]
        own_feed = await browser.get(f"/feeds/spaces/{place.slug}.atom")
        assert own_feed.status_code == 404
        assert place.name not in own_feed.text
        assert (await browser.get(f"/feeds/threads/{secret.id}.atom")).status_code == 404
        assert (await browser.get(f"/feeds/threads/{known.id}.atom")).status_code == 200


async def test_a_feed_is_the_same_for_everybody(cast: Cast, visit: Visit) -> None:
    await make_thread(cast.open_space, cast.asker)
    bodies = set()
    for viewer in (None, cast.asker, cast.moderator):
        browser = await visit(viewer)
        browser.headers["Accept-Language"] = "de" if viewer is None else "en"
        bodies.add((await browser.get("/feeds/latest.atom")).content)
    assert len(bodies) == 1


async def test_a_space_has_a_feed_of_its_own(cast: Cast, visit: Visit) -> None:
    await make_thread(cast.open_space, cast.asker, title="Here")
    await make_thread(cast.discussions, cast.asker, title="There")
    path = f"/feeds/spaces/{cast.open_space.slug}.atom"
    answer = await (await visit()).get(path)
    assert_valid(answer, path)
    assert titles(answer) == ["Here"]
    page = await (await visit()).get(f"/spaces/{cast.open_space.slug}")
    assert f'type="application/atom+xml" title="Internet and routers" href="{path}"' in page.text
    assert (await (await visit()).get("/feeds/spaces/nowhere.atom")).status_code == 404


async def test_the_blog_has_a_feed_of_its_own(cast: Cast, visit: Visit) -> None:
    await make_thread(cast.blog, cast.marketing, title="New tariffs")
    await make_thread(cast.open_space, cast.asker, title="A question")
    answer = await (await visit()).get("/feeds/blog.atom")
    assert_valid(answer, "/feeds/blog.atom")
    assert titles(answer) == ["New tariffs"]
    assert text(entries(answer)[0], "author/name") == "Mia F."
    assert 'href="/feeds/blog.atom"' in (await (await visit()).get("/blog")).text


async def test_a_thread_has_a_feed_of_its_posts(cast: Cast, visit: Visit) -> None:
    start = now() - timedelta(days=1)
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", at=start)
    await Post.filter(id=(await opening_of(thread)).id).update(created_at=start)
    answers = [
        await make_answer(thread, cast.helper, f"Answer {number}", at=start + timedelta(minutes=number + 1))
        for number in range(25)
    ]
    comment = await make_comment(answers[24], cast.asker, "Thank you")
    rude = await make_comment(answers[24], cast.asker, "Rude words")
    await marks.accept_solution(answers[0].id, by=cast.asker.id)
    moderator = await viewer_for(cast.moderator)
    for hidden in (rude, answers[23]):
        await order.hide_post(hidden.id, by=moderator, reason="Rude")
    path = f"/feeds/threads/{thread.id}.atom"
    answer = await (await visit(cast.moderator)).get(path)
    assert_valid(answer, path)
    shown = [text(entry, "id").partition("post/")[2] for entry in entries(answer)]
    expected = [comment, answers[24], *reversed(answers[4:23]), answers[0], await opening_of(thread)]
    assert shown == [str(post.id) for post in expected]
    assert titles(answer)[0] == "Comment by Asker"
    assert titles(answer)[-1] == "Question by Asker"
    assert "Rude words" not in answer.text
    page = await (await visit()).get(f"/threads/{thread.id}-{thread.slug}")
    assert f'href="{path}"' in page.text


async def test_a_hidden_thread_leaves_the_feeds_at_once(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Buy now")
    guest = await visit()
    before = await guest.get("/feeds/latest.atom")
    assert titles(before) == ["Buy now"]
    await order.hide_post(
        (await opening_of(thread)).id, by=await viewer_for(cast.moderator), reason="Advertisement"
    )
    etag = before.headers["etag"]
    assert titles(await guest.get("/feeds/latest.atom", headers={"If-None-Match": etag})) == []
    assert (await guest.get(f"/feeds/threads/{thread.id}.atom")).status_code == 404
    # Moderators may read it, but a feed is nobody's view but a guest's.
    assert (await (await visit(cast.moderator)).get(f"/feeds/threads/{thread.id}.atom")).status_code == 404


async def test_a_feed_that_has_not_changed_is_not_sent_again(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    guest = await visit()
    for path in ("/feeds/latest.atom", f"/feeds/threads/{thread.id}.atom"):
        first = await guest.get(path)
        assert first.headers["cache-control"] == "no-cache"
        assert first.headers["last-modified"].endswith("GMT")
        again = await guest.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        await make_answer(thread, cast.helper)
        await make_thread(cast.open_space, cast.helper, title="One more")
        assert (await guest.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_an_author_who_has_left_is_named_as_a_former_member(cast: Cast, visit: Visit) -> None:
    await make_thread(cast.open_space, cast.asker)
    await Member.filter(id=cast.asker.id).update(erased_at=now())
    (entry,) = entries(await (await visit()).get("/feeds/latest.atom"))
    assert text(entry, "author/name") == "Former member"
    assert entry.find(f"{ATOM}author/{ATOM}uri") is None


async def test_an_empty_feed_is_valid_too(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    for path in (
        "/feeds/latest.atom",
        "/feeds/blog.atom",
        f"/feeds/spaces/{cast.open_space.slug}.atom",
    ):
        assert_valid(await guest.get(path), path)

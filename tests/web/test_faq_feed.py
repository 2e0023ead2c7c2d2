"""The feed by which other websites follow the FAQ, over the web."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.faq import actions
from community.faq.editorial import get_editorial
from community.threads import order
from community.threads.models import Post
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import make_published, publish
from tests.fixtures import Visit


async def test_a_mirror_follows_the_feed_by_its_cursor(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest = await visit()
    first = await guest.get("/feeds/faq.json")
    assert first.headers["content-type"] == "application/feed+json"
    feed = json.loads(first.text)
    assert [item["id"] for item in feed["items"]] == [f"faq-{entry_id}"]
    assert feed["items"][0]["_kundenkreis"]["credits"] == ["Helper"]
    cursor = feed["_kundenkreis"]["cursor"]
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    later = json.loads((await guest.get(f"/feeds/faq.json?since={cursor}")).text)
    assert later["items"] == []
    assert [item["id"] for item in later["_kundenkreis"]["retractions"]] == [f"faq-{entry_id}"]
    assert json.loads((await guest.get("/feeds/faq.json")).text)["items"] == []


async def test_the_feed_is_the_same_for_everybody(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    await make_published(cast, audience="members")
    await make_published(cast, cast.hidden_space)
    answers = [
        (await (await visit(who)).get("/feeds/faq.json")).content
        for who in (None, cast.asker, cast.administrator)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len(json.loads(answers[0])["items"]) == 2


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 16, "²", "5-x"])
async def test_a_broken_cursor_is_refused(cast: Cast, visit: Visit, since: str) -> None:
    assert (await (await visit()).get("/feeds/faq.json", params={"since": since})).status_code == 400


async def test_a_cursor_of_another_life_is_answered_with_where_to_start(cast: Cast, visit: Visit) -> None:
    answer = await (await visit()).get("/feeds/faq.json?since=99-0123456789ab&language=en&size=5")
    assert (answer.status_code, answer.headers["content-type"]) == (410, "application/problem+json")
    assert answer.json()["start_url"] == "http://127.0.0.1:8000/feeds/faq.json?language=en&size=5"


@pytest.mark.parametrize("size", ["0", "501", "x", "1000", ""])
async def test_pages_have_a_size_within_bounds(cast: Cast, visit: Visit, size: str) -> None:
    guest = await visit()
    assert (await guest.get("/feeds/faq.json", params={"size": size})).status_code == 400


async def test_an_entry_that_leaves_a_language_or_category_is_retracted_for_those_who_asked_for_it(
    cast: Cast, visit: Visit
) -> None:
    entry_id, guest = await make_published(cast), await visit()
    first = (await guest.get("/feeds/faq.json?language=en&category=routers")).json()
    assert len(first["items"]) == 1
    cursor = first["_kundenkreis"]["cursor"]
    editor = await viewer_for(cast.moderator)
    text = (await get_editorial(editor, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, language="de"), version=1, by=editor)
    await publish(cast, entry_id, version=2)
    for query, gone in (("language=en", 1), ("language=de", 0), ("category=routers", 0), ("category=x", 1)):
        later = (await guest.get(f"/feeds/faq.json?{query}&since={cursor}")).json()
        assert len(later["_kundenkreis"]["retractions"]) == gone, query
        assert len(later["items"]) == 1 - gone, query
    assert (await guest.get("/feeds/faq.json?language=xx")).status_code == 404
    assert (await guest.get("/feeds/faq.json?category=A'")).status_code == 404


async def test_whoever_has_it_is_told_so(cast: Cast, visit: Visit) -> None:
    with time_machine.travel(now() - timedelta(minutes=5)):
        await make_published(cast)
    guest = await visit()
    first = await guest.get("/feeds/faq.json")
    tag, date = first.headers["etag"], first.headers["last-modified"]
    strong = tag.removeprefix("W/")
    for known in (tag, strong, f'"other", {strong}', "*"):
        again = await guest.get("/feeds/faq.json", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await guest.get("/feeds/faq.json", headers={"If-None-Match": '"other"'})).status_code == 200
    assert (await guest.get("/feeds/faq.json", headers={"If-Modified-Since": date})).status_code == 304
    both = {"If-Modified-Since": date, "If-None-Match": '"other"'}
    assert (await guest.get("/feeds/faq.json", headers=both)).status_code == 200
    for unusable in ("Sat, 01 Jan 2000 00:00:00 GMT", "yesterday"):
        answer = await guest.get("/feeds/faq.json", headers={"If-Modified-Since": unusable})
        assert answer.status_code == 200


async def test_the_tag_changes_with_what_shows_before_anybody_has_noted_it(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    guest = await visit()
    first = await guest.get("/feeds/faq.json")
    assert "Helper" in first.text
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await guest.get("/feeds/faq.json", headers=tag)).status_code == 304
    assert (await guest.get("/feeds/faq.json?language=en", headers=tag)).status_code == 200
    (source,) = await Post.filter(author_id=cast.helper.id)
    await order.hide_post(source.id, by=await viewer_for(cast.moderator), reason="Wrong")
    later = await guest.get("/feeds/faq.json", headers=tag)
    assert later.status_code == 200
    assert "Helper" not in later.text


async def test_a_page_before_the_last_has_no_date(cast: Cast, visit: Visit) -> None:
    with time_machine.travel(now() - timedelta(minutes=5)):
        await make_published(cast)
        await make_published(cast)
    guest = await visit()
    assert "last-modified" not in (await guest.get("/feeds/faq.json?size=1")).headers
    assert "last-modified" in (await guest.get("/feeds/faq.json?size=2")).headers


async def test_a_change_of_this_second_is_not_dated(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    assert "last-modified" not in (await (await visit()).get("/feeds/faq.json")).headers


async def test_scripts_of_other_websites_may_read_it_compressed_or_only_its_headers(
    cast: Cast, visit: Visit
) -> None:
    await make_published(cast)
    guest = await visit()
    for encoding in ("gzip", "br", ""):
        answer = await guest.get("/feeds/faq.json", headers={"Accept-Encoding": encoding})
        assert answer.headers.get("content-encoding", "") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert len(answer.json()["items"]) == 1
    head = await guest.head("/feeds/faq.json")
    assert (head.status_code, head.headers["etag"]) == (200, answer.headers["etag"])

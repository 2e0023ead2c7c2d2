"""What search engines and previews of links are told: right for open pages, nothing for all others."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import brotli
import httpx2
import pytest

from community.core.clock import now
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.threads import actions, marks
from community.threads.models import Thread
from community.web.structured_data import open_graph_locale
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_entry, make_member, make_thread, opening_of
from tests.fixtures import Visit
from tests.found import structured_rules

BASE = "http://127.0.0.1:8000"


def address(thread: Thread, query: str = "") -> str:
    return f"/threads/{thread.id}-{thread.slug}{query}"


def data(page: httpx2.Response) -> dict[str, dict[str, Any]]:
    """All structured data of a page by type, held against the rules."""
    found: dict[str, dict[str, Any]] = {}
    for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL):
        parts = json.loads(text)
        for part in parts if isinstance(parts, list) else [parts]:
            assert structured_rules.findings(part, BASE) == []
            found[part["@type"]] = part
    return found


def meta(page: httpx2.Response) -> dict[str, str]:
    """Name or property, and content, of all meta elements."""
    pairs = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page.text)
    return {name: unescape(content) for name, content in pairs}


async def read(visit: Visit, path: str, member: Member | None = None) -> httpx2.Response:
    page = await (await visit(member)).get(path)
    assert page.status_code == 200
    return page


async def test_a_question_is_told_with_its_solution_and_its_answers(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Router restarts", body="Every **night** & day."
    )
    opening = await opening_of(thread)
    start = now() - timedelta(hours=2)
    first = await make_answer(thread, cast.helper, "Wait.", at=start)
    second = await make_answer(thread, cast.moderator, "Change the\n\n- power\n- supply", at=now())
    await make_comment(second, cast.asker, "Thank you")
    await make_comment(opening, cast.helper, "Which router?")
    await give_kudos(second.id, by=cast.helper.id)
    await give_kudos(opening.id, by=cast.helper.id)
    await actions.edit_post(first.id, body="Wait a day.", version=1, by=cast.helper.id)
    await marks.accept_solution(second.id, by=cast.asker.id)
    page = data(await read(visit, address(thread)))["QAPage"]
    question = page["mainEntity"]
    assert question["@type"] == "Question"
    assert question["name"] == "Router restarts"
    assert question["text"] == "Every night & day."
    assert (question["answerCount"], question["upvoteCount"], question["commentCount"]) == (2, 1, 1)
    assert question["author"] == {"@type": "Person", "name": "Asker", "url": f"{BASE}/members/Asker"}
    assert question["url"] == BASE + address(thread)
    assert question["datePublished"].endswith("Z")
    assert "dateModified" not in question
    accepted = question["acceptedAnswer"]
    assert accepted["text"] == "Change the\npower\nsupply"
    assert (accepted["upvoteCount"], accepted["commentCount"]) == (1, 1)
    assert accepted["url"] == f"{BASE}/posts/{second.id}"
    assert accepted["author"]["name"] == "Jana K."
    assert accepted["author"]["affiliation"] == {"@type": "Organization", "name": "Weitnetz GmbH"}
    (suggested,) = question["suggestedAnswer"]
    assert suggested["text"] == "Wait a day."
    assert suggested["dateModified"] > suggested["datePublished"]


async def test_a_question_without_answers_is_told_without_them(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    question = data(await read(visit, address(thread)))["QAPage"]["mainEntity"]
    assert question["answerCount"] == 0
    assert "acceptedAnswer" not in question
    assert "suggestedAnswer" not in question


async def test_a_question_is_told_on_its_first_page_with_what_stands_there(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    start = now() - timedelta(days=1)
    answers = [
        await make_answer(thread, cast.helper, f"Answer {number}", at=start + timedelta(minutes=number))
        for number in range(22)
    ]
    await marks.accept_solution(answers[21].id, by=cast.asker.id)
    question = data(await read(visit, address(thread)))["QAPage"]["mainEntity"]
    assert question["answerCount"] == 22
    assert question["acceptedAnswer"]["text"] == "Answer 21"
    assert [answer["text"] for answer in question["suggestedAnswer"]] == [f"Answer {n}" for n in range(20)]
    second = await read(visit, address(thread, "?page=2"))
    assert "QAPage" not in data(second)
    assert "BreadcrumbList" in data(second)
    assert f'<link rel="canonical" href="{BASE}{address(thread, "?page=2")}">' in second.text
    assert "<title>Router loses the connection – Page 2 – Weitnetz" in second.text
    assert f'href="{address(thread)}" rel="prev"' in second.text
    first = await read(visit, address(thread))
    assert f'href="{address(thread, "?page=2")}" rel="next"' in first.text
    assert "<title>Router loses the connection – Weitnetz" in first.text


async def test_a_discussion_is_told_as_such_with_the_comments_of_the_page(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.discussions, cast.asker, title="How do you work", body="Tell me.")
    start = now() - timedelta(days=1)
    for number in range(22):
        await make_answer(thread, cast.helper, f"Reply {number}", at=start + timedelta(minutes=number))
    for query, replies in (("", range(20)), ("?page=2", range(20, 22))):
        found = data(await read(visit, address(thread, query)))
        assert "QAPage" not in found
        posting = found["DiscussionForumPosting"]
        assert posting["headline"] == "How do you work"
        assert posting["text"] == "Tell me."
        assert posting["author"]["name"] == "Asker"
        assert posting["url"] == BASE + address(thread)
        assert [comment["text"] for comment in posting["comment"]] == [f"Reply {n}" for n in replies]
        counts = {
            counter["interactionType"]: counter["userInteractionCount"]
            for counter in posting["interactionStatistic"]
        }
        assert counts == {"https://schema.org/LikeAction": 0, "https://schema.org/CommentAction": 22}


async def test_an_article_is_told_as_such(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.blog, cast.marketing, title="New tariffs", body="From March on.")
    article = data(await read(visit, address(thread)))["BlogPosting"]
    assert article["headline"] == "New tariffs"
    assert article["articleBody"] == "From March on."
    assert article["author"]["name"] == "Mia F."
    assert article["publisher"]["name"] == "Weitnetz GmbH"


async def test_the_home_page_names_the_site_and_who_runs_it(cast: Cast, visit: Visit) -> None:
    page = await read(visit, "/")
    found = data(page)
    assert found["WebSite"]["name"] == "Weitnetz Business Community"
    assert found["WebSite"]["url"] == f"{BASE}/"
    assert found["Organization"]["name"] == "Weitnetz GmbH"
    assert meta(page)["og:title"] == "Weitnetz Business Community"
    assert meta(page)["og:type"] == "website"


async def test_the_way_to_a_page_is_told(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    entry = await make_entry(await make_answer(thread, cast.helper), answer="Update it.")
    for path, names in (
        (address(thread), ["Home", "Internet and routers"]),
        (f"/spaces/{cast.open_space.slug}", ["Home", "Spaces"]),
        (f"/faq/{entry.id}-{entry.slug}", None),
    ):
        steps = data(await read(visit, path))["BreadcrumbList"]["itemListElement"]
        assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
        assert all(step["item"].startswith(f"{BASE}/") for step in steps)
        if names:
            assert [step["name"] for step in steps] == names


@pytest.mark.parametrize("space", ["members_space", "hidden_space", "tile_space"])
async def test_pages_that_are_not_for_everybody_tell_nothing(cast: Cast, visit: Visit, space: str) -> None:
    place = getattr(cast, space)
    thread = await make_thread(place, cast.asker, title="Not for everybody", body="Secret text of ours.")
    for path in (address(thread), f"/spaces/{place.slug}"):
        page = await read(visit, path, cast.colleague)
        assert data(page) == {}
        told = meta(page)
        assert not [name for name in told if name.startswith("og:")]
        assert told["robots"] == "noindex"
        assert 'rel="canonical"' not in page.text
        assert 'type="application/atom+xml"' not in page.text
        assert page.headers["x-robots-tag"] == "noindex"
        assert page.headers["cache-control"] == "private, no-store"
    page = await read(visit, address(thread), cast.colleague)
    assert "description" not in meta(page)
    assert "<title>Not for everybody – " in page.text
    unseen = await (await visit()).get(address(thread))
    assert unseen.status_code == 404
    assert unseen.headers["x-robots-tag"] == "noindex"
    assert data(unseen) == {}


async def test_a_hidden_thread_tells_nothing_to_moderators_either(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await Thread.filter(id=thread.id).update(hidden_at=now())
    page = await read(visit, address(thread), cast.moderator)
    assert data(page) == {}
    assert page.headers["x-robots-tag"] == "noindex"
    assert 'rel="canonical"' not in page.text


async def test_other_orders_of_a_thread_are_not_for_search_engines(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    page = await read(visit, address(thread, "?order=newest"))
    assert data(page) == {}
    assert page.headers["x-robots-tag"] == "noindex"
    plain = await read(visit, address(thread))
    assert "x-robots-tag" not in plain.headers
    assert "robots" not in meta(plain)


async def test_the_preview_of_a_thread_begins_with_what_solves_it(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title='It says "no" & <stops>', body="Question words. " * 30
    )
    before = meta(await read(visit, address(thread)))
    assert before["og:description"].startswith("Question words. Question words.")
    assert len(before["og:description"]) <= 155
    answer = await make_answer(thread, cast.helper, "Change the **power** supply.")
    await marks.accept_solution(answer.id, by=cast.asker.id)
    for query in ("", "?utm_source=letter"):
        told = meta(await read(visit, address(thread, query)))
        assert told["description"] == told["og:description"] == "Change the power supply."
        assert told["og:title"] == 'It says "no" & <stops>'
        assert told["og:type"] == "article"
        assert told["og:url"] == BASE + address(thread)
        assert told["og:locale"] == "en_GB"
        assert told["og:site_name"] == "Weitnetz Business Community"


async def test_no_text_can_end_the_element_it_stands_in(cast: Cast, visit: Visit) -> None:
    nasty = "</script><script>alert(1)</script><!-- \u2028 &"
    thread = await make_thread(cast.open_space, cast.asker, title=nasty, body=nasty)
    await make_answer(thread, cast.helper, f"`{nasty}`")
    page = await read(visit, address(thread))
    element = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert element is not None
    assert not set("<>&") & set(element[1])
    question = data(page)["QAPage"]["mainEntity"]
    assert question["name"] == nasty
    assert "</script><script>alert(1)</script>" in question["suggestedAnswer"][0]["text"]


async def test_a_former_member_is_told_without_a_name(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await Member.filter(id=cast.asker.id).update(erased_at=now())
    question = data(await read(visit, address(thread)))["QAPage"]["mainEntity"]
    assert question["author"] == {"@type": "Person", "name": "Former member"}


def test_a_locale_has_the_likeliest_country() -> None:
    assert open_graph_locale("de") == "de_DE"
    assert open_graph_locale("en") == "en_GB"
    assert open_graph_locale("fr") == "fr_FR"
    assert open_graph_locale("zz") == "zz"


async def test_a_guests_page_with_twenty_posts_keeps_its_budget(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="VPN drops at night", tags=("vpn",))
    words = (
        "The tunnel drops at {n}:14 with error {m:x}; the log of the router says phase {n} was renegotiated. "
        "After the update to version {n}.{m} the registration takes {m} seconds. We measured {m} ms to the gateway. "
        "Try `set vpn lifetime {m}` on unit {n}; it was the cure at three of our branches."
    )
    for number in range(20):
        author = await make_member(f"writer_{number * 37}")
        await make_answer(thread, author, words.format(n=number + 3, m=(number + 7) * 7919 % 5000))
    page = await read(visit, address(thread))
    compressed = brotli.compress(page.text.encode(), quality=4)
    assert len(compressed) <= 14 * 1024, len(compressed)

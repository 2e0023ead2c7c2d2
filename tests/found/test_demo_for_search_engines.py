"""The demo community as a search engine meets it: from robots.txt through the sitemaps to every page and feed."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from html import unescape
from xml.etree import ElementTree

import httpx2
import pytest
from lxml import html

from tests.browser.demo_site import DemoSite, fill
from tests.found import atom_rules, structured_rules

MOST_IN_FILE, MOST_BYTES = 50_000, 50 * 1024 * 1024
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoSite]:
    folder = tmp_path_factory.mktemp("demo")
    await asyncio.to_thread(fill, folder / "filled")
    site = DemoSite(folder / "filled", folder / "site")
    await site.start()
    yield site
    await site.stop()


@pytest.fixture(scope="module")
async def crawled(demo: DemoSite) -> dict[str, httpx2.Response]:
    """Every page that the sitemaps name, by path."""
    pages: dict[str, httpx2.Response] = {}
    async with httpx2.AsyncClient(base_url=demo.address, timeout=60) as robot:
        robots = (await robot.get("/robots.txt")).text
        [start] = re.findall(r"^Sitemap: (\S+)$", robots, re.MULTILINE)
        forbidden = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)
        for file in await _locations(robot, start):
            for address in await _locations(robot, file):
                path = address.removeprefix(demo.address)
                assert path not in pages, f"{path} is listed twice"
                assert not path.startswith(tuple(forbidden)), f"{path} is listed and forbidden"
                pages[path] = await robot.get(path)
    return pages


async def _locations(robot: httpx2.AsyncClient, address: str) -> list[str]:
    answer = await robot.get(address)
    assert answer.status_code == 200, address
    places = [element.findtext(f"{NAMESPACE}loc") or "" for element in ElementTree.fromstring(answer.content)]
    assert 0 < len(places) <= MOST_IN_FILE
    assert len(answer.content) <= MOST_BYTES
    return places


def parts(page: httpx2.Response) -> list[dict]:
    """All structured data of a page."""
    found = []
    for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL):
        told = json.loads(text)
        found += told if isinstance(told, list) else [told]
    return found


async def test_every_listed_page_is_there_once_under_its_own_address(
    demo: DemoSite, crawled: dict[str, httpx2.Response]
) -> None:
    assert len(crawled) > 40
    for path, page in crawled.items():
        assert page.status_code == 200, path
        assert re.findall(r'<link rel="canonical" href="([^"]*)">', page.text) == [demo.address + path], path
        assert "noindex" not in page.headers.get("x-robots-tag", ""), path
        assert 'name="robots"' not in page.text, path
    titles = Counter(unescape(re.findall(r"<title>(.*?)</title>", page.text)[0]) for page in crawled.values())
    assert [title for title, count in titles.items() if count > 1] == []


async def test_structured_data_of_every_page_keeps_the_rules(
    demo: DemoSite, crawled: dict[str, httpx2.Response]
) -> None:
    kinds: Counter[str] = Counter()
    found = []
    for path, page in crawled.items():
        for part in parts(page):
            kinds[part["@type"]] += 1
            found += [f"{path}: {problem}" for problem in structured_rules.findings(part, demo.address)]
    assert found == []
    expected = ("QAPage", "BlogPosting", "FAQPage", "BreadcrumbList", "WebSite")
    assert [kind for kind in expected if not kinds[kind]] == []


async def test_what_is_told_stands_on_the_page(crawled: dict[str, httpx2.Response]) -> None:
    """Search engines punish what only they are told: every text, and every name, is there to be read."""
    texts = 0
    for path, page in crawled.items():
        main = html.fromstring(page.content)
        shown = " ".join(main.text_content().split())
        for part in parts(page):
            told = part["mainEntity"] if part["@type"] == "QAPage" else part
            answers = [told.get("acceptedAnswer"), *told.get("suggestedAnswer", ()), *told.get("comment", ())]
            for post in [told, *answers]:
                if not isinstance(post, dict) or not (post.get("text") or post.get("articleBody")):
                    continue
                lines = (post.get("text") or post["articleBody"]).split("\n")
                missing = [line for line in lines if "".join(line.split()) not in "".join(shown.split())]
                assert missing == [], path
                assert post["author"]["name"] in shown, path
                texts += 1
    assert texts > 40


async def test_feeds_of_every_kind_keep_the_rules(
    demo: DemoSite, crawled: dict[str, httpx2.Response]
) -> None:
    feeds = {
        address
        for page in crawled.values()
        for address in re.findall(r'type="application/atom\+xml"[^>]*href="([^"]+)"', page.text)
    }
    assert len(feeds) > 20
    async with httpx2.AsyncClient(base_url=demo.address, timeout=60) as reader:
        for address in sorted(feeds):
            answer = await reader.get(address)
            assert answer.headers["content-type"].startswith("application/atom+xml")
            assert atom_rules.findings(answer.content, demo.address + address) == [], address


async def test_nothing_of_other_spaces_is_listed_or_told(
    demo: DemoSite, crawled: dict[str, httpx2.Response]
) -> None:
    closed = demo.rows(
        """SELECT t.id, t.title FROM threads t JOIN spaces s ON s.id = t.space_id
        WHERE (s.access <> 'open' OR t.hidden_at IS NOT NULL)
        AND NOT COALESCE(t.merged_into_id IN (SELECT o.id FROM threads o JOIN spaces p ON p.id = o.space_id
        WHERE p.access = 'open' AND o.hidden_at IS NULL), 0)"""
    )
    # What was merged into an open thread is told there.
    assert closed
    everything = "\n".join([*crawled, *(page.text for page in crawled.values())])
    for thread_id, title in closed:
        assert str(thread_id) not in everything
        assert title not in unescape(everything)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answerCount": 3.5}, "answerCount"),
        ({"datePublished": "2026-11-28T10:00:00"}, "datePublished"),
        ({"author": "Asker"}, "author"),
        ({"url": "/threads/1"}, "url"),
        ({"answerCount": 0}, "more answers than are counted"),
        ({"name": ""}, "without name"),
    ],
)
def test_the_rules_notice_what_is_wrong(change: dict, problem: str) -> None:
    person = {"@type": "Person", "name": "Asker"}
    written = {
        "author": person,
        "datePublished": "2026-11-28T10:00:00Z",
        "url": "https://a.example/x",
        "upvoteCount": 0,
    }
    answer = {"@type": "Answer", "text": "Yes.", **written}
    question = {"@type": "Question", "name": "Why?", "answerCount": 1, "acceptedAnswer": answer, **written}
    page = {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": question}
    assert structured_rules.findings(page, "https://a.example") == []
    page["mainEntity"] = question | change
    assert problem in " ".join(structured_rules.findings(page, "https://a.example"))

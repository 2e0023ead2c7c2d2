"""The story of the product, walked in Chromium: in German and English, with scripts and without.

A guest finds an answer; somebody registers and asks under a nickname; an expert answers, a colleague thanks with
kudos, the asker accepts; a moderator handles a flag; an administrator turns the solved thread into an FAQ entry,
which a second person releases, and exports it. Whoever may not read an exclusive space sees nothing of it.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person, answer, enter, find_by_search, finds, register

PASSWORD = "drei grüne Leitern im Hof"
MAIL = "neu@example.com"
NICKNAME = "teekanne_42"
PHONE = "0431 5550123"

TEXTS = {
    "de": {
        "search": "feste ip",
        "space": "internet-glasfaser",
        "title": "Unsere feste IP ist nach der Umstellung auf Glasfaser verschwunden",
        "body": "Seit heute früh bekommt der Router bei jeder Einwahl eine andere Adresse.",
        "answer": "Bitte im Kundencenter unter Adressen die feste Adresse übernehmen und neu verbinden.",
        "offer": "Bei mir im Laden gibt es günstige Router, kommen Sie doch vorbei.",
        "reason": "Werbung hilft bei dieser Frage niemandem.",
        "short": "Ja. Übernehmen Sie die feste Adresse im Kundencenter und verbinden Sie neu.",
    },
    "en": {
        "search": "phone stolen",
        "space": "international-sites",
        "title": "The phone of a colleague was stolen abroad, how do we get a new eSIM",
        "body": "She is in Oslo until Friday and needs her number there.",
        "answer": "Block the old profile in the portal first, then order a new one for the spare phone.",
        "offer": "My shop sells cheap phones, just drop in any time.",
        "reason": "Advertising helps nobody with this question.",
        "short": "Yes. Block the old profile in the portal, then order a new one.",
    },
}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_story_from_the_question_to_the_website(
    language: str, scripts: bool, make_site: MakeSite, chromium: Browser
) -> None:
    story = Story(await make_site(), chromium, language, scripts)
    await story.a_guest_finds_an_answer()
    await story.somebody_registers_and_asks()
    await story.an_expert_answers_and_gets_kudos()
    await story.the_asker_accepts()
    await story.a_moderator_handles_a_flag()
    await story.an_entry_is_drafted_and_released()
    await story.the_faq_is_exported()
    await story.outsiders_see_nothing_of_an_exclusive_space()
    await story.end()


class Story:
    """One walk through the site; each part begins where the one before has ended."""

    def __init__(self, site: DemoSite, browser: Browser, language: str, scripts: bool) -> None:
        self.site = site
        self.texts = TEXTS[language]
        self.thread = ""
        """The path of the question."""
        self.helpful = self.advertising = 0
        """The numbers of two answers."""
        self._browser, self._language, self._scripts = browser, language, scripts
        self._people: dict[str, Person] = {}

    async def person(self, part: str = "") -> Person:
        if part not in self._people:
            self._people[part] = await enter(
                self.site, self._browser, part, language=self._language, scripts=self._scripts
            )
        return self._people[part]

    async def end(self) -> None:
        for person in self._people.values():
            assert person.watch.complaints == []
            await person.context.close()

    async def a_guest_finds_an_answer(self) -> None:
        guest = await self.person()
        await find_by_search(guest, self.texts["search"], scripts=self._scripts)
        assert "/threads/" in guest.page.url
        assert len(await guest.sees("#solution .prose")) > 40
        assert [each["name"] for each in await guest.context.cookies()] in ([], ["language"])

    async def somebody_registers_and_asks(self) -> None:
        asker = self._people["newcomer"] = self._people.pop("")
        await register(asker, nickname=NICKNAME, mail=MAIL, password=PASSWORD)
        page, texts = asker.page, self.texts
        await asker.go("/ask")
        await page.select_option("#f-space", texts["space"])
        await page.click("#f-title")
        if self._scripts:
            await page.keyboard.type(texts["title"], delay=2)
            await asker.sees("#similar li")
        else:
            await page.fill("#f-title", texts["title"])
        await asker.press("[data-none]" if self._scripts else ".ask-next button")
        if self._scripts:
            await page.click(".dups__all > summary")
        await page.click("#similar li summary >> nth=0")
        assert len(await asker.sees("#similar li details[open] .dups__text")) > 20
        assert NICKNAME in await asker.sees(".notice--privacy")
        await page.fill("#f-body", f"{texts['body']} {PHONE}")
        await asker.press("button[name=do][value=publish]")
        # The telephone number could tell who asks: nothing is published, and nothing is lost.
        assert PHONE in await asker.sees(".notice--warning mark")
        assert await page.input_value("#f-title") == texts["title"]
        await page.fill("#f-body", texts["body"])
        await asker.press("button[name=do][value=publish]")
        assert "/threads/" in page.url
        assert texts["body"] in await asker.sees("article .prose")
        self.thread = page.url.removeprefix(self.site.address).split("#")[0]

    async def an_expert_answers_and_gets_kudos(self) -> None:
        self.helpful = await answer(await self.person("expert"), self.thread, self.texts["answer"])
        colleague = await self.person("large")
        await colleague.go(self.thread)
        button = f"#kudos-{self.helpful}-button"
        if self._scripts:
            await colleague.page.click(button)
            await colleague.page.wait_for_selector(f"{button}[aria-pressed=true]")
        else:
            await colleague.press(button)
        assert (await colleague.sees(f"{button}[aria-pressed=true] .num")).strip() == "1"
        self.advertising = await answer(colleague, self.thread, self.texts["offer"])

    async def the_asker_accepts(self) -> None:
        asker = self._people["newcomer"]
        assert await finds(asker, "/notifications", self.texts["title"])
        await asker.go(self.thread)
        await asker.press(f"form[action$='/answers/{self.helpful}/accept'] button")
        assert self.texts["answer"] in await asker.sees("#solution .prose")
        assert NICKNAME in await asker.sees(".solution__bar")

    async def a_moderator_handles_a_flag(self) -> None:
        asker, author = self._people["newcomer"], await self.person("large")
        await asker.page.click(f"#post-{self.advertising} details.more summary")
        await asker.press(f"a[href='/posts/{self.advertising}/flag']")
        await asker.page.check("input[name=reason][value=advertising]")
        await asker.press("form.form button[type=submit]")
        moderator = await self.person("moderator")
        await moderator.go("/moderation")
        offer = json.dumps(self.texts["offer"][:40], ensure_ascii=False)
        await moderator.page.click(f"#work li:has-text({offer}) [data-do=claim] button")
        await moderator.page.wait_for_url(f"**/moderation/posts/{self.advertising}")
        second = await self.person("administrator")
        await second.go(f"/moderation/posts/{self.advertising}")
        assert await second.count("input[name=decision]") == 0, "one item is decided by one person"
        await moderator.page.check("input[name=decision][value=hide]")
        await moderator.page.check("input[name=ground][value=advertising]")
        await moderator.page.fill("#f-reason", self.texts["reason"])
        await moderator.press("form[action$='/decide'] button[type=submit]")
        assert await finds(author, "/notifications", self.texts["reason"])
        expert = await self.person("expert")
        await expert.go(self.thread)
        assert self.texts["offer"] not in await expert.page.content()

    async def an_entry_is_drafted_and_released(self) -> None:
        administrator, moderator = await self.person("administrator"), await self.person("moderator")
        await administrator.go(self.thread)
        await administrator.press("a[href^='/moderation/faq/new']")
        page = administrator.page
        assert self.texts["title"] == await page.input_value("#f-question")
        await page.fill("#f-short_answer", self.texts["short"])
        await page.select_option("#f-category", index=1)
        await administrator.press("button[name=do][value=save]")
        await administrator.press("button[name=do][value=review]")
        path = page.url.removeprefix(self.site.address).split("?")[0]
        assert await administrator.count("form[action$='/release']") == 0, "nobody releases their own text"
        guest = await self.person()
        await guest.go("/faq")
        assert self.texts["title"] not in await guest.page.content()
        await moderator.go(path)
        await moderator.press("form[action$='/release'] button[type=submit]")
        await guest.go("/faq")
        await guest.press(f"main a:has-text('{self.texts['title']}')")
        assert await guest.sees(".faq-answer") == self.texts["short"]
        await guest.go(self.thread)
        assert self.texts["title"] in await guest.sees(".rail a[href^='/faq/']")

    async def the_faq_is_exported(self) -> None:
        administrator = await self.person("administrator")
        await administrator.go("/admin/faq/export")
        await administrator.page.check("input[name=format][value=zip]")
        async with administrator.page.expect_download() as downloading:
            await administrator.page.click("main form button[type=submit]")
        download = await downloading.value
        assert download.suggested_filename.endswith(".zip")
        content = Path(await download.path()).read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            assert bundle.testzip() is None
            # The signature of the manifest is no text.
            names = [name for name in bundle.namelist() if not name.endswith(".sig")]
            texts = {name: bundle.read(name).decode() for name in names}
        assert {"faq.html", "faq.csv", "faq.md"} <= set(texts)
        assert all(self.texts["short"] in texts[name] for name in ("faq.html", "faq.csv", "faq.md"))
        feeds = [json.loads(text) for name, text in texts.items() if name.endswith("json")]
        assert any(self.texts["title"] in json.dumps(feed, ensure_ascii=False) for feed in feeds)

    async def outsiders_see_nothing_of_an_exclusive_space(self) -> None:
        insider, outsider, guest = await self.person("large"), await self.person("small"), await self.person()
        hidden_id, slug, title = self.site.rows(
            "SELECT threads.id, threads.slug, threads.title FROM threads "
            "JOIN spaces ON spaces.id = threads.space_id WHERE spaces.slug = 'grosskundenforum' LIMIT 1"
        )[0]
        await insider.go("/spaces/grosskundenforum")
        assert title in await insider.page.inner_text("main")
        await insider.go(f"/threads/{hidden_id}-{slug}")
        for stranger in (outsider, guest):
            await stranger.go(f"/threads/{hidden_id}-{slug}", status=404)
            for path in ("/", "/spaces", "/spaces/grosskundenforum", f"/search?q={title[:40]}", "/ranking"):
                await stranger.go(path)
                assert title not in (await stranger.page.content()), path

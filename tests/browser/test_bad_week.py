"""A bad week of the staff, played in Chromium: a wave of advertising, a legal notice, an angry customer who is right,
a wrong answer of the staff; and afterwards the log, read by somebody who was not there."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.async_api import Browser

from community.settings import PROJECT
from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite, environment
from tests.browser.people import Person, answer, enter, finds, mailed, register
from tests.chance import without_random

PASSWORD = "sieben nasse Handtücher im Garten"
SPAMMER = "billigfix"
SPAM = [
    f"Gratis gewinnen im besten Casino der Stadt, Runde {number}: Wer heute kommt, bekommt alles doppelt."
    for number in ("eins", "zwei", "drei")
]
LINK = "Alle Tarife im Vergleich stehen auf https://tarife-guenstig.example/heute und sonst nirgends."
ACCUSED = "Dieser Anbieter hat uns dreimal dieselbe Rechnung geschickt, das steht auch in der Zeitung."
WRONG = "Die Kündigungsfrist beträgt immer einen Monat, das gilt für alle Tarife."
RIGHT = "Die Kündigungsfrist steht in Ihrem Vertrag; bei Rahmenverträgen sind es drei Monate."


async def test_a_bad_week_ends_in_order(make_site: MakeSite, chromium: Browser) -> None:
    week = Week(await make_site(), chromium)
    await week.a_wave_of_advertising_comes_and_goes()
    await week.a_guest_reports_and_an_author_objects()
    await week.a_wrong_answer_is_stopped_by_a_colleague()
    await week.the_log_tells_all_of_it()
    await week.end()


class Week:
    """Each part begins where the one before has ended."""

    def __init__(self, site: DemoSite, browser: Browser) -> None:
        self.site, self._browser = site, browser
        self._people: dict[str, Person] = {}

    async def person(self, name: str, part: str = "") -> Person:
        """Somebody with a browser of their own: a part of the demo community, or a guest under any name."""
        if name not in self._people:
            self._people[name] = await enter(self.site, self._browser, part, language="de", scripts=True)
        return self._people[name]

    async def staff(self, part: str) -> Person:
        return await self.person(part, part)

    async def end(self) -> None:
        for person in self._people.values():
            assert person.watch.complaints == []
            await person.context.close()

    def threads(self, many: int) -> list[str]:
        """Open questions of others in one open space, to answer."""
        rows = self.site.rows(
            """SELECT threads.id, threads.slug FROM threads JOIN spaces ON spaces.id = threads.space_id
            WHERE spaces.slug = 'telefonie' AND threads.locked_at IS NULL AND threads.hidden_at IS NULL
            ORDER BY threads.created_at LIMIT ?""",
            many,
        )
        assert len(rows) == many
        return [f"/threads/{number}-{slug}" for number, slug in rows]

    # --- Monday -------------------------------------------------------------------------------------------

    async def a_wave_of_advertising_comes_and_goes(self) -> None:
        spammer, moderator = await self.person("spammer"), await self.staff("moderator")
        await register(spammer, nickname=SPAMMER, mail="kontakt@example.com", password=PASSWORD)
        threads = self.threads(4)
        # Links of newcomers are held until somebody has looked; the author is told, and keeps the text.
        await spammer.go(threads[3])
        await spammer.page.fill("#answer textarea[name=body]", LINK)
        await spammer.press("#answer button[value=publish]")
        assert "/waiting" in spammer.page.url
        assert not await self._anybody_reads(threads[3], LINK[:40])
        posts = [await answer(spammer, path, text) for path, text in zip(threads, SPAM, strict=False)]
        # The list of words is tried on what stands there before it is switched on.
        await moderator.go("/moderation/rules")
        await moderator.press("main a:has-text('Werbung')")
        await moderator.page.check("#f-on")
        await moderator.press("button[value=test]")
        assert "Runde eins" in await moderator.page.inner_text("main")
        await moderator.press("button[value=save]")
        await spammer.go(threads[3])
        await spammer.page.fill("#answer textarea[name=body]", "G r a t i s gew1nnen im C.a.s.i.n.o!")
        await spammer.press("#answer button[value=publish]")
        assert "/waiting" in spammer.page.url
        # One decision takes the wave away, with a ground, and the spammer learns it.
        await moderator.go(f"/members/{SPAMMER}")
        await moderator.press("a[href*='/moderation/several?member=']")
        for text in SPAM:
            assert text[:60] in await moderator.page.inner_text("main")
        await moderator.page.check("input[name=act][value=hide_post]")
        await self._decide(moderator, "advertising", "Dreimal dieselbe Werbung für ein Casino.")
        for path, text in zip(threads, SPAM, strict=False):
            assert not await self._anybody_reads(path, text[:40])
        assert await finds(spammer, "/notifications", "Werbung für ein Casino")
        # Out, at once: the browser that is open does nothing any more.
        await moderator.go(f"/moderation/members/{SPAMMER}/sanction")
        await moderator.page.check("input[name=kind][value=ban]")
        await self._decide(moderator, "advertising", "Nichts als Werbung, unter diesem Namen.")
        await spammer.go("/notifications", status=await self._status(spammer, "/notifications"))
        assert SPAMMER not in await spammer.page.inner_text("header")
        hidden = self.site.value(
            f"SELECT COUNT(*) FROM posts WHERE hidden_at IS NOT NULL AND id IN ({','.join(map(str, posts))})"
        )
        assert hidden == 3

    async def _status(self, person: Person, path: str) -> int:
        answered = await person.context.request.get(path, max_redirects=0)
        return 200 if answered.status in (302, 303) else answered.status

    async def _anybody_reads(self, path: str, words: str) -> bool:
        guest = await self.person("guest")
        await guest.go(path)
        return words in await guest.page.content()

    async def _decide(self, person: Person, ground: str, reason: str) -> None:
        """Fill in on what a decision rests, and why; send the form."""
        choice = person.page.locator(f"main input[name=ground][value={ground}]")
        if await choice.count():
            await choice.check()
        await person.page.fill("#f-reason", reason)
        await person.press("main form:has(#f-reason) button[type=submit] >> nth=0")
        assert await person.count(".notice--error, .errors") == 0, await person.page.inner_text("main")

    # --- Wednesday ----------------------------------------------------------------------------------------

    async def a_guest_reports_and_an_author_objects(self) -> None:
        author, guest = await self.person("large", "large"), await self.person("guest")
        moderator, second = await self.staff("moderator"), await self.staff("administrator")
        thread = self.threads(1)[0]
        post = await answer(author, thread, ACCUSED)
        await guest.go(f"/report?url={self.site.address}/posts/{post}")
        await guest.page.check("input[name=kind][value=defamation]")
        await guest.page.fill("#f-text", "Das ist eine falsche Behauptung über unser Unternehmen.")
        await guest.page.fill("#f-name", "Erika Muster")
        await guest.page.fill("#f-mail", "muster@example.com")
        await guest.page.check("#f-good_faith")
        await guest.press("form.form button[type=submit]")
        status = await mailed(guest, "muster@example.com", r"(/reports?/\S+)")
        await moderator.go(f"/moderation/posts/{post}")
        assert "Erika" not in without_random(await moderator.page.content())
        await moderator.press("[data-do=claim] button")
        await moderator.page.check("input[name=decision][value=hide]")
        await moderator.page.check("input[name=ground][value=law]")
        await moderator.page.fill("#f-ground_name", "§ 186 StGB (üble Nachrede)")
        await moderator.page.fill("#f-reason", "Die Behauptung ist nicht belegt.")
        await moderator.press("form[action$='/decide'] button[type=submit] >> nth=0")
        assert not await self._anybody_reads(thread, ACCUSED[:40])
        assert await finds(guest, status, "nicht belegt")
        # The author reads why, and objects; whoever decided does not decide again.
        await author.go("/decisions")
        await author.press("main a[href^='/decisions/'] >> nth=0")
        assert "§ 186 StGB" in await author.page.inner_text("main")
        await author.page.fill("#f-text", "In der Zeitung vom Dienstag steht es genau so, auf Seite vier.")
        await author.press("main form:has(#f-text) button[type=submit]")
        appeal = self.site.value("SELECT id FROM appeals WHERE text LIKE '%Seite vier%'")
        await moderator.go(f"/moderation/appeals/{appeal}")
        assert await moderator.count("main form input[name=decision]") == 0
        await second.go(f"/moderation/appeals/{appeal}")
        await second.page.check("main input[name=decision][value=grant]")
        await second.page.fill("#f-reason", "Der Artikel belegt es.")
        await second.press("main form:has(#f-reason) button[type=submit] >> nth=0")
        assert await self._anybody_reads(thread, ACCUSED[:40])
        assert await finds(author, "/notifications", "Der Artikel belegt es")

    # --- Friday -------------------------------------------------------------------------------------------

    async def a_wrong_answer_is_stopped_by_a_colleague(self) -> None:
        moderator, second = await self.staff("moderator"), await self.staff("administrator")
        await second.go("/admin/spaces/telefonie")
        await second.page.check("#f-staff_posts_wait")
        await second.press("main form:has(#f-staff_posts_wait) button[type=submit] >> nth=0")
        thread = self.threads(2)[1]
        await moderator.go(thread)
        await moderator.page.fill("#answer textarea[name=body]", WRONG)
        await moderator.press("#answer button[value=publish]")
        own = re.search(r"/waiting/(\d+)", moderator.page.url)
        assert own, moderator.page.url
        await moderator.go(f"/moderation/waiting/{own[1]}")
        assert await moderator.count("form[action$='/release']") == 0, "nobody releases their own text"
        await second.go(f"/moderation/waiting/{own[1]}")
        await self._refuse(second, "Das stimmt für Rahmenverträge nicht, bitte prüfen.")
        assert await finds(moderator, "/notifications", "Rahmenverträge")
        await moderator.go(f"/waiting/{own[1]}")
        assert await moderator.page.input_value("#f-body") == WRONG
        await moderator.page.fill("#f-body", RIGHT)
        await moderator.press("main form:has(#f-body) button[type=submit] >> nth=0")
        assert not await self._anybody_reads(thread, WRONG[:40])
        await second.go(f"/moderation/waiting/{own[1]}")
        await second.press("form[action$='/release'] button[type=submit] >> nth=0")
        assert await self._anybody_reads(thread, RIGHT[:40])

    async def _refuse(self, person: Person, reason: str) -> None:
        form = person.page.locator("form[action$='/refuse']")
        choice = form.locator("input[name=ground][value=place]")
        if await choice.count():
            await choice.check()
        await form.locator("[name=reason]").fill(reason)
        async with person.page.expect_navigation():
            await form.locator("button[type=submit]").first.click()

    # --- afterwards ---------------------------------------------------------------------------------------

    async def the_log_tells_all_of_it(self) -> None:
        auditor = await self.staff("administrator")
        for act, words in (
            ("hide_post", "Dreimal dieselbe Werbung"),
            ("ban_member", "Nichts als Werbung"),
            ("uphold_flags", "nicht belegt"),
            ("grant_appeal", "Der Artikel belegt es"),
            ("refuse_text", "Rahmenverträge"),
            ("change_rule", "Werbung"),
        ):
            await auditor.go(f"/moderation/log?act={act}")
            assert words in await auditor.page.inner_text("main"), act
        await auditor.go("/moderation/log?act=uphold_flags")
        await auditor.press("main th a[href^='/moderation/log/'] >> nth=0")
        assert "§ 186 StGB" in await auditor.page.inner_text("main")
        await auditor.go("/admin/transparency")
        assert "Das Gesetz" in await auditor.page.inner_text("main")
        checked = subprocess.run(
            [sys.executable, "-m", "community", "check"],
            cwd=PROJECT,
            env=environment(self.site.folder, BASE_URL=self.site.address),
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

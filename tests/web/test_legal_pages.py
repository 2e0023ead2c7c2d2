"""Imprint, privacy, terms, netiquette: the desk, publishing, old versions, and the way to the imprint."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from community.accounts.letters import Letter, as_text
from community.core.clock import now
from community.core.i18n import local_time
from community.decisions.models import LogEntry
from community.site_texts import actions, queries
from community.site_texts.models import SiteTextVersion
from community.web.mail_look import configured_look
from tests.cast import Cast
from tests.factories import viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

DESK = "/admin/pages/terms"


def form(version: int = 0, **changes: str) -> dict[str, str]:
    return {
        "text_en": "## Terms\n\nBe kind to each other.",
        "text_de": "## Bedingungen\n\nSeien Sie freundlich.",
        "summary_en": "",
        "summary_de": "",
        "note": "First draft",
        "version": str(version),
        "do": "save",
    } | changes


async def test_a_saved_version_is_seen_by_nobody_until_it_is_published(cast: Cast, visit: Visit) -> None:
    guest, desk = await visit(), await visit(cast.administrator)
    assert (await desk.post(DESK, data=form(), headers=ORIGIN)).status_code == 303
    assert "Be kind" not in (await guest.get("/pages/terms")).text
    assert "First draft" in (await desk.get(DESK)).text
    published = await desk.post(
        f"{DESK}/publish", data={"version": "1", "valid_from": "", "reason": "We open"}, headers=ORIGIN
    )
    assert published.status_code == 303
    page = (await guest.get("/pages/terms")).text
    assert "Be kind to each other." in page
    assert "Version 1" in page
    german = await guest.get("/pages/terms", headers={"Accept-Language": "de"})
    assert "Seien Sie freundlich." in german.text
    entry = await LogEntry.get(act="publish_page")
    assert (entry.reason, entry.details) == (
        "We open",
        {"page": "terms", "version": 1, "needs_acceptance": False},
    )
    assert "Terms" in (await desk.get("/moderation/log")).text


async def test_a_version_of_a_later_day_is_announced_and_counts_from_then_on(
    cast: Cast, visit: Visit
) -> None:
    guest, desk = await visit(), await visit(cast.administrator)
    await desk.post(DESK, data=form(), headers=ORIGIN)
    day = (local_time(now()) + timedelta(days=30)).date().isoformat()
    await desk.post(
        f"{DESK}/publish", data={"version": "1", "valid_from": day, "reason": "Ahead"}, headers=ORIGIN
    )
    page = (await guest.get("/pages/terms")).text
    assert "Be kind" not in page
    assert f"/pages/terms/{day}-1" in page
    announced = (await guest.get(f"/pages/terms/{day}-1")).text
    assert "Be kind" in announced
    assert "comes into force" in announced
    await SiteTextVersion.filter(version=1).update(valid_from=now())
    assert "Be kind" in (await guest.get("/pages/terms")).text


async def test_every_version_stays_readable_and_points_to_the_one_in_force(cast: Cast, visit: Visit) -> None:
    guest, by = await visit(), await viewer_for(cast.administrator)
    for number, text in enumerate(("Old words stand here.", "New words stand here."), start=1):
        await actions.save_version(
            "terms", {"en": text, "de": text}, {"en": "Other words."}, seen=number - 1, note="", by=by
        )
        await actions.publish_version("terms", number, valid_from=now(), by=by, reason="Because")
    links = re.findall(r'href="(/pages/terms/[^"]+)"', (await guest.get("/pages/terms")).text)
    assert len(links) == 3  # the template of the software is one of them
    old = await guest.get(links[1])
    assert "Old words stand here." in old.text
    assert "This is an earlier version" in old.text
    assert old.headers["x-robots-tag"] == "noindex"
    assert '<link rel="canonical" href="http://127.0.0.1:8000/pages/terms">' in old.text
    new = await guest.get(links[0])
    assert "Other words." in new.text
    assert re.search(r"<del>.*Old.*</del><ins>.*New.*</ins>", new.text)
    assert "not filled in yet" in (await guest.get(links[2])).text
    assert (await guest.get("/pages/terms/2001-01-01-1")).status_code == 404
    assert (await guest.get("/pages/terms/nonsense")).status_code == 404


async def test_two_who_save_at_once_lose_nothing(cast: Cast, visit: Visit) -> None:
    first, second = await visit(cast.administrator), await visit(cast.administrator)
    await first.post(DESK, data=form(text_en="What the first one wrote."), headers=ORIGIN)
    answer = await second.post(DESK, data=form(text_en="What the second one wrote."), headers=ORIGIN)
    assert answer.status_code == 409
    assert "What the first one wrote." in answer.text
    assert "What the second one wrote." in answer.text
    again = form(1, text_en="What the second one wrote.")
    assert (await second.post(DESK, data=again, headers=ORIGIN)).status_code == 303
    shelf = await queries.get_shelf("terms")
    assert [version.texts["en"][:14] for version in shelf.versions[:2]] == [
        "What the secon",
        "What the first",
    ]


async def test_what_was_not_seen_cannot_be_published(cast: Cast, visit: Visit) -> None:
    desk = await visit(cast.administrator)
    await desk.post(DESK, data=form(), headers=ORIGIN)
    await desk.post(DESK, data=form(1, text_en="Other words."), headers=ORIGIN)
    stale = {"version": "1", "valid_from": "", "reason": "Because"}
    assert (await desk.post(f"{DESK}/publish", data=stale, headers=ORIGIN)).status_code == 409
    for wrong in ({"reason": ""}, {"valid_from": "soon"}, {"valid_from": "0001-01-01"}):
        answer = await desk.post(f"{DESK}/publish", data=stale | {"version": "2"} | wrong, headers=ORIGIN)
        assert answer.status_code == 422
    assert not await LogEntry.filter(act="publish_page").exists()


async def test_a_preview_saves_nothing_and_mistakes_keep_what_was_typed(cast: Cast, visit: Visit) -> None:
    desk = await visit(cast.administrator)
    preview = await desk.post(DESK, data=form(do="preview", text_en="**Bold** words"), headers=ORIGIN)
    assert "<strong>Bold</strong> words" in preview.text
    wrong = await desk.post(DESK, data=form(text_de="", text_en="Kept words"), headers=ORIGIN)
    assert wrong.status_code == 422
    assert "Kept words" in wrong.text
    assert not await SiteTextVersion.exists()


async def test_only_administrators_write_pages(cast: Cast, visit: Visit) -> None:
    for person in (None, cast.outsider, cast.moderator, cast.marketing):
        browser = await visit(person) if person else await visit()
        for path in ("/admin/pages", DESK, f"{DESK}/versions/0"):
            assert (await browser.get(path)).status_code == 404
        assert (await browser.post(DESK, data=form(), headers=ORIGIN)).status_code == 404
    assert (await (await visit(cast.administrator)).get("/admin/pages/nothing")).status_code == 404


async def test_administrators_are_reminded_until_the_imprint_is_filled_in(cast: Cast, visit: Visit) -> None:
    desk, by = await visit(cast.administrator), await viewer_for(cast.administrator)
    assert "The imprint is not filled in" in (await desk.get("/admin")).text
    assert "Still to be filled in" in (await desk.get("/admin/pages")).text
    texts = dict.fromkeys(
        ("de", "en"), f"Operator GmbH, Street 1, 12345 Town. mail@operator.example. {'x' * 60}"
    )
    await actions.save_version("imprint", texts, {}, seen=0, note="", by=by)
    assert "The imprint is not filled in" in (await desk.get("/admin")).text
    await actions.publish_version("imprint", 1, valid_from=now(), by=by, reason="Filled in")
    assert "The imprint is not filled in" not in (await desk.get("/admin")).text
    await actions.save_version("imprint", {"de": " ", "en": "."}, {}, seen=1, note="", by=by)
    await actions.publish_version("imprint", 2, valid_from=now(), by=by, reason="Emptied")
    assert "The imprint is not filled in" in (await desk.get("/admin")).text


def test_the_imprint_is_one_click_from_every_mail() -> None:
    letter = Letter("Subject", ["Text"])
    assert "http://127.0.0.1:8000/pages/imprint" in as_text(letter)
    assert 'href="http://127.0.0.1:8000/pages/imprint"' in configured_look()(letter)


@pytest.mark.parametrize("who", ["guest", "outsider", "administrator"])
async def test_the_imprint_is_one_click_from_errors(cast: Cast, visit: Visit, who: str) -> None:
    browser = await visit(None if who == "guest" else getattr(cast, who))
    wrong_method = await browser.post("/pages/imprint", headers=ORIGIN)
    for answer in (await browser.get("/nothing"), await browser.get("/threads/1-x"), wrong_method):
        assert answer.status_code in (404, 405)
        assert 'href="/pages/imprint"' in answer.text

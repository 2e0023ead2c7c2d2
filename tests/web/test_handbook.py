"""The handbook of the team: read by all staff, written by administrators, found by nobody else."""

from __future__ import annotations

import pytest

from community.decisions.models import LogEntry
from community.site_texts.defaults import default_texts
from tests.cast import Cast
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

HERE, DESK = "/moderation/handbook", "/admin/pages/handbook"


async def test_all_staff_read_the_text_that_the_software_brings(cast: Cast, visit: Visit) -> None:
    for person in (cast.moderator, cast.marketing, cast.administrator):
        page = await (await visit(person)).get(HERE)
        assert page.status_code == 200
        assert "Find out who somebody is." in page.text
        assert 'name="robots" content="noindex' in page.text
        assert (f'href="{DESK}"' in page.text) == (person.id == cast.administrator.id)
    assert HERE in (await (await visit(cast.moderator)).get("/moderation")).text


async def test_nobody_else_finds_it(cast: Cast, visit: Visit) -> None:
    for browser in (await visit(), await visit(cast.asker)):
        for path in (HERE, DESK, "/pages/handbook"):
            assert (await browser.get(path)).status_code == 404
        for path in ("/", "/pages/netiquette", "/sitemap.xml", "/sitemaps/pages.xml"):
            assert "handbook" not in (await browser.get(path)).text
    assert (await (await visit(cast.moderator)).get(DESK)).status_code == 404


@pytest.mark.each_database
async def test_an_administrator_publishes_a_version_and_staff_read_it(cast: Cast, visit: Visit) -> None:
    administrator, moderator = await visit(cast.administrator), await visit(cast.moderator)
    assert DESK in (await administrator.get("/admin/pages")).text
    texts = {"text_en": "## Our evening\n\nThe late shift reads flags first.", "text_de": "## Unser Abend"}
    saved = await administrator.post(DESK, data={"version": "0", **texts}, headers=ORIGIN)
    assert saved.status_code == 303
    assert "late shift" not in (await moderator.get(HERE)).text
    assert "late shift" in (await administrator.get(f"{DESK}/versions/1")).text
    sent = {"version": "1", "reason": "A new shift", "valid_from": "2999-01-01"}
    assert (await administrator.post(f"{DESK}/publish", data=sent, headers=ORIGIN)).status_code == 303
    page = (await moderator.get(HERE)).text
    assert "on a new version counts" in page
    assert "late shift" not in page
    assert (await administrator.post(DESK, data={"version": "1", **texts}, headers=ORIGIN)).status_code == 303
    sent = {"version": "2", "reason": "A new shift"}
    assert (await administrator.post(f"{DESK}/publish", data=sent, headers=ORIGIN)).status_code == 303
    page = (await moderator.get(HERE)).text
    assert "The late shift reads flags first." in page
    assert "Version 2" in page
    entries = await LogEntry.filter(act="publish_page")
    assert {entry.subject for entry in entries} == {"page:5"}
    log = (await moderator.get("/moderation/log")).text
    assert "Handbook of the team" in log
    assert (await (await visit()).get("/pages/handbook")).status_code == 404
    assert (await (await visit()).get("/pages/handbook/2999-01-01-1")).status_code == 404


def test_the_text_is_there_in_both_languages_with_the_same_chapters() -> None:
    texts = default_texts("handbook")
    assert set(texts) == {"de", "en"}
    chapters = {language: text.count("\n## ") for language, text in texts.items()}
    assert chapters["de"] == chapters["en"] == 10

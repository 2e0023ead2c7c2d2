"""New terms that want to be accepted: asked once, nothing typed is lost, reading and leaving stay open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from community.accounts import registration
from community.accounts.links import Purpose, token_of
from community.accounts.models import Registration
from community.accounts.rules import RegistrationWish
from community.attachments.models import Attachment
from community.core.clock import now
from community.members.models import Member
from community.personal_data.download import gather
from community.personal_data.erasure import erase_member
from community.site_texts import acceptance
from community.site_texts.actions import publish_version, save_version
from community.site_texts.models import SiteTextAcceptance
from community.threads.models import Post
from tests.attachments.posted import send
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_account, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


@pytest.fixture(autouse=True)
async def _forget() -> AsyncIterator[None]:
    yield
    acceptance._wanted_pages.clear()


async def publish(cast: Cast, text: str, *, seen: int, needs_acceptance: bool, page: str = "terms") -> None:
    by = await viewer_for(cast.administrator)
    texts = {"en": text, "de": text}
    await save_version(page, texts, {"en": "The notice is longer."}, seen=seen, note="", by=by)
    await publish_version(
        page, seen + 1, valid_from=now(), by=by, reason="Because", needs_acceptance=needs_acceptance
    )


async def test_typing_errors_ask_nobody(cast: Cast, visit: Visit) -> None:
    await publish(cast, "Terms.", seen=0, needs_acceptance=False)
    browser = await visit(cast.outsider)
    assert "What is new" not in (await browser.get("/")).text
    assert (await browser.get("/accept")).status_code == 303


@pytest.mark.each_database
async def test_a_new_version_is_shown_once_and_accepted(cast: Cast, visit: Visit) -> None:
    await publish(cast, "Four weeks.", seen=0, needs_acceptance=True)
    browser, guest = await visit(cast.outsider), await visit()
    assert "/accept" not in (await guest.get("/")).text
    assert 'href="/accept?next=/"' in (await browser.get("/")).text
    question = (await browser.get("/accept?next=/spaces")).text
    assert "The notice is longer." in question
    assert '"/pages/terms/' in question
    assert "<ins>" in question
    form = {"versions": "terms-1", "next": "/spaces"}
    answer = await browser.post("/accept", data=form, headers=ORIGIN)
    assert answer.headers["location"] == "/spaces"
    assert "/accept?" not in (await browser.get("/")).text
    kept = await SiteTextAcceptance.get(member_id=cast.outsider.id)
    assert (kept.page, kept.version, kept.language, kept.way) == ("terms", 1, "en", "visit")


async def test_what_has_changed_is_told_from_what_was_accepted_last(cast: Cast, visit: Visit) -> None:
    for number, word in enumerate(("four", "six", "eight")):
        await publish(
            cast, f"We end an account with {word} weeks.", seen=number, needs_acceptance=number != 1
        )
        if number == 0:
            await acceptance.accept(cast.outsider.id, {"terms": 1}, language="en", way="visit")
    question = (await (await visit(cast.outsider)).get("/accept")).text
    assert re.search(r"<del>.*four.*</del><ins>.*eight", question)
    assert "six" not in without_random(question)


async def test_a_version_that_was_not_shown_is_not_accepted(cast: Cast, visit: Visit) -> None:
    await publish(cast, "Old.", seen=0, needs_acceptance=True)
    await publish(cast, "New.", seen=1, needs_acceptance=True)
    browser = await visit(cast.outsider)
    for marks in ("terms-1", "terms-99", "nonsense", "", "terms-2x"):
        answer = await browser.post("/accept", data={"versions": marks, "next": "/"}, headers=ORIGIN)
        assert answer.headers["location"].startswith("/accept")
    assert not await SiteTextAcceptance.exists()


async def test_writing_asks_first_and_loses_nothing(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await publish(cast, "Terms.", seen=0, needs_acceptance=True)
    browser = await visit(cast.outsider)
    text = 'First line\n\n  second "line" <b>&amp;'
    url = f"/threads/{thread.id}/answers"
    asked = await browser.post(url, data={"body": text, "submission": "k1"}, headers=ORIGIN)
    assert asked.status_code == 409
    assert not await Post.filter(author_id=cast.outsider.id).exists()
    found = re.search(r'<textarea name="body" hidden>\n(.*?)</textarea>', asked.text, re.DOTALL)
    assert found and unescape(found[1]) == text
    action = re.search(r'<form method="post" action="([^"]*accepted-versions[^"]*)"', asked.text)
    assert action
    sent = await browser.post(unescape(action[1]), data={"body": text, "submission": "k1"}, headers=ORIGIN)
    assert sent.status_code == 303
    post = await Post.get(author_id=cast.outsider.id)
    assert post.body == text.strip()
    assert await SiteTextAcceptance.filter(member_id=cast.outsider.id, page="terms", version=1).exists()


async def test_reading_leaving_and_ones_own_data_stay_open(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await publish(cast, "Terms.", seen=0, needs_acceptance=True)
    browser = await visit(cast.outsider)
    for path in ("/", f"/threads/{thread.id}", "/settings/data", "/settings/data/erase", "/pages/terms"):
        assert (await browser.get(path, follow_redirects=True)).status_code == 200
    for path in ("/settings/data/download", "/settings/data/erase"):
        refused = await browser.post(path, data={}, headers=ORIGIN)
        assert "Before you write" not in refused.text  # the password is asked for, and nothing else
        assert refused.status_code == 422
    script = await browser.post(
        f"/threads/{thread.id}/follow",
        headers=ORIGIN | {"HX-Request": "true", "HX-Current-URL": "/spaces?x=1"},
    )
    assert script.headers["hx-redirect"] == "/accept?next=%2Fspaces%3Fx%3D1"
    assert (await browser.post("/log-out", headers=ORIGIN)).status_code == 303


async def test_whoever_registers_accepts_what_is_in_force_then(cast: Cast) -> None:
    await publish(cast, "Terms.", seen=0, needs_acceptance=True)
    wish = RegistrationWish("newcomer", "new@customer.example", "drei kurze boote fahren", "", "")
    await registration.register(wish, language="de", browser="b")
    await publish(cast, "Other terms.", seen=1, needs_acceptance=True)
    row = await Registration.get(nickname="newcomer")
    await registration.confirm_registration(token_of(Purpose.CONFIRM, row.nonce))
    member = await Member.get(nickname="newcomer")
    kept = await SiteTextAcceptance.filter(member_id=member.id).order_by("page")
    assert [(each.page, each.version, each.way) for each in kept] == [
        ("netiquette", 0, "registration"),
        ("privacy", 0, "registration"),
        ("terms", 1, "registration"),
    ]
    assert {each.accepted_at for each in kept} == {row.created_at}
    assert [wanted.mark for wanted in await acceptance.list_wanted(member.id)] == ["terms-2"]


async def test_an_acceptance_is_in_the_download_and_goes_with_the_member(cast: Cast) -> None:
    await make_account(cast.outsider)
    await acceptance.accept(cast.outsider.id, {"terms": 3}, language="en", way="visit")
    await acceptance.accept(cast.outsider.id, {"terms": 3}, language="de", way="visit")
    viewer = await viewer_for(cast.outsider)
    (section,) = (await gather(viewer))["acceptances"]
    assert (section["name"], section["version"], section["language"]) == ("terms", 3, "en")  # type: ignore[index]
    await erase_member(viewer, with_texts=False, language="en")
    assert not await SiteTextAcceptance.exists()


async def test_staff_see_a_count_and_no_small_one(cast: Cast, visit: Visit) -> None:
    await publish(cast, "Terms.", seen=0, needs_acceptance=True)
    desk = await visit(cast.administrator)
    people = (cast.asker, cast.helper, cast.colleague, cast.outsider, cast.moderator)
    for place, person in enumerate(people, start=1):
        await acceptance.accept(person.id, {"terms": 1}, language="en", way="visit")
        page = (await desk.get("/admin/pages/terms")).text
        assert ("5 members have accepted" if place == 5 else "Fewer than five members") in page


async def test_a_form_with_files_loses_neither_text_nor_files(cast: Cast, visit: Visit) -> None:
    """Browsers send such forms in another way, and with a field for files even where none was chosen."""
    thread = await make_thread(cast.open_space, cast.asker)
    await publish(cast, "Now with files.", seen=0, needs_acceptance=True)
    client = await visit(cast.helper)
    url, body = f"/threads/{thread.id}/answers", "Typed with care, for an hour."
    asked = await send(client, url, {"body": body, "do": "publish"}, [("long.log", b"x" * 1_200_000)])
    assert asked.status_code == 409
    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', asked.text, re.DOTALL)
    kept = {name: unescape(value) for name, value in found}
    assert kept["body"] == body
    action = re.search(r'<form method="post" action="([^"]*accepted-versions[^"]*)"', asked.text)
    assert action
    answer = await client.post(unescape(action[1]), data=kept)
    assert answer.status_code == 303, answer.text
    post = await Post.get(kind="answer")
    assert [row.name for row in await Attachment.filter(post_id=post.id)] == ["long.log"]

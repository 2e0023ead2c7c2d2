"""Consent to marketing: two steps in, one click out, and proof of all of it."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest
import time_machine
from starlette.types import ASGIApp

from community.accounts import consents, links
from community.accounts.consents import Purpose, find_unsubscribe_token, list_consenting
from community.accounts.links import LinkEnded
from community.accounts.models import Consent
from community.core.clock import now
from community.core.db.connection import Dialect
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in
from tests.cast import Cast
from tests.clients import browser
from tests.factories import make_account, make_member
from tests.fixtures import Visit

MAIL = "nora@acme.example"


async def agree(client: httpx2.AsyncClient, engine: SearchEngine, purpose: str = "news") -> str:
    """Tick the box and return the path of the link in the mail that follows."""
    answer = await client.post(f"/settings/consents/{purpose}/give", data={"agree": "1"})
    assert answer.status_code == 303
    await deliver(engine)
    return path_in((await mails_to(MAIL))[0])


async def consenting(cast: Cast, purpose: Purpose = Purpose.NEWS) -> bool:
    return await list_consenting(purpose, [cast.asker.id, cast.helper.id]) == {cast.asker.id}


async def test_a_yes_counts_after_it_was_confirmed_by_mail(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    page = (await member.get("/settings/consents")).text
    assert page.count('type="checkbox"') == 3
    assert " checked" not in page
    path = await agree(member, search_engine)
    assert not await consenting(cast)
    assert "Your consent counts once you have confirmed it" in (await member.get("/settings/consents")).text

    guest = await visit()
    shown = await guest.get(path)
    assert shown.status_code == 200
    assert not await consenting(cast), "programs that scan mails confirm nothing"
    answer = await guest.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    assert answer.status_code == 303
    assert await consenting(cast)
    assert not await consenting(cast, Purpose.SURVEYS)
    assert (await guest.get(path)).status_code == 410
    again = await guest.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    assert again.status_code == 410


async def test_the_button_without_the_tick_is_no_yes(cast: Cast, visit: Visit) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    await member.post("/settings/consents/news/give", data={})
    assert await Consent.all().count() == 0
    assert (await member.post("/settings/consents/everything/give", data={"agree": "1"})).status_code == 404


async def test_one_click_in_the_settings_withdraws(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    path = await agree(member, search_engine)
    await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    assert (await member.post("/settings/consents/news/withdraw")).status_code == 303
    assert not await consenting(cast)
    row = await Consent.get(purpose="news")
    assert (row.withdrawn_by, row.withdrawn_at is not None) == ("settings", True)
    assert "Withdrawn on" in (await member.get("/settings/consents")).text


async def test_a_request_that_was_withdrawn_cannot_be_confirmed(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    path = await agree(member, search_engine)
    await member.post("/settings/consents/news/withdraw")
    answer = await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    assert answer.status_code == 410
    assert not await consenting(cast)


async def test_a_mail_program_withdraws_by_one_request_without_cookies(
    cast: Cast, visit: Visit, search_engine: SearchEngine, app: ASGIApp
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    path = await agree(member, search_engine)
    await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    token = await find_unsubscribe_token(cast.asker.id, Purpose.NEWS)
    url = f"/unsubscribe?token={token}"
    async with browser(app) as program:
        del program.headers["Sec-Fetch-Site"]
        assert (await program.get(url)).status_code == 200
        assert await consenting(cast), "looking withdraws nothing"
        for _ in range(2):
            answer = await program.post(url, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        assert (await program.post("/unsubscribe?token=nonsense")).status_code == 410
    assert not await consenting(cast)
    assert await find_unsubscribe_token(cast.asker.id, Purpose.NEWS) is None
    assert (await Consent.get(purpose="news")).withdrawn_by == "mail"


async def test_the_link_of_an_old_mail_ends_a_newer_consent_too(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    path = await agree(member, search_engine)
    await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    old = await find_unsubscribe_token(cast.asker.id, Purpose.NEWS)
    await member.post("/settings/consents/news/withdraw")
    with time_machine.travel(now() + timedelta(minutes=1)):
        path = await agree(member, search_engine)
        await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
        assert await consenting(cast)
        assert old is not None
        await consents.withdraw_by_link(old)
    assert not await consenting(cast)


async def test_the_proof_tells_the_whole_chain_to_the_member_alone(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=MAIL)
    member = await visit(cast.asker)
    path = await agree(member, search_engine)
    await member.post("/consents/confirm", data={"token": path.partition("token=")[2]})
    await member.post("/settings/consents/news/withdraw")
    answer = await member.get("/settings/consents/proof")
    assert "attachment" in answer.headers["content-disposition"]
    (proof,) = answer.json()["consents"]
    assert "I agree that" in proof["text"]
    assert proof["text_version"] == consents.version_of(proof["text"])
    assert (proof["purpose"], proof["source"], proof["language"]) == ("news", "/settings/consents", "en")
    assert proof["asked_from"] == proof["confirmed_from"] == "127.0.0.1"
    assert proof["asked_at"] <= proof["confirmed_at"] <= proof["withdrawn_at"]
    assert (await (await visit(cast.helper)).get("/settings/consents/proof")).json() == {"consents": []}
    assert (await (await visit()).get("/settings/consents/proof")).status_code == 303


@pytest.mark.each_database
async def test_a_new_consent_replaces_the_one_before(db: Dialect) -> None:
    member = await make_member("Nora")
    await make_account(member, mail=MAIL)
    for text in ("I agree to this.", "I agree to that."):
        await consents.ask_consent(
            member.id, Purpose.NEWS, text=text, language="en", source="/settings/consents", place="192.0.2.1"
        )
        row = await Consent.get(text=text)
        await consents.confirm_consent(links.token_of(links.Purpose.CONSENT, row.nonce), place="192.0.2.1")
    records = await consents.list_own_consents(member.id)
    assert {record.text: record.state for record in records} == {
        "I agree to this.": "withdrawn",
        "I agree to that.": "given",
    }
    assert await list_consenting(Purpose.NEWS, [member.id]) == {member.id}


@pytest.mark.each_database
async def test_what_nobody_confirms_is_forgotten_and_counts_never(db: Dialect) -> None:
    member = await make_member("Nora")
    await make_account(member, mail=MAIL)
    await consents.ask_consent(
        member.id,
        Purpose.NEWS,
        text="I agree.",
        language="en",
        source="/settings/consents",
        place="192.0.2.1",
    )
    row = await Consent.get(purpose="news")
    with time_machine.travel(now() + timedelta(days=8)):
        with pytest.raises(LinkEnded):
            await consents.confirm_consent(
                links.token_of(links.Purpose.CONSENT, row.nonce), place="192.0.2.1"
            )
        await consents.forget_unconfirmed()
    assert await Consent.all().count() == 0

"""Mails about the account: what they say, and what happens where nobody takes them."""

from __future__ import annotations

import secrets

import pytest
from markupsafe import escape

from community.accounts import letters, mails
from community.accounts.letters import Letter
from community.accounts.models import Account
from community.companies import mails as company_mails
from community.core import i18n, outbox
from community.core.mail import stored_mails
from community.core.models import OutboxFact
from community.settings import settings
from community.web.mail_look import configured_look
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.factories import make_account, make_member

EVERY_LETTER = [
    mails._confirm_address("http://127.0.0.1:8000/confirm?token=x"),
    mails._known_address(),
    mails._new_password("http://127.0.0.1:8000/new-password?token=x"),
    mails._confirm_new_address("http://127.0.0.1:8000/confirm?token=x"),
    mails._address_changes(),
    mails._password_changed(),
    company_mails._invitation("http://127.0.0.1:8000/join?token=x", True),
    company_mails._offboarded(),
    company_mails._joined(),
    company_mails._refused(),
]


@pytest.mark.parametrize("letter", EVERY_LETTER, ids=lambda letter: letter.subject)
def test_every_mail_says_the_same_as_text_and_as_html(letter: Letter) -> None:
    text, html = letters.as_text(letter), configured_look()(letter)
    assert text.startswith("Hello,")
    for said in (*letter.paragraphs, letter.link, *letter.after):
        assert said in text
        assert str(escape(said)) in html
    assert not letter.link or letter.link.startswith(settings.base_url)
    assert "<img" not in html
    assert "<style" not in html


def test_what_stands_in_a_letter_cannot_become_html() -> None:
    html = configured_look()(Letter("<s>", ["<b>&"], 'http://127.0.0.1/?a=1&b="', "<i>"))
    assert "<b>" not in html
    assert "<s>" not in html
    assert "<i>" not in html
    assert 'href="http://127.0.0.1/?a=1&amp;b=&#34;"' in html


async def test_a_mail_that_nobody_takes_is_given_up_and_holds_nothing_back(
    db: str, search_engine: SearchEngine
) -> None:
    account = await make_account(await make_member(), mail="no address at all")
    await outbox.record("account.password_changed", account_id=account.id, language="en")
    await deliver(search_engine)
    assert not await OutboxFact.filter(done_at=None).exists()


async def test_the_same_fact_twice_is_the_same_mail(db: str, search_engine: SearchEngine) -> None:
    address = f"erika.{secrets.token_hex(6)}@acme.example"
    account = await make_account(await make_member(), mail=address)
    await outbox.record("account.password_changed", account_id=account.id, language="de")
    await deliver(search_engine)
    await OutboxFact.filter(name="account.password_changed").update(
        done_at=None, delivered=[], leased_until=None
    )
    await deliver(search_engine)
    [letter] = await mails_to(address)
    assert str(account.id) not in letter.id
    assert i18n.language() == "en", "the language of one mail is not that of the next"


async def test_a_mail_about_what_is_gone_is_not_written(db: str, search_engine: SearchEngine) -> None:
    account = await make_account(await make_member(), mail=f"{secrets.token_hex(6)}@acme.example")
    await outbox.record("account.password_changed", account_id=account.id, language="en")
    await outbox.record("account.registered", registration_id=1)
    await outbox.record("account.reset_requested", link_id=1)
    await outbox.record("account.new_mail_requested", link_id=1)
    await Account.all().delete()
    before = len(await stored_mails(settings.var_dir, 1000))
    await deliver(search_engine)
    assert len(await stored_mails(settings.var_dir, 1000)) == before
    assert not await OutboxFact.filter(done_at=None).exists()

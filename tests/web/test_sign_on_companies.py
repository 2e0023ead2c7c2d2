"""Company and attributes of people who log in at the log-in provider, as its claims say them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from community.accounts import sign_ons, vault
from community.accounts.belonging import Belonging, set_belonging
from community.accounts.models import (
    Account,
)
from community.accounts.sign_ons import Vouched
from community.companies.models import Company, Joining
from community.http import oidc
from community.segments.actions import AttributeWish, make_attribute
from community.segments.attributes import get_account_values, get_company_values
from community.segments.models import Kind, Subject
from tests.cast import Cast
from tests.companies.colleagues import company_of
from tests.factories import make_account, make_company, viewer_for
from tests.fixtures import Visit
from tests.oidc_providers import (
    CHOICE,
    ERIKA,
    RealProvider,
    lying_provider,
    provider_process,
    real_provider,
    use_provider,
)
from tests.web.test_single_sign_on import become_member, travel

__all__ = ["lying_provider", "provider_process", "real_provider"]


@pytest.mark.each_database
async def test_the_company_of_the_claim_is_joined(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    company = await make_company("Some other name")
    sealed = vault.seal("k-4711", vault.COMPANY_CONTRACT_NUMBER, company.id)
    await Company.filter(id=company.id).update(contract_number_encrypted=sealed)
    member = await become_member(await visit(), real_provider)
    assert await company_of(member) == company.id
    assert (await Joining.get()).state == "joined"


async def test_attributes_of_claims_are_taken_over_at_each_log_in(
    cast: Cast, visit: Visit, real_provider: RealProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await viewer_for(cast.administrator)
    for key, subject in (("industry", Subject.COMPANY), ("role", Subject.ACCOUNT)):
        await make_attribute(key, AttributeWish(key, key), subject=subject, kind=Kind.TEXT, by=by)
    claims = (("industry", "branch"), ("role", "job"), ("undefined", "job"))
    use_provider(monkeypatch, replace(CHOICE, issuer=real_provider.url, attribute_claims=claims))
    company = await make_company("Acme Werke AG")
    monkeypatch.setattr(oidc.provider(), "choice", replace(oidc.provider().choice, company_id_claim=""))  # type: ignore[union-attr]
    await real_provider.set_person(**ERIKA | {"job": "buyer"})
    member = await become_member(await visit(), real_provider)
    account = await Account.get(member_id=member.id)
    assert await company_of(member) == company.id
    assert await get_company_values(company.id) == {"industry": ("logistics", "sign_on")}
    assert await get_account_values(account.id) == {"role": ("buyer", "sign_on")}

    await real_provider.set_person(**ERIKA | {"job": "head", "branch": []})
    await travel(await visit(), real_provider)
    assert await get_account_values(account.id) == {"role": ("head", "sign_on")}
    assert await get_company_values(company.id) == {}
    # What the provider says nothing about stays.
    await real_provider.set_person(**ERIKA)
    await travel(await visit(), real_provider)
    assert await get_account_values(account.id) == {"role": ("head", "sign_on")}


async def test_what_the_provider_says_of_one_company_is_not_written_to_another(
    cast: Cast, visit: Visit, real_provider: RealProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await viewer_for(cast.administrator)
    await make_attribute(
        "industry", AttributeWish("Branche", "Industry"), subject=Subject.COMPANY, kind=Kind.TEXT, by=by
    )
    use_provider(
        monkeypatch, replace(CHOICE, issuer=real_provider.url, attribute_claims=(("industry", "branch"),))
    )
    member, other = await become_member(await visit(), real_provider), await make_company("Other GmbH")
    # The company that the provider names is not here yet.
    account = await Account.get(member_id=member.id)
    await set_belonging(account.id, Belonging(other.id))
    await travel(await visit(), real_provider)
    assert await get_company_values(other.id) == {}


async def test_staff_belong_to_no_company(cast: Cast, visit: Visit, real_provider: RealProvider) -> None:
    company = await make_company("Acme Werke AG")
    await make_account(cast.moderator, mail="jana@operator.example")
    await sign_ons.link(cast.moderator.id, Vouched(real_provider.url, str(ERIKA["sub"])))
    await travel(await visit(), real_provider)
    assert await Company.filter(id=company.id).exists()
    assert await company_of(cast.moderator) is None

"""Logging out here and at the log-in provider."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.accounts import sign_ons
from community.accounts.models import (
    Session,
)
from community.accounts.sign_ons import Vouched
from community.core.rate_limits import Limit
from community.http import oidc, tries
from tests.cast import Cast
from tests.factories import make_account
from tests.fixtures import Visit
from tests.http.test_oidc import log_out_claims
from tests.oidc_providers import (
    LyingProvider,
    RealProvider,
    lying_provider,
    provider_process,
    real_provider,
    use_provider,
)
from tests.web.test_single_sign_on import become_member, start

__all__ = ["lying_provider", "provider_process", "real_provider"]


async def test_log_out_offers_to_end_the_session_there_too(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    await become_member(client, real_provider)
    page = await client.post("/log-out")
    assert page.status_code == 200
    assert f'href="{real_provider.url}/oauth2/end_session?client_id=kundenkreis' in page.text
    assert "id_token_hint=eyJ" in page.text
    assert "Nebelotter" not in page.text
    assert not await Session.filter().exists()
    assert (await client.get("/settings/profile")).status_code == 303


async def test_the_provider_logs_people_out(
    cast: Cast, visit: Visit, lying_provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_provider(monkeypatch, lying_provider.choice(), patience=20.0)
    await make_account(cast.asker, mail="erika@acme.example")
    await sign_ons.link(cast.asker.id, Vouched(lying_provider.url, "qxzsubject-2"))
    clients = []
    for session in ("s1", "s2"):
        client = await visit()
        url = await start(client)
        lying_provider.came(url)
        lying_provider.claims = {"sid": session}
        state = lying_provider.wanted["state"]
        await client.get(oidc.ANSWER_PATH, params={"state": state, "code": "c"})
        clients.append(client)
    with_password = await visit(cast.asker)
    assert await Session.all().count() == 3

    server = await visit()
    server.headers.pop("Sec-Fetch-Site")
    order = {"logout_token": lying_provider.signed(log_out_claims(lying_provider, sid="s1"))}
    answer = await server.post("/log-in/provider/log-out", data=order)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (await clients[0].get("/settings/profile")).status_code == 303
    assert (await clients[1].get("/settings/profile")).status_code == 200
    assert (await server.post("/log-in/provider/log-out", data=order)).status_code == 400, "good for once"
    forged = {"logout_token": "a.b.c"}
    assert (await server.post("/log-in/provider/log-out", data=forged)).status_code == 400
    order = {"logout_token": lying_provider.signed(log_out_claims(lying_provider, jti="order-2"))}
    assert (await server.post("/log-in/provider/log-out", data=order)).status_code == 200
    assert (await clients[1].get("/settings/profile")).status_code == 303
    assert (await with_password.get("/settings/profile")).status_code == 200, "did not begin there"


async def test_what_is_believed_uses_up_no_allowance(
    cast: Cast, visit: Visit, lying_provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_provider(monkeypatch, lying_provider.choice(), patience=20.0)
    monkeypatch.setattr(tries, "SIGN_ONS", Limit("test: provider", 2, timedelta(hours=1)))
    await make_account(cast.asker, mail="erika@acme.example")
    await sign_ons.link(cast.asker.id, Vouched(lying_provider.url, "qxzsubject-2"))
    server = await visit()
    server.headers.pop("Sec-Fetch-Site")
    # A whole company comes from one address of the net, and all orders come from the provider's server.
    for number in range(4):
        client = await visit()
        lying_provider.came(await start(client))
        answer = {"state": lying_provider.wanted["state"], "code": "c"}
        assert (await client.get(oidc.ANSWER_PATH, params=answer)).status_code == 303
        order = {"logout_token": lying_provider.signed(log_out_claims(lying_provider, jti=f"order {number}"))}
        assert (await server.post("/log-in/provider/log-out", data=order)).status_code == 200
    forged = {"logout_token": "a.b.c"}
    answers = [(await server.post("/log-in/provider/log-out", data=forged)).status_code for _ in range(3)]
    assert answers == [400, 400, 429]

"""Somebody comes through a log-in provider that says everything about them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from community.http.oidc import ANSWER_PATH
from search import SearchEngine
from tests.companies.colleagues import deliver_a_day_later
from tests.leaks.lives import COMPANY, NAMES, Town
from tests.oidc_providers import LyingProvider

COMES_THROUGH = "dora"


def subject_of(here: Town) -> str:
    identity = here[COMES_THROUGH].identity
    assert identity is not None
    return f"{identity.mail}"


async def _travel(
    here: Town, provider: LyingProvider, wanted: str, purpose: str = "log-in", code: str = "c"
) -> str:
    """There and back; where that leads."""
    dora = here[COMES_THROUGH]
    there = await dora.get(f"/log-in/provider?next={wanted}&for={purpose}")
    provider.came(there.headers["location"])
    state = parse_qs(urlsplit(there.headers["location"]).query)["state"][0]
    back = await dora.get(f"{ANSWER_PATH}?state={state}&code={code}")
    return back.headers.get("location", "")


async def come_through_a_provider(here: Town, provider: LyingProvider, engine: SearchEngine) -> None:
    """Refused at first, then with a nickname, a proof, a post's worth of pages, a log-out and a log-in again."""
    dora = here[COMES_THROUGH]
    assert dora.identity is not None
    who = dora.identity
    provider.claims = {
        "sub": subject_of(here),
        "email": who.mail,
        "name": who.real_name,
        "preferred_username": who.mail,
        "company": COMPANY.name,
        "company_id": COMPANY.contract_number,
    }
    provider.user_info = {"sub": subject_of(here)}
    provider.make_token = lambda claims: provider.signed(claims)[:-8] + "AAAAAAAA"
    assert await _travel(here, provider, "/") == ""
    provider.make_token = None
    provider.claims["email_verified"] = False
    assert (await _travel(here, provider, "/")).startswith("/log-in/new")
    provider.claims["email_verified"] = True
    assert await _travel(here, provider, "/settings/sign-on") == "/log-in/new?next=/settings/sign-on"
    await dora.get("/log-in/new")
    await dora.send("/log-in/new", status=422, nickname="jana")
    await dora.send("/log-in/new", nickname=NAMES[COMES_THROUGH])
    await deliver_a_day_later(engine)
    await dora.get("/settings/sign-on")
    page = await dora.send("/log-out", status=200)
    assert "id_token_hint" in page.text
    assert await _travel(here, provider, "/") == "/"
    await dora.send("/settings/data/download", status=422)

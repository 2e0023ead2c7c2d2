"""What a log-in provider may send back, and what is believed of it."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from community.http import oidc
from community.http.oidc import Proof, Provider, ProviderDown, Refused, Trip
from tests.clients import BASE_URL
from tests.oidc_providers import LyingProvider, b64, lying_provider

__all__ = ["lying_provider"]


def provider_of(lying: LyingProvider, **changes: Any) -> Provider:
    return Provider(lying.choice(**changes), base_url=BASE_URL, development=True, patience=20.0)


async def travel(
    provider: Provider, lying: LyingProvider, purpose: str = "log-in", **answer: str | None
) -> Proof:
    """All of a log-in, with the browser's answer changed by `answer`."""
    trip = Trip.begin(purpose, "/")
    lying.came(await provider.start_url(trip))
    given = {"state": trip.state, "code": "a code", **answer}
    return await provider.finish(trip, {name: value for name, value in given.items() if value is not None})


async def refusal(lying: LyingProvider, purpose: str = "log-in", **answer: str | None) -> str:
    with pytest.raises(Refused) as refused:
        await travel(provider_of(lying), lying, purpose, **answer)
    return refused.value.code


async def test_a_right_answer_is_believed(lying_provider: LyingProvider) -> None:
    provider = provider_of(lying_provider)
    proof = await travel(provider, lying_provider)
    assert proof.subject == "qxzsubject-2"
    assert proof.claims["email"] == "erika@acme.example"
    wanted = lying_provider.wanted
    assert wanted["tenant"] == "1"
    assert wanted["scope"] == "openid email profile"
    assert wanted["redirect_uri"] == f"{BASE_URL}/log-in/provider/answer"
    assert len({wanted["state"], wanted["nonce"], wanted["code_challenge"]}) == 3
    await travel(provider, lying_provider)
    assert lying_provider.asked.count("/jwks") == 1
    assert lying_provider.asked.count("/.well-known/openid-configuration") == 1


def _unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(b64(json.dumps(part).encode()) for part in parts) + "."


STRANGER = RSAKey.generate_key(2048, {"kid": "one"})


def _hs256_with_public_key(lying: LyingProvider) -> Any:
    """By hand, as no library signs so any more."""

    def forge(claims: dict[str, Any]) -> str:
        parts = ({"alg": "HS256", "typ": "JWT", "kid": "one"}, claims)
        said = ".".join(b64(json.dumps(part).encode()) for part in parts)
        return f"{said}.{b64(hmac.digest(lying.key.as_pem(private=False), said.encode(), 'sha256'))}"

    return forge


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda lying: _unsigned, id="alg none"),
        pytest.param(
            lambda lying: lambda claims: _unsigned(claims).replace("bm9uZS", "Tm9uZS"), id="alg None"
        ),
        pytest.param(
            lambda lying: lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGER),
            id="key of somebody else",
        ),
        pytest.param(
            lambda lying: (
                lambda claims: jwt.encode(
                    {"alg": "RS256", "kid": "one", "jwk": STRANGER.as_dict(private=False)}, claims, STRANGER
                )
            ),
            id="key in the header",
        ),
        pytest.param(
            lambda lying: (
                lambda claims: jwt.encode(
                    {"alg": "RS256", "kid": "one", "jku": "http://127.0.0.1:9/keys"}, claims, STRANGER
                )
            ),
            id="address of a key in the header",
        ),
        pytest.param(_hs256_with_public_key, id="HS256 with the public key"),
        pytest.param(
            lambda lying: lambda claims: lying.signed(claims)[:-6] + "AAAAAA", id="changed signature"
        ),
        pytest.param(
            lambda lying: (
                lambda claims: ".".join(
                    (
                        lying.signed(claims).split(".")[0],
                        *lying.signed(claims | {"sub": "x"}).split(".")[1:2],
                        "",
                    )
                )
            ),
            id="no signature",
        ),
        pytest.param(lambda lying: lambda claims: lying.signed(claims, kid="unheard of"), id="unknown key"),
        pytest.param(lambda lying: lambda claims: "no token", id="no token"),
        pytest.param(
            lambda lying: lambda claims: lying.signed(claims | {"x": "y" * 20_000}), id="long token"
        ),
    ],
)
async def test_forged_signatures_are_refused(lying_provider: LyingProvider, forged: Any) -> None:
    lying_provider.make_token = forged(lying_provider)
    assert await refusal(lying_provider) in ("signature", "unknown_key", "long_token")


async def test_a_shared_secret_among_the_keys_lets_nobody_sign(lying_provider: LyingProvider) -> None:
    shared = OctKey.generate_key(256, {"kid": "two", "alg": "HS256"})
    lying_provider.keys = [shared.as_dict(), lying_provider.key.as_dict(private=False)]
    lying_provider.make_token = lambda claims: jwt.encode({"alg": "HS256", "kid": "two"}, claims, shared)
    assert await refusal(lying_provider) in ("signature", "unknown_key")


def _now(seconds: float) -> float:
    return time.time() + seconds


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "https://evil.example"}, id="issuer of somebody else"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "another client"}, id="for another client"),
        pytest.param({"aud": ["another client", "a third"]}, id="for two others"),
        pytest.param({"aud": ["kundenkreis", "another client"]}, id="for several, without azp"),
        pytest.param({"aud": ["kundenkreis"], "azp": "another client"}, id="given to another client"),
        pytest.param({"aud": "another client", "azp": "kundenkreis"}, id="for another, given to us"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"nonce": "another log-in's"}, id="nonce of another log-in"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"exp": lambda: int(_now(-60))}, id="ended a minute ago"),
        pytest.param({"exp": None}, id="never ends"),
        pytest.param({"exp": float("nan")}, id="ends never, as NaN"),
        pytest.param({"exp": float("inf")}, id="ends never, as Infinity"),
        pytest.param({"exp": "2999-01-01"}, id="end as text"),
        pytest.param({"exp": True}, id="end as yes"),
        pytest.param({"iat": lambda: int(_now(120))}, id="made in the future"),
        pytest.param({"iat": lambda: int(_now(-3600))}, id="made an hour ago"),
        pytest.param({"iat": None}, id="made at no time"),
        pytest.param({"nbf": lambda: int(_now(120))}, id="not valid yet"),
        pytest.param({"sub": None}, id="about nobody"),
        pytest.param({"sub": ""}, id="about an empty name"),
        pytest.param({"sub": 4711}, id="about a number"),
        pytest.param({"sub": "x" * 256}, id="about a long name"),
        pytest.param({"at_hash": b64(b"0" * 16)}, id="of another access token"),
        pytest.param({"at_hash": 17}, id="access token as a number"),
    ],
)
async def test_wrong_claims_are_refused(lying_provider: LyingProvider, claims: dict[str, Any]) -> None:
    made = {name: value() if callable(value) else value for name, value in claims.items()}
    lying_provider.claims = made
    assert await refusal(lying_provider) in ("claims", "times", "expired", "not_of_now", "subject")


async def test_an_issuer_in_a_list_is_no_issuer(lying_provider: LyingProvider) -> None:
    lying_provider.claims = {"iss": [lying_provider.url, "https://evil.example"]}
    assert await refusal(lying_provider) == "claims"
    lying_provider.claims = {}
    lying_provider.make_token = lambda claims: lying_provider.signed(
        claims | {"nonce": [claims["nonce"], "x"]}
    )
    assert await refusal(lying_provider) == "claims"


async def test_several_audiences_are_believed_with_us_as_the_party(lying_provider: LyingProvider) -> None:
    lying_provider.claims = {"aud": ["kundenkreis", "another client"], "azp": "kundenkreis"}
    assert (await travel(provider_of(lying_provider), lying_provider)).subject == "qxzsubject-2"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"state": "somebody else's"}, "state"),
        ({"state": None}, "state"),
        ({"state": ""}, "state"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"error": "access_denied"}, "denied"),
        ({"error": "server_error"}, "error"),
        ({"code": None}, "code"),
        ({"code": "x" * 20_000}, "code"),
    ],
)
async def test_answers_of_the_browser_that_are_not_those_of_the_trip(
    lying_provider: LyingProvider, answer: dict[str, str | None], code: str
) -> None:
    assert await refusal(lying_provider, **answer) == code
    assert "/token" not in lying_provider.asked


async def test_a_provider_that_names_itself_has_to(lying_provider: LyingProvider) -> None:
    lying_provider.description = {"authorization_response_iss_parameter_supported": True}
    assert await refusal(lying_provider) == "iss_missing"
    proof = await travel(provider_of(lying_provider), lying_provider, iss=lying_provider.url)
    assert proof.subject == "qxzsubject-2"


async def test_a_code_without_its_verifier_is_worth_nothing(lying_provider: LyingProvider) -> None:
    """A code that was stolen on the way belongs to a trip of another browser, with another verifier."""
    provider = provider_of(lying_provider)
    lying_provider.came(await provider.start_url(Trip.begin("log-in", "/")))
    other = Trip.begin("log-in", "/")
    with pytest.raises(Refused, match="code_refused"):
        await provider.finish(other, {"state": other.state, "code": "a code"})


async def test_new_keys_are_taken_up_and_forged_ones_do_not_make_us_ask(
    lying_provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = provider_of(lying_provider)
    await travel(provider, lying_provider)
    old, new = lying_provider.key, ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
    lying_provider.description = {"id_token_signing_alg_values_supported": ["ES256"]}
    lying_provider.keys = [old.as_dict(private=False), new.as_dict(private=False)]
    lying_provider.make_token = lambda claims: jwt.encode({"alg": "ES256", "kid": "two"}, claims, new)
    monkeypatch.setattr(provider, "_description", None)
    with pytest.raises(Refused, match="unknown_key"):
        await travel(provider, lying_provider)
    assert lying_provider.asked.count("/jwks") == 1
    monkeypatch.setattr(oidc, "ASKED_AGAIN_AFTER", 0.0)
    assert (await travel(provider, lying_provider)).subject == "qxzsubject-2"
    assert lying_provider.asked.count("/jwks") == 2


async def test_user_info_is_asked_for_what_the_token_lacks(lying_provider: LyingProvider) -> None:
    lying_provider.user_info = {"company": "Acme", "email": "other@acme.example", "email_verified": True}
    lying_provider.claims = {"email_verified": None}
    claims = (await travel(provider_of(lying_provider), lying_provider)).claims
    assert claims["company"] == "Acme"
    assert claims["email"] == "erika@acme.example"
    assert "email_verified" not in claims, "the address of the token is not the verified one"
    lying_provider.user_info = {"sub": "somebody else", "company": "Acme"}
    assert await refusal(lying_provider) == "user_info"


async def test_a_proof_asked_for_anew_has_to_be_new(lying_provider: LyingProvider) -> None:
    assert await refusal(lying_provider, "prove") == "not_proved_anew"
    assert lying_provider.wanted["prompt"] == "login"
    assert lying_provider.wanted["max_age"] == "0"
    lying_provider.claims = {"auth_time": int(time.time()) - 3600}
    assert await refusal(lying_provider, "prove") == "not_proved_anew"
    lying_provider.claims = {"auth_time": int(time.time())}
    assert (await travel(provider_of(lying_provider), lying_provider, "prove")).subject == "qxzsubject-2"


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user:password@evil.example/"},
        {"userinfo_endpoint": 17},
        {"end_session_endpoint": "//evil.example"},
    ],
)
async def test_a_description_that_leads_astray_is_not_used(
    lying_provider: LyingProvider, description: dict[str, Any]
) -> None:
    lying_provider.description = description
    with pytest.raises(ProviderDown):
        await travel(provider_of(lying_provider), lying_provider)
    assert lying_provider.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b" " * 400_000, id="large"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"[1]", id="no object"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
async def test_answers_that_are_none(lying_provider: LyingProvider, path: str, body: bytes) -> None:
    lying_provider.bodies = {path: body}
    with pytest.raises(ProviderDown):
        await travel(provider_of(lying_provider), lying_provider)


async def test_a_provider_that_is_away_or_leads_elsewhere(lying_provider: LyingProvider) -> None:
    for status in (302, 404, 500):
        lying_provider.status = status
        with pytest.raises(ProviderDown):
            await travel(provider_of(lying_provider), lying_provider)
    assert "/elsewhere" not in lying_provider.asked
    lying_provider.url = "http://127.0.0.1:9"
    with pytest.raises(ProviderDown):
        await travel(provider_of(lying_provider), lying_provider)


async def test_a_slow_provider_is_not_waited_for(lying_provider: LyingProvider) -> None:
    lying_provider.seconds = 5.0
    provider = Provider(lying_provider.choice(), base_url=BASE_URL, development=True, patience=0.3)
    with pytest.raises(ProviderDown):
        await provider.start_url(Trip.begin("log-in", "/"))


async def test_plain_http_is_for_development_only(lying_provider: LyingProvider) -> None:
    provider = Provider(lying_provider.choice(), base_url=BASE_URL, development=False)
    with pytest.raises(ProviderDown, match="https"):
        await provider.describe()


# --- log-out ----------------------------------------------------------------------------------------------


async def test_where_the_session_of_the_provider_is_ended(lying_provider: LyingProvider) -> None:
    provider = provider_of(lying_provider)
    url = await provider.log_out_url("a.token.x")
    assert url.startswith(f"{lying_provider.url}/end?client_id=kundenkreis&post_logout_redirect_uri=http%3A")
    assert url.endswith("&id_token_hint=a.token.x")
    assert "id_token_hint" not in await provider.log_out_url("x" * 5_000)
    lying_provider.description = {"end_session_endpoint": None}
    assert await provider_of(lying_provider).log_out_url("a.token.x") == ""
    lying_provider.url = "http://127.0.0.1:9"
    assert await provider_of(lying_provider).log_out_url("a.token.x") == ""


def log_out_claims(lying: LyingProvider, **changes: Any) -> dict[str, Any]:
    moment = int(time.time())
    claims = {
        "iss": lying.url,
        "aud": "kundenkreis",
        "iat": moment,
        "exp": moment + 120,
        "jti": "order-1",
        "sub": "qxzsubject-2",
        "events": {oidc.BACK_CHANNEL_EVENT: {}},
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


async def test_orders_to_log_out(lying_provider: LyingProvider) -> None:
    provider = provider_of(lying_provider)
    order = await provider.read_log_out(lying_provider.signed(log_out_claims(lying_provider, sid="s1")))
    assert (order.subject, order.session, order.number) == ("qxzsubject-2", "s1", "order-1")
    for changes in (
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"jti": None},
        {"events": {}},
        {"events": None},
        {"events": "text"},
        {"nonce": "n"},
        {"sub": None},
        {"sub": 17},
    ):
        with pytest.raises(Refused):
            await provider.read_log_out(lying_provider.signed(log_out_claims(lying_provider, **changes)))
    with pytest.raises(Refused):
        await provider.read_log_out(_unsigned(log_out_claims(lying_provider)))

"""OpenID Connect with one provider: sending people there, and judging what comes back (OpenID Connect Core 1.0).

An ID token is believed when its signature is by a key of the provider's own list, with an algorithm of ours, and
issuer, audience, nonce and times are right. joserfc judges signatures, Authlib the claims. Nothing that the provider
answers is followed elsewhere, and no answer may be slow or large.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from community.core.clock import now
from community.settings import OidcChoice, settings

ANSWER_PATH = "/log-in/provider/answer"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""With a private key that the provider alone has; never "none", and never a shared secret."""
LEEWAY = 30
"""Seconds by which the provider's clock may differ."""
OLDEST_TOKEN = 600
PATIENCE = 8.0
"""Seconds that all of one answer may take."""
LARGEST_ANSWER = 256_000
LONGEST_TOKEN = 16_000
LONGEST_HINT = 4_000
"""Longer ID tokens are not put into an address."""
KEPT_FOR = 3600.0
"""Seconds for which the provider's description and its keys are used without asking again."""
ASKED_AGAIN_AFTER = 30.0
"""Seconds between two looks for a key that is not known: forged tokens must not make us ask all the time."""
BACK_CHANNEL_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderDown(Exception):  # noqa: N818 - a state of somebody else's server
    """The provider does not answer, or nothing that could be used."""


class Refused(Exception):  # noqa: N818 - the outcome of a judgement
    """What came back is not believed; `code` says why, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Trip:
    """One person's way to the provider and back. It is kept in their browser, sealed."""

    state: str
    nonce: str
    verifier: str
    next: str
    purpose: str
    begun_at: int

    @classmethod
    def begin(cls, purpose: str, wanted: str) -> Trip:
        """A new one; 256 bits of chance each for what ties request, browser, token and code together."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
        return cls(state, nonce, verifier, wanted, purpose, int(now().timestamp()))


@dataclass(frozen=True, slots=True)
class Proof:
    """An ID token that is believed, with its claims and those of the user info."""

    claims: Mapping[str, Any]
    id_token: str

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])


@dataclass(frozen=True, slots=True)
class LogOutOrder:
    """Whom the provider wants to be logged out: all sessions of a person, or one."""

    subject: str
    session: str
    number: str
    """Of the order itself: each is good for once."""


class Provider:
    """The provider of the configuration, with what is known of it for an hour."""

    def __init__(
        self, choice: OidcChoice, *, base_url: str, development: bool, patience: float = PATIENCE
    ) -> None:
        self.choice = choice
        self.answer_url = base_url + ANSWER_PATH
        self.home_url = base_url + "/"
        self._development = development
        self._patience = patience
        self._description: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def start_url(self, trip: Trip) -> str:
        """Where the browser goes. Raises ProviderDown."""
        wanted = {
            "response_type": "code",
            "client_id": self.choice.client_id,
            "redirect_uri": self.answer_url,
            "scope": " ".join(self.choice.scopes),
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": create_s256_code_challenge(trip.verifier),
            "code_challenge_method": "S256",
        }
        if trip.purpose == "prove":
            wanted |= {"prompt": "login", "max_age": "0"}
        return _with_query((await self.describe())["authorization_endpoint"], wanted)

    async def finish(self, trip: Trip, answer: Mapping[str, str]) -> Proof:
        """Who it is, from what the browser brought back. Raises ProviderDown, Refused.

        Whether the answer has been used before is for the caller to know.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), trip.state.encode()):
            raise Refused("state")
        described = await self.describe()
        issuer = answer.get("iss")
        if issuer is None and described.get("authorization_response_iss_parameter_supported") is True:
            raise Refused("iss_missing")
        if issuer is not None and issuer != self.choice.issuer:
            raise Refused("iss")
        if "error" in answer:
            raise Refused("denied" if answer["error"] == "access_denied" else "error")
        code = answer.get("code", "")
        if not code or len(code) > LONGEST_TOKEN:
            raise Refused("code")
        tokens = await self._exchange(described, code, trip.verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise Refused("no_token")
        claims = await self._judge(id_token, trip, access_token)
        return Proof(await self._with_user_info(described, claims, access_token), id_token)

    async def log_out_url(self, id_token: str) -> str:
        """Where the provider's own session is ended; empty where it has no such place or does not answer."""
        try:
            endpoint = (await self.describe()).get("end_session_endpoint")
        except ProviderDown:
            return ""
        if not endpoint:
            return ""
        wanted = {"client_id": self.choice.client_id, "post_logout_redirect_uri": self.home_url}
        if 0 < len(id_token) <= LONGEST_HINT:
            wanted["id_token_hint"] = id_token
        return _with_query(endpoint, wanted)

    async def read_log_out(self, token: str) -> LogOutOrder:
        """Whom a logout token is about (Back-Channel Logout 1.0). Raises ProviderDown, Refused."""
        _header, claims = await self._opened(token)
        self._check_times(claims)
        audience = claims.get("aud")
        events = claims.get("events")
        if claims.get("iss") != self.choice.issuer or not (
            audience == self.choice.client_id
            or (isinstance(audience, list) and self.choice.client_id in audience)
        ):
            raise Refused("log_out_for_others")
        if not isinstance(events, dict) or BACK_CHANNEL_EVENT not in events or "nonce" in claims:
            raise Refused("no_log_out")
        subject, session, number = (claims.get(name) or "" for name in ("sub", "sid", "jti"))
        if not all(isinstance(value, str) for value in (subject, session, number)) or not number:
            raise Refused("log_out_claims")
        if not subject and not session:
            raise Refused("log_out_for_nobody")
        return LogOutOrder(subject, session, number)

    # --- what the provider says of itself -----------------------------------------------------------------

    async def describe(self) -> Mapping[str, Any]:
        """The provider's description of itself (Discovery 1.0). Raises ProviderDown."""
        if self._description and time.monotonic() - self._description[0] < KEPT_FOR:
            return self._description[1]
        url = self.choice.issuer.rstrip("/") + "/.well-known/openid-configuration"
        described = await self._fetch("GET", url)
        if described.get("issuer") != self.choice.issuer:
            raise ProviderDown("its description names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._check_url(described.get(name), name)
        for name in ("userinfo_endpoint", "end_session_endpoint"):
            if described.get(name) is not None:
                self._check_url(described[name], name)
        self._description = (time.monotonic(), described)
        return described

    def _check_url(self, url: object, name: str) -> None:
        if not isinstance(url, str):
            raise ProviderDown(f"its description has no {name}")
        parts = urlsplit(url)
        is_local = self._development and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            raise ProviderDown(f"{name} does not begin with https://")
        if not parts.hostname or parts.username is not None or parts.fragment:
            raise ProviderDown(f"{name} is no address")

    async def _key_set(self, *, anew: bool) -> KeySet:
        if self._keys:
            fetched_at, keys = self._keys
            age = time.monotonic() - fetched_at
            if age < (ASKED_AGAIN_AFTER if anew else KEPT_FOR):
                return keys
        found = (await self._fetch("GET", (await self.describe())["jwks_uri"])).get("keys")
        # What is no public key for signatures is left out: a shared secret in the list would let anybody sign.
        usable = [
            {name: value for name, value in key.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}
            for key in (found if isinstance(found, list) else [])
            if isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"
        ]
        try:
            keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError) as problem:
            raise ProviderDown("its keys cannot be read") from problem
        self._keys = (time.monotonic(), keys)
        return keys

    # --- judging ------------------------------------------------------------------------------------------

    async def _opened(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token whose signature is the provider's."""
        if len(token) > LONGEST_TOKEN:
            raise Refused("long_token")
        described = await self.describe()
        offered = described.get("id_token_signing_alg_values_supported")
        allowed = [name for name in ALGORITHMS if not isinstance(offered, list) or name in offered]
        for anew in (False, True):
            keys = await self._key_set(anew=anew)
            try:
                opened = jwt.decode(token, keys, algorithms=allowed)
            except InvalidKeyIdError:
                # Perhaps the provider has new keys.
                continue
            except (JoseError, ValueError, TypeError, KeyError, RecursionError) as problem:
                raise Refused("signature") from problem
            return dict(opened.header), dict(opened.claims)
        raise Refused("unknown_key")

    async def _judge(self, id_token: str, trip: Trip, access_token: str) -> Mapping[str, Any]:
        header, claims = await self._opened(id_token)
        self._check_times(claims)
        moment = int(now().timestamp())
        token = CodeIDToken(
            claims,
            header,
            options={
                "iss": {"essential": True, "value": self.choice.issuer},
                "aud": {"essential": True, "value": self.choice.client_id},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": trip.nonce},
            },
            params={"nonce": trip.nonce, "client_id": self.choice.client_id, "access_token": access_token},
        )
        try:
            token.validate(now=moment, leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise Refused("claims") from problem
        subject = claims["sub"]
        # Lists that hold the right value among others would pass above.
        if claims["iss"] != self.choice.issuer or claims["nonce"] != trip.nonce:
            raise Refused("claims")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise Refused("subject")
        if trip.purpose == "prove":
            proved_at = _number(claims, "auth_time")
            if proved_at is None or proved_at < trip.begun_at - LEEWAY:
                raise Refused("not_proved_anew")
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """Times are numbers, which JSON's "NaN" is not, and those of a token are of now."""
        moment = now().timestamp()
        ends_at, made_at, begins_at = (_number(claims, name) for name in ("exp", "iat", "nbf"))
        if ends_at is None or made_at is None or (begins_at is None and "nbf" in claims):
            raise Refused("times")
        if ends_at <= moment - LEEWAY or (begins_at or 0) > moment + LEEWAY:
            raise Refused("expired")
        if not moment - OLDEST_TOKEN <= made_at <= moment + LEEWAY:
            raise Refused("not_of_now")

    # --- asking -------------------------------------------------------------------------------------------

    async def _exchange(self, described: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.answer_url,
            "code_verifier": verifier,
        }
        headers = {}
        methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        client_id, secret = self.choice.client_id, self.choice.client_secret
        if secret and "client_secret_basic" in methods:
            pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": client_id} | ({"client_secret": secret} if secret else {})
        return await self._fetch("POST", described["token_endpoint"], form=form, headers=headers)

    async def _with_user_info(
        self, described: Mapping[str, Any], claims: Mapping[str, Any], access_token: str
    ) -> Mapping[str, Any]:
        """The claims of the token, and beside them those that only the user info has."""
        endpoint = described.get("userinfo_endpoint")
        chosen = self.choice
        wanted = {"email", chosen.name_claim, chosen.company_claim, chosen.company_id_claim}
        wanted |= {claim for _attribute, claim in chosen.attribute_claims}
        if not endpoint or not (wanted - {""} - claims.keys()):
            return claims
        told = await self._fetch("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if told.get("sub") != claims["sub"]:
            raise Refused("user_info")
        if "email" in claims:
            # Whether an address is verified is said in one breath with the address.
            told = {name: value for name, value in told.items() if name != "email_verified"}
        return {**told, **claims}

    async def _fetch(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] = {}
    ) -> Mapping[str, Any]:
        """The JSON object that is answered. Raises ProviderDown; Refused where the provider says no (4xx)."""
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        try:
            async with (
                asyncio.timeout(self._patience),
                httpx2.AsyncClient(follow_redirects=False, timeout=self._patience) as client,
                client.stream(method, url, data=form, headers=sent) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise ProviderDown("its answer is too large")
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as problem:
            raise ProviderDown(type(problem).__name__) from problem
        if method == "POST" and 400 <= response.status_code < 500:
            raise Refused("code_refused")
        if response.status_code != 200:
            raise ProviderDown(f"it answers with status {response.status_code}")
        try:
            answer = json.loads(bytes(body))
        except (ValueError, RecursionError) as problem:
            raise ProviderDown("its answer is no JSON") from problem
        if not isinstance(answer, dict):
            raise ProviderDown("its answer is no JSON object")
        return answer


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    """The claim, if it is a number; "NaN" and "Infinity" are none."""
    value = claims.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None


def _with_query(url: str, wanted: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(wanted)}"


@dataclass(slots=True)
class _Opened:
    provider: Provider | None = None


_opened = _Opened()


def provider() -> Provider | None:
    """The provider of the configuration; None where people log in with passwords alone."""
    if _opened.provider is None and settings.oidc.issuer:
        _opened.provider = Provider(
            settings.oidc, base_url=settings.base_url, development=settings.development
        )
    return _opened.provider

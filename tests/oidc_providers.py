"""Log-in providers on loopback: a real one (the package oidc-provider-mock, as a process), and one that lies."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from community.http import oidc
from community.http.oidc import Provider
from community.settings import OidcChoice
from tests.clients import BASE_URL

ERIKA = {
    "sub": "qxzsubject-1",
    "email": "erika@acme.example",
    "email_verified": True,
    "name": "Erika Mustermann",
    "preferred_username": "erika.mustermann",
    "company": "Acme Werke AG",
    "company_id": "K-4711",
    "branch": ["logistics"],
}
CHOICE = OidcChoice(
    client_id="kundenkreis",
    client_secret="a secret: of the/client",
    label="Acme-Konto",
    company_claim="company",
    company_id_claim="company_id",
    attribute_claims=(("industry", "branch"),),
)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class RealProvider:
    """The provider as its package ships it, with a person called Erika."""

    url: str

    async def set_person(self, **claims: Any) -> None:
        """Change or add somebody, by `sub`."""
        async with httpx2.AsyncClient() as client:
            subject = claims.pop("sub", ERIKA["sub"])
            answer = await client.put(f"{self.url}/users/{subject}", json=claims)
            assert answer.status_code == 204

    async def log_in(self, url: str, subject: str = str(ERIKA["sub"]), *, deny: bool = False) -> str:
        """What a browser does on the provider's page; the address that it is sent back to."""
        form = {"action": "deny"} if deny else {"sub": subject}
        async with httpx2.AsyncClient() as client:
            assert (await client.get(url)).status_code == 200
            answer = await client.post(url, data=form)
            assert answer.status_code == 302
            return answer.headers["location"]


@pytest.fixture(scope="session")
def provider_process() -> Iterator[RealProvider]:
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--require-nonce", "true", "--user-claims", json.dumps(ERIKA)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore"}, **silent)  # type: ignore[call-overload]
    try:
        url = f"http://127.0.0.1:{port}"
        for _try in range(300):
            try:
                httpx2.get(f"{url}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx2.HTTPError:
                assert process.poll() is None
                time.sleep(0.1)
        yield RealProvider(url)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
async def real_provider(provider_process: RealProvider, monkeypatch: pytest.MonkeyPatch) -> RealProvider:
    """The site is configured for the real provider, and Erika is there as she was."""
    await provider_process.set_person(**ERIKA)
    use_provider(monkeypatch, replace(CHOICE, issuer=provider_process.url))
    return provider_process


def use_provider(monkeypatch: pytest.MonkeyPatch, choice: OidcChoice, **options: Any) -> Provider:
    made = Provider(choice, base_url=BASE_URL, development=True, **options)
    monkeypatch.setattr(oidc._opened, "provider", made)
    return made


# --- one that lies ----------------------------------------------------------------------------------------


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


@dataclass
class LyingProvider:
    """Answers whatever the test wants. It checks of us what a good provider checks: PKCE, secret, address."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: KEY)
    description: dict[str, Any] = field(default_factory=dict)
    """Overrides of the description; None takes an entry out."""
    keys: list[dict[str, Any]] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    """Overrides of the claims of the ID token; None takes one out."""
    make_token: Callable[[dict[str, Any]], str] | None = None
    user_info: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    """What a path answers instead."""
    status: int = 200
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    wanted: dict[str, str] = field(default_factory=dict)
    """The query with which the browser came."""

    def choice(self, **changes: Any) -> OidcChoice:
        return replace(CHOICE, issuer=self.url, **changes)

    def came(self, start_url: str) -> None:
        """A browser has come with this address."""
        self.wanted = {name: values[0] for name, values in parse_qs(urlsplit(start_url).query).items()}

    def good_claims(self) -> dict[str, Any]:
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "qxzsubject-2",
            "aud": CHOICE.client_id,
            "exp": moment + 300,
            "iat": moment,
            "nonce": self.wanted.get("nonce"),
            "email": "erika@acme.example",
            "email_verified": True,
            "name": "Erika Mustermann",
        }
        return {name: value for name, value in (claims | self.claims).items() if value is not None}

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, self.key)

    def answer(self, path: str, form: dict[str, str], headers: Any) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.bodies:
            return self.status, self.bodies[path]
        match path:
            case "/.well-known/openid-configuration":
                described = {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/jwks",
                    "userinfo_endpoint": f"{self.url}/userinfo",
                    "end_session_endpoint": f"{self.url}/end",
                    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                } | self.description
                answer: Any = {name: value for name, value in described.items() if value is not None}
            case "/jwks":
                answer = {"keys": self.keys if self.keys is not None else [self.key.as_dict(private=False)]}
            case "/token":
                if not self._is_honest(form, headers):
                    return 400, b'{"error": "invalid_grant"}'
                claims = self.good_claims()
                token = self.make_token(claims) if self.make_token else self.signed(claims)
                answer = {"access_token": "access", "token_type": "Bearer", "id_token": token}
            case "/userinfo":
                answer = {"sub": "qxzsubject-2"} | self.user_info
            case _:
                return 404, b"{}"
        return self.status, json.dumps(answer).encode()

    def _is_honest(self, form: dict[str, str], headers: Any) -> bool:
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        pair = "kundenkreis:a%20secret%3A%20of%20the%2Fclient"
        return (
            challenge == self.wanted.get("code_challenge")
            and self.wanted.get("code_challenge_method") == "S256"
            and form.get("redirect_uri") == self.wanted.get("redirect_uri")
            and form.get("grant_type") == "authorization_code"
            and headers.get("Authorization") == "Basic " + base64.b64encode(pair.encode()).decode()
        )


@pytest.fixture
def lying_provider() -> Iterator[LyingProvider]:
    lying = LyingProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, body = lying.answer(urlsplit(self.path).path, form, self.headers)
            try:
                if lying.seconds:
                    time.sleep(lying.seconds)
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", f"{lying.url}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # Whoever asked has gone.

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    lying.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield lying
    server.shutdown()
    server.server_close()
    thread.join(5)

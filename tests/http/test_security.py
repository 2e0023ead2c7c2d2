"""The site's own name, requests from other sites, security headers, and the client's address."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from community.http.security import (
    address_block,
    client_address,
    content_security_policy,
    own_origins,
    protected,
)
from tests.http.real_server import serving

BASE_URL = "https://community.example"


async def show_addresses(request: Request) -> Response:
    return PlainTextResponse(f"{request.url} {request.url_for('home')} {request.base_url}")


async def done(request: Request) -> Response:
    return PlainTextResponse("done")


async def moved(request: Request) -> Response:
    return RedirectResponse("/elsewhere", status_code=303)


async def picture(request: Request) -> Response:
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return PlainTextResponse("picture", headers=headers)


async def fail(request: Request) -> Response:
    raise RuntimeError("a fault of ours")


async def accept_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def application() -> Starlette:
    return Starlette(
        routes=[
            Route("/", show_addresses, name="home"),
            Route("/threads/", done),
            Route("/act", done, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            Route("/moved", moved),
            Route("/picture", picture),
            Route("/fail", fail),
            Route("/healthz", done),
            WebSocketRoute("/socket", accept_socket),
        ]
    )


def client(base_url: str = BASE_URL, **options: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=protected(application(), base_url=base_url, **options))
    return httpx2.AsyncClient(transport=transport, base_url=base_url)


# --- requests from other sites ------------------------------------------------------------------------

OWN = BASE_URL
COOKIE = ("Cookie", "sid=abc")

# What arrived, and whether a POST with it may pass.
FORGERY_TABLE: list[tuple[str, list[tuple[str, str]], bool]] = [
    ("own page", [("Sec-Fetch-Site", "same-origin"), ("Origin", OWN), COOKIE], True),
    ("own page, Origin hidden", [("Sec-Fetch-Site", "same-origin"), ("Origin", "null"), COOKIE], True),
    ("sent again by hand", [("Sec-Fetch-Site", "none"), COOKIE], True),
    ("other site", [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), COOKIE], False),
    (
        "other site that hides its origin",
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "null"), COOKIE],
        False,
    ),
    ("other site, log-in without cookie", [("Sec-Fetch-Site", "cross-site")], False),
    (
        "other site that names us as origin",
        [("Sec-Fetch-Site", "cross-site"), ("Origin", OWN), COOKIE],
        False,
    ),
    (
        "neighbour on another port",
        [("Sec-Fetch-Site", "same-site"), ("Origin", OWN + ":8443"), COOKIE],
        False,
    ),
    ("value nobody knows", [("Sec-Fetch-Site", "friendly"), COOKIE], False),
    ("empty value", [("Sec-Fetch-Site", ""), ("Origin", OWN), COOKIE], False),
    ("value twice", [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site"), COOKIE], False),
    ("old browser, own page", [("Origin", OWN), COOKIE], True),
    ("old browser, own page in capitals", [("Origin", "HTTPS://Community.Example"), COOKIE], True),
    ("old browser, other site", [("Origin", "https://evil.example"), COOKIE], False),
    ("old browser, log-in from other site", [("Origin", "https://evil.example")], False),
    ("old browser, hidden origin", [("Origin", "null"), COOKIE], False),
    ("old browser, other scheme", [("Origin", "http://community.example"), COOKIE], False),
    ("old browser, other port", [("Origin", OWN + ":444"), COOKIE], False),
    ("old browser, longer name", [("Origin", OWN + ".evil.example"), COOKIE], False),
    ("old browser, subdomain", [("Origin", "https://a.community.example"), COOKIE], False),
    ("old browser, two origins", [("Origin", OWN), ("Origin", "https://evil.example"), COOKIE], False),
    ("neither header, with cookie", [COOKIE], False),
    ("neither header, own Referer, with cookie", [("Referer", OWN + "/ask"), COOKIE], False),
    ("script with a token", [("Authorization", "Bearer abc")], True),
    ("one-click unsubscribe", [("Content-Type", "application/x-www-form-urlencoded")], True),
]


@pytest.mark.parametrize(
    ("headers", "passes"), [row[1:] for row in FORGERY_TABLE], ids=[row[0] for row in FORGERY_TABLE]
)
async def test_an_act_passes_only_from_our_own_pages(headers: list[tuple[str, str]], passes: bool) -> None:
    async with client() as browser:
        answer = await browser.post("/act", headers=headers)
    assert answer.status_code == (200 if passes else 403)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND", "post"])
async def test_every_unsafe_method_is_checked(method: str) -> None:
    async with client() as browser:
        answer = await browser.request(method, "/act", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_a_link_from_another_site_may_be_followed() -> None:
    async with client() as browser:
        answer = await browser.get("/act", headers={"Sec-Fetch-Site": "cross-site", "Cookie": "sid=abc"})
    assert answer.status_code == 200


async def test_the_method_cannot_be_overruled_by_a_header() -> None:
    async with client() as browser:
        headers = {"X-HTTP-Method-Override": "DELETE", "Sec-Fetch-Site": "cross-site"}
        assert (await browser.get("/act", headers=headers)).text == "done"


async def test_a_refused_act_never_reaches_the_application() -> None:
    reached = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    transport = httpx2.ASGITransport(app=protected(app, base_url=BASE_URL))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as browser:
        answer = await browser.post("/act", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, reached) == (403, [])
    assert "another site" in answer.text


@pytest.mark.parametrize(
    ("origin", "accepted"), [(BASE_URL, True), ("https://evil.example", False), (None, False)]
)
async def test_a_websocket_opens_only_from_our_own_pages(origin: str | None, accepted: bool) -> None:
    sent: list[Message] = []
    headers = [(b"host", b"community.example"), (b"cookie", b"sid=abc")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    scope = {"type": "websocket", "path": "/socket", "headers": headers, "query_string": b"", "scheme": "wss"}

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await protected(application(), base_url=BASE_URL)(scope, receive, send)
    assert (sent[0]["type"] == "websocket.accept") is accepted


# --- the site's own name ------------------------------------------------------------------------------

OWN_ADDRESSES = f"{BASE_URL}/ {BASE_URL}/ {BASE_URL}/"


@pytest.mark.parametrize("host", ["community.example", "COMMUNITY.example", "community.example:443"])
async def test_the_own_name_is_served_and_all_addresses_are_the_configured_ones(host: str) -> None:
    async with client() as browser:
        answer = await browser.get("/", headers={"Host": host})
    assert (answer.status_code, answer.text) == (200, OWN_ADDRESSES)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "community.example.evil.example",
        "evilcommunity.example",
        "www.community.example",
        "community.example:4444",
        "community.example:443:443",
        "community.example@evil.example",
        "evil.example#community.example",
        "community.example/",
        "community.example, evil.example",
        "community.example.",
        "127.0.0.1",
        "localhost",
        "[::1]",
        "",
        " ",
    ],
)
async def test_any_other_name_is_refused(host: str) -> None:
    async with client() as browser:
        answer = await browser.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


async def test_two_names_at_once_are_refused() -> None:
    async with client() as browser:
        both = [("Host", "community.example"), ("Host", "evil.example")]
        assert (await browser.get("/", headers=both)).status_code == 400


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Port", "4444"),
        ("X-Forwarded-Server", "evil.example"),
        ("X-Forwarded-Prefix", "/evil"),
        ("Forwarded", "host=evil.example;proto=http"),
        ("X-Host", "evil.example"),
        ("X-Original-URL", "/threads/"),
        ("X-Rewrite-URL", "/threads/"),
    ],
)
async def test_headers_about_the_name_are_not_believed(header: tuple[str, str]) -> None:
    async with client() as browser:
        answer = await browser.get("/", headers=[header])
    assert (answer.status_code, answer.text) == (200, OWN_ADDRESSES)


async def test_a_redirect_made_by_the_framework_leads_to_the_own_name() -> None:
    async with client() as browser:
        answer = await browser.get("/threads", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.headers["location"] == f"{BASE_URL}/threads/"


async def test_a_load_balancer_may_ask_under_any_name_whether_all_is_well() -> None:
    async with client() as browser:
        assert (await browser.get("/healthz", headers={"Host": "10.0.0.7:8000"})).status_code == 200


async def test_in_development_every_name_of_this_machine_is_served_and_kept() -> None:
    async with client("http://127.0.0.1:8000", development=True) as browser:
        for name in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
            answer = await browser.get("/", headers={"Host": name})
            assert answer.text.startswith(f"http://{name}/ ")
        assert (await browser.get("/", headers={"Host": "evil.example:8000"})).status_code == 400
        own_form = {"Origin": "http://localhost:8000", "Cookie": "sid=abc"}
        assert (await browser.post("/act", headers=own_form)).status_code == 200


@pytest.mark.parametrize(
    "url", ["community.example", "ftp://a.example", "https://", "https://a.example/community"]
)
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="BASE_URL"):
        own_origins(url)


def test_origins_leave_default_ports_out() -> None:
    assert own_origins("https://Community.example:443") == {"https://community.example"}
    assert own_origins("http://[::1]:8000") == {"http://[::1]:8000"}


# --- headers of every answer --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/moved", 303), ("/missing", 404), ("/fail", 500), ("/healthz", 200)]
)
async def test_every_answer_carries_the_security_headers(path: str, status: int) -> None:
    async with client() as browser:
        answer = await browser.get(path)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == content_security_policy()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


async def test_refusals_carry_the_security_headers_too() -> None:
    async with client() as browser:
        for answer in (
            await browser.get("/", headers={"Host": "evil.example"}),
            await browser.post("/act", headers={"Sec-Fetch-Site": "cross-site"}),
            await browser.get("/?" + "x" * 5_000),
        ):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "no-store" in answer.headers["cache-control"]


async def test_what_a_response_set_itself_stays() -> None:
    async with client() as browser:
        answer = await browser.get("/picture")
    assert answer.headers.get_list("cache-control") == ["public, max-age=31536000, immutable"]
    assert answer.headers.get_list("content-security-policy") == ["default-src 'none'; sandbox"]


async def test_no_transport_security_is_promised_without_https() -> None:
    async with client("http://127.0.0.1:8000") as browser:
        assert "strict-transport-security" not in (await browser.get("/")).headers


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    assert "form-action 'self' https://login.example;" in content_security_policy(["https://login.example"])


async def test_a_response_object_that_is_sent_twice_does_not_collect_headers() -> None:
    shared = PlainTextResponse("cached")
    before = list(shared.raw_headers)
    transport = httpx2.ASGITransport(app=protected(shared, base_url=BASE_URL))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as browser:
        first, second = await browser.get("/"), await browser.get("/")
    assert shared.raw_headers == before
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


# --- over a real server -------------------------------------------------------------------------------


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_a_whole_address_instead_of_a_path_leads_nowhere_else(parser: str) -> None:
    async with serving(protected(application(), base_url=BASE_URL), parser) as ask:
        end = b"Connection: close\r\n\r\n"
        own = await ask(b"GET / HTTP/1.1\r\nHost: community.example\r\n" + end)
        assert own.startswith(b"HTTP/1.1 200") and OWN_ADDRESSES.encode() in own
        for request in (
            b"GET http://evil.example/ HTTP/1.1\r\nHost: community.example\r\n",
            b"GET http://community.example/ HTTP/1.1\r\nHost: evil.example\r\n",
            b"GET / HTTP/1.1\r\nHost: community.example\r\nHost: evil.example\r\n",
            b"GET / HTTP/1.0\r\n",
        ):
            answer = await ask(request + end)
            assert b"evil.example" not in answer
            assert answer.startswith(b"HTTP/1.1 400") or OWN_ADDRESSES.encode() in answer


# --- the client's address -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, [], "192.0.2.1"),
        (0, ["203.0.113.9"], "192.0.2.1"),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
        (1, ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
        (2, ["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        (2, ["203.0.113.9"], "192.0.2.1"),
        (1, [], "192.0.2.1"),
        (1, ["unknown"], "192.0.2.1"),
        (1, ["203.0.113.9:5000"], "192.0.2.1"),
        (1, ["2001:db8::7"], "2001:db8::7"),
    ],
)
def test_only_entries_added_by_our_own_proxies_are_believed(
    proxies: int, forwarded: list[str], address: str
) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": ("192.0.2.1", 5000), "headers": headers}
    assert client_address(scope, trusted_proxies=proxies) == address


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
    ],
)
def test_addresses_of_one_connection_count_as_one(address: str, block: str) -> None:
    assert address_block(address) == block

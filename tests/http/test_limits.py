"""Limits on headers, query strings and bodies, over a real server where the server's own reading matters."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from community.http.limits import (
    MOST_BODY_BYTES,
    MOST_COOKIE_BYTES,
    MOST_COOKIES,
    MOST_HEADERS,
    MOST_PARAMETERS,
    MOST_TARGET_BYTES,
    BodyLimit,
    HeaderLimits,
    RequestBodyLimitMiddleware,
)
from tests.core.stopwatch import at_most
from tests.http.real_server import serving


async def show_cookies(request: Request) -> Response:
    return PlainTextResponse("&".join(f"{name}={value}" for name, value in sorted(request.cookies.items())))


async def count_fields(request: Request) -> Response:
    async with request.form() as form:
        return PlainTextResponse(str(len(form)))


async def count_bytes(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


ROUTES = [
    Route("/", show_cookies),
    Route("/form", count_fields, methods=["POST"]),
    Route("/body", count_bytes, methods=["POST"]),
]


def limited(app: ASGIApp) -> ASGIApp:
    return HeaderLimits(BodyLimit(app, max_body_size=MOST_BODY_BYTES))


def client(app: ASGIApp | None = None) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=limited(app or Starlette(routes=ROUTES)))
    return httpx2.AsyncClient(transport=transport, base_url="http://test")


async def status_of(path: str = "/", headers: list[tuple[str, str]] | None = None) -> int:
    async with client() as browser:
        return (await browser.get(path, headers=headers)).status_code


# --- headers ------------------------------------------------------------------------------------------


async def test_an_ordinary_request_passes_with_its_cookies() -> None:
    async with client() as browser:
        answer = await browser.get("/", headers={"Cookie": "language=de; sid=abc"})
    assert (answer.status_code, answer.text) == (200, "language=de&sid=abc")


async def test_a_browser_full_of_the_company_websites_cookies_is_still_served() -> None:
    foreign = "; ".join(f"_ga_{number}=GS1.1.{number:090d}" for number in range(60))
    assert len(foreign) > 5_000
    assert await status_of(headers=[("Cookie", foreign)]) == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("Cookie", "a=" + "x" * MOST_COOKIE_BYTES)],
        [("Cookie", "a=" + "x" * 9_000), ("Cookie", "b=" + "x" * 9_000)],
        [("Cookie", ";".join(["a=b"] * (MOST_COOKIES + 1)))],
        [("X-Long", "x" * 40_000)],
        [("X-" + "y" * 40_000, "1")],
        [(f"X-{number}", "1") for number in range(MOST_HEADERS + 1)],
    ],
    ids=["long cookie", "two long cookies", "many cookies", "long value", "long name", "many headers"],
)
async def test_too_much_in_the_headers_is_refused(headers: list[tuple[str, str]]) -> None:
    assert await status_of(headers=headers) == 431


async def test_a_refusal_is_plain_text_that_nobody_keeps() -> None:
    async with client() as browser:
        answer = await browser.get("/", headers={"Cookie": "a=" + "x" * MOST_COOKIE_BYTES})
        only_headers = await browser.head("/", headers={"Cookie": "a=" + "x" * MOST_COOKIE_BYTES})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "cookies" in answer.text
    assert only_headers.content == b""


async def test_cookies_with_quotes_or_backslashes_do_not_reach_the_application() -> None:
    async with client() as browser:
        answer = await browser.get(
            "/", headers={"Cookie": 'sid=abc; bad="\\a\\a"; json={"a":1}; language=de'}
        )
    assert answer.text == "language=de&sid=abc"


async def test_the_longest_hostile_cookie_that_passes_costs_no_time() -> None:
    hostile = 'a="' + "\\a" * ((MOST_COOKIE_BYTES - 100) // 2) + '"'
    with at_most(0.3):
        assert await status_of(headers=[("Cookie", hostile)]) == 200


# --- addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=router", 200),
        ("q=", 200),
        ("q=a&", 200),
        ("tag=vpn&tag=dns", 200),
        ("q=a&q=b", 400),
        ("q=a&%71=b", 400),
        ("tag=vpn&tag=dns&page=1&page=2", 400),
        ("&".join(f"p{number}=1" for number in range(MOST_PARAMETERS + 1)), 414),
        ("q=" + "x" * MOST_TARGET_BYTES, 414),
    ],
)
async def test_a_query_string_is_refused_when_oversized_or_doubled(query: str, status: int) -> None:
    assert await status_of(f"/?{query}") == status


@pytest.mark.parametrize("address", ["/%00", "/members/x%00y", "/?q=%00", "/?q=a%00b", "/?%00=1"])
async def test_no_address_holds_the_character_that_ends_texts(address: str) -> None:
    assert await status_of(address) == 400


async def test_a_long_path_is_refused() -> None:
    assert await status_of("/" + "x" * MOST_TARGET_BYTES) == 414


# --- bodies -------------------------------------------------------------------------------------------


FORMS = {
    "application/x-www-form-urlencoded": b"text=",
    "multipart/form-data; boundary=x": b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n",
}


async def endless_form(content_type: str) -> AsyncIterator[bytes]:
    """A form whose first field goes on until twice the limit, sent in pieces."""
    yield FORMS[content_type]
    for _ in range(2 * MOST_BODY_BYTES // 65_536):
        yield b"x" * 65_536


@pytest.mark.parametrize("content_type", FORMS)
async def test_a_form_over_the_limit_is_refused_although_its_length_was_not_announced(
    content_type: str,
) -> None:
    async with client() as browser:
        answer = await browser.post(
            "/form", content=endless_form(content_type), headers={"Content-Type": content_type}
        )
    assert answer.status_code == 413


async def test_a_body_over_the_limit_is_refused_by_its_announced_length() -> None:
    async with client() as browser:
        assert (await browser.post("/body", content=b"x" * (MOST_BODY_BYTES + 1))).status_code == 413
        allowed = await browser.post("/body", content=b"x" * MOST_BODY_BYTES)
        assert (allowed.status_code, allowed.text) == (200, str(MOST_BODY_BYTES))


async def test_an_uploaded_file_over_the_limit_is_refused() -> None:
    async with client() as browser:
        answer = await browser.post("/form", files={"file": ("a.txt", b"x" * (MOST_BODY_BYTES + 1))})
    assert answer.status_code == 413


async def test_a_route_may_take_more_than_the_others() -> None:
    upload = RequestBodyLimitMiddleware(Route("/upload", count_bytes).app, max_body_size=3 * MOST_BODY_BYTES)
    async with client(Starlette(routes=[Route("/upload", upload, methods=["POST"])])) as browser:
        answer = await browser.post("/upload", content=b"x" * (2 * MOST_BODY_BYTES))
        assert (answer.status_code, answer.text) == (200, str(2 * MOST_BODY_BYTES))
        assert (await browser.post("/upload", content=b"x" * (4 * MOST_BODY_BYTES))).status_code == 413


# --- over a real server -------------------------------------------------------------------------------


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_an_innocent_request_is_answered_at_once_during_hostile_cookie_headers(parser: str) -> None:
    hostile = (
        b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: a="' + b"\\a" * 30_000 + b'"\r\n\r\n'
    )
    innocent = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: language=de\r\n\r\n"
    async with serving(limited(Starlette(routes=ROUTES)), parser) as ask:
        attacks = [asyncio.ensure_future(ask(hostile)) for _ in range(5)]
        await asyncio.sleep(0.01)
        started = time.perf_counter()
        answer = await ask(innocent)
        waited = time.perf_counter() - started
        refusals = await asyncio.gather(*attacks)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"language=de")
    assert waited < 0.5
    assert all(refusal.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400")) for refusal in refusals)


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_a_body_that_grows_over_the_limit_in_chunks_is_refused(parser: str) -> None:
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    async with serving(limited(Starlette(routes=ROUTES)), parser) as ask:
        answer = await ask(head + chunk * (MOST_BODY_BYTES // 65_536 + 1) + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")

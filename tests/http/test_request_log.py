"""One line per request: what it says, and what it must never say."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import Message

from community.core import logging as safe_logging
from community.http.request_log import RequestLog
from tests.http.real_server import serving

NICKNAME = "blauer-otter"
SEARCHED = "qxzsecretquestion"
ADDRESS = "erika@acme.example"
MARKERS = (NICKNAME, SEARCHED, ADDRESS, "erika", "203.0.113.9", "127.0.0.1", "sid=abc")


async def member(request: Request) -> Response:
    logging.getLogger("community.members").info("looked at a member", extra={"count": 1})
    return PlainTextResponse(request.state.request_id)


async def fail(request: Request) -> Response:
    try:
        raise KeyError(ADDRESS)
    except KeyError as error:
        raise ValueError(f"no account for {ADDRESS} called {request.path_params['nickname']}") from error


async def fail_halfway(request: Request) -> Response:
    async def parts() -> Any:
        yield b"half"
        raise ValueError(ADDRESS)

    return StreamingResponse(parts())


async def wait_for_ever(request: Request) -> Response:
    await asyncio.Event().wait()
    return PlainTextResponse("never")


async def healthy(request: Request) -> Response:
    return PlainTextResponse("ok")


APP = RequestLog(
    Starlette(
        routes=[
            Route("/members/{nickname}", member, name="members.show", methods=["GET", "POST"]),
            Route("/fail/{nickname}", fail, name="fail"),
            Route("/halfway", fail_halfway, name="halfway"),
            Route("/wait", wait_for_ever, name="wait"),
            Route("/healthz", healthy, name="health.live"),
            Mount("/static", routes=[Route("/{path:path}", healthy, name="file")]),
        ]
    )
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged meanwhile, as `configure` sends it out."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    stream = io.StringIO()
    safe_logging.configure("INFO", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO, text: str | None = None) -> list[dict[str, Any]]:
    every = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in every if text is None or line["text"] == text]


async def ask(method: str, path: str, **options: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=APP, client=("203.0.113.9", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as browser:
        return await browser.request(method, path, **options)


async def test_a_request_is_logged_with_route_status_and_time(log: io.StringIO) -> None:
    await ask("GET", f"/members/{NICKNAME}")
    (line,) = lines(log, "request")
    assert line["method"] == "GET"
    assert line["route"] == "members.show"
    assert line["status"] == 200
    assert line["bytes"] == 16
    assert line["outcome"] == "answered"
    assert line["milliseconds"] >= 0
    assert line["level"] == "info"


async def test_the_log_names_no_person_path_query_address_or_body(log: io.StringIO) -> None:
    headers = {
        "Cookie": "sid=abc",
        "X-Forwarded-For": "203.0.113.9",
        "User-Agent": ADDRESS,
        "Referer": f"/{SEARCHED}",
    }
    await ask("GET", f"/members/{NICKNAME}?q={SEARCHED}", headers=headers)
    await ask("POST", f"/members/{NICKNAME}", data={"address": ADDRESS}, headers=headers)
    await ask("GET", f"/{SEARCHED}/{NICKNAME}", headers=headers)
    await ask("GET", f"/fail/{NICKNAME}?q={SEARCHED}", headers=headers)
    await ask(ADDRESS.replace("@", "-"), f"/members/{NICKNAME}", headers=headers)
    assert len(lines(log, "request")) == 5
    assert [marker for marker in MARKERS if marker in log.getvalue()] == []


async def test_an_error_is_logged_with_its_kinds_and_places_only(log: io.StringIO) -> None:
    answer = await ask("GET", f"/fail/{NICKNAME}")
    (line,) = lines(log, "A request failed")
    assert line["exception"]["kind"] == "ValueError"
    assert line["exception"]["frames"][-1].startswith("tests/http/test_request_log.py:")
    assert line["exception"]["frames"][-1].endswith(" fail")
    assert line["exception"]["because_of"]["kind"] == "KeyError"
    assert line["route"] == "fail"
    assert answer.status_code == 500
    (end,) = lines(log, "request")
    assert (end["level"], end["status"], end["outcome"]) == ("error", 500, "failed")


async def test_an_error_below_the_framework_is_answered_and_can_be_named(log: io.StringIO) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError(ADDRESS)

    transport = httpx2.ASGITransport(app=RequestLog(broken))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert ADDRESS not in answer.text + log.getvalue()


async def test_all_lines_of_a_request_share_its_id(log: io.StringIO) -> None:
    answer = await ask("GET", f"/members/{NICKNAME}")
    assert {line["request_id"] for line in lines(log)} == {answer.headers["x-request-id"]} == {answer.text}
    assert [line["text"] for line in lines(log)] == ["looked at a member", "request"]


async def test_an_id_that_comes_in_is_not_used(log: io.StringIO) -> None:
    answer = await ask("GET", f"/members/{NICKNAME}", headers={"X-Request-ID": ADDRESS})
    assert answer.headers.get_list("x-request-id") != [ADDRESS]
    assert len(answer.headers["x-request-id"]) == 16
    assert ADDRESS not in log.getvalue()


async def test_parallel_requests_keep_their_ids_apart(log: io.StringIO) -> None:
    answers = await asyncio.gather(*(ask("GET", f"/members/{NICKNAME}") for _ in range(20)))
    assert len({answer.text for answer in answers}) == 20
    assert all(answer.text == answer.headers["x-request-id"] for answer in answers)


async def test_health_and_static_files_do_not_fill_the_log(log: io.StringIO) -> None:
    await ask("GET", "/healthz")
    await ask("GET", "/static/default/main.css")
    assert lines(log) == []


async def test_a_cancelled_request_is_logged_as_such(log: io.StringIO) -> None:
    scope = {"type": "http", "method": "GET", "path": "/wait", "headers": [], "query_string": b""}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        raise AssertionError("nothing is answered")

    task = asyncio.ensure_future(APP(scope, receive, send))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (line,) = lines(log, "request")
    assert (line["outcome"], line["status"], line["route"]) == ("cancelled", None, "wait")


@pytest.mark.parametrize("parser", ["h11", "httptools"])
async def test_a_real_server_adds_nothing_of_its_own_to_the_log(log: io.StringIO, parser: str) -> None:
    async with serving(APP, parser) as send_bytes:
        head = b"Host: x\r\nConnection: close\r\nCookie: sid=abc\r\n\r\n"
        failed = await send_bytes(f"GET /fail/{NICKNAME}?q={SEARCHED} HTTP/1.1\r\n".encode() + head)
        await send_bytes(b"GET /halfway HTTP/1.1\r\n" + head)
        await send_bytes(f"GET {ADDRESS}\r\n\r\n".encode())
    assert failed.startswith(b"HTTP/1.1 500")
    assert len(lines(log, "A request failed")) == 2
    assert [marker for marker in MARKERS if marker in log.getvalue()] == []

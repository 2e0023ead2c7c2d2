"""Whatever a program sends instead of a form, each route answers it: never with an error of our own."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from urllib.parse import quote

import httpx2
import pytest
from starlette.types import ASGIApp

from community.http.route import Access, PolicyRoute
from community.settings import PROJECT
from search import SearchEngine
from tests.access.forms import table
from tests.databases import Kind
from tests.leaks import sweep
from tests.leaks.lives import Town, live, town

pytestmark = pytest.mark.timeout(600)

ODD = {
    "nothing": "",
    "a sign": "-1",
    "more than a column holds": "9" * 19,
    "no number": "NaN",
    "a digit that is no number": "²",
    "a date that is none": "2026-13-45T99:99",
    "half a character and the end of texts": "a%00b%ED%A0%80c",
    "an attack on the database and a way upwards": "' OR 1=1) --%_\\../../etc/passwd",
    "directions of writing, characters on characters": "//evil.example/\u202e\u2066\ufeff"
    + "e"
    + "\u0301" * 300,
    "very long": "ä" * 30_000,
}
"""What stands in each field, by what is odd about it."""
ON_THE_SECOND_DATABASE = ("more than a column holds", "half a character and the end of texts")
"""What databases differ in."""
BODIES = {
    "application/json": b'{"body": [1, {"a": null}]}',
    "multipart/form-data; boundary=x": b"--x\r\n"
    b'Content-Disposition: form-data; name="body"; filename="a"\r\n\r\nz\r\n',
    "multipart/form-data": b"--x--",
    "application/x-www-form-urlencoded": b"body=a&body=b&%=%&=&&\xff=\xfe",
    "text/plain": b"\x00\xff" * 50,
}
"""Bodies that are no form, or a broken one."""
LAST = ("/log-out", "/erase", "/leave", "/step-down", "/end-others", "/end")
"""Their sender is somebody else afterwards."""


@cache
def fields_of(module: str) -> tuple[str, ...]:
    """Names that this module (and what it imports of the web package) reads from forms and addresses."""
    seen, names, waiting = set(), set(), [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        tree = ast.parse(inspect.getsource(sys.modules[name]))
        if len(seen) == 1:
            waiting += [
                f"{node.module}.{each.name}"
                if f"{node.module}.{each.name}" in sys.modules
                else str(node.module)
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("community.web")
                for each in node.names
            ]
        names |= set(_names(tree))
    return tuple(sorted(names))


def _names(tree: ast.AST) -> list[str]:
    """Constants in `fields.get("x")`, `fields["x"]`, `query_params.get("x")` and the like."""
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("get", "getlist")
        ):
            found += [each.value for each in node.args[:1] if isinstance(each, ast.Constant)]
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            found.append(node.slice.value)
    return [name for name in found if isinstance(name, str) and re.fullmatch(r"[a-z_]{1,30}", name)]


async def _routes(kind: Kind) -> list[tuple[str, PolicyRoute]]:
    """One address of each route, with ids of what is there, if anything is; those that end a session come last."""
    real = {**await sweep.addresses(kind, writing=False), **await sweep.addresses(kind, writing=True)}
    found = []
    for path, route in table():
        if route.policy.access is Access.DEVELOPMENT or path.startswith("/static/"):
            continue
        pattern = re.compile(re.sub(r"\\{\w+(?::\w+)?\\}", "[^/]+", re.escape(path)))
        nobody = re.sub(r"\{\w+(?::\w+)?\}", "4711", path)
        found.append((next((one for one in real if pattern.fullmatch(one)), nobody), route))
    return sorted(found, key=lambda each: each[0].endswith(LAST))


@pytest.mark.each_database
async def test_no_field_brings_a_route_down(
    fresh_database: str, database_kind: Kind, app: ASGIApp, search_engine: SearchEngine
) -> None:
    async with town(app) as here:
        await live(here, search_engine)
        routes = await _routes(database_kind)
        wrong, asked = [], 0
        chosen = ODD if database_kind == "sqlite" else {what: ODD[what] for what in ON_THE_SECOND_DATABASE}
        for path, route in routes:
            # The stream of news never ends by itself; tests/live sends it odd places.
            for what, value in chosen.items() if path != "/live" else ():
                answer = await _send(here, "administrator", path, route, value)
                asked += 1
                if answer.status_code >= 500:
                    wrong.append(f"{path}: {what}: {answer.status_code}")
    assert not wrong, "\n".join(wrong[:60])
    assert asked > 200 * len(chosen)


async def _send(here: Town, viewer: str, path: str, route: PolicyRoute, value: str) -> httpx2.Response:
    """The same value in every field; as most forms have a field that says what to do, also as it stands there."""
    names = fields_of(route.endpoint.__module__)[:50]
    written = value if "%00" in value else quote(value)
    body = "&".join(f"{name}={written}" for name in names)
    if not route.policy.writes:
        return await here[viewer].client.get(f"{path}?{body}"[:6000])
    return await here[viewer].client.post(
        path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )


@pytest.mark.each_database
# A file that breaks off in the middle is left to the garbage collector by the parser of forms.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_no_body_brings_a_route_down(
    fresh_database: str, database_kind: Kind, app: ASGIApp, search_engine: SearchEngine
) -> None:
    async with town(app) as here:
        await live(here, search_engine)
        wrong = []
        for path, route in await _routes(database_kind):
            if route.policy.writes:
                for kind, content in BODIES.items():
                    answer = await here["administrator"].client.post(
                        path, content=content, headers={"Content-Type": kind}
                    )
                    if answer.status_code >= 500:
                        wrong.append(f"{path}: {kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong[:60])


@pytest.mark.each_database
async def test_no_address_brings_a_route_down(
    fresh_database: str, database_kind: Kind, app: ASGIApp, search_engine: SearchEngine
) -> None:
    """Numbers and names in the path: too large, of another script, empty, upwards."""
    async with town(app) as here:
        await live(here, search_engine)
        wrong = []
        odd = (
            "0",
            "9" * 16,
            "9" * 40,
            "-1",
            "1%0a",
            "%00",
            "..%2f..",
            "%ED%A0%80",
            "²",
            "٣",
            "a" * 3000,
            "%25",
            ";a=b",
        )
        for path, route in table():
            if "{" not in path or route.policy.access is Access.DEVELOPMENT:
                continue
            for value in odd:
                address = re.sub(r"\{\w+(?::\w+)?\}", value, path)
                method = "POST" if route.policy.writes else "GET"
                answer = await here["administrator"].client.request(method, address)
                if answer.status_code >= 500:
                    wrong.append(f"{method} {path}: {value[:20]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong[:60])


def test_the_names_of_fields_are_found() -> None:
    """The positive control: without names nothing would be sent."""
    assert {"body", "do", "submission"} <= set(fields_of("community.web.answers"))
    known = {route.endpoint.__module__ for _path, route in table()}
    read = [
        name for name in known if "read_form" in (PROJECT / f"{name.replace('.', '/')}.py").read_text("utf-8")
    ]
    assert len(read) > 30
    assert [name for name in read if not fields_of(name)] == []

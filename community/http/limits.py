"""Limits on what a request may bring, checked before anything reads it.

Python 3.11.7 and 3.12.1 unquote cookies in quadratic time (CVE-2024-7592): a single Cookie header of 60 KB
stops the whole process for 20 seconds. Servers let such headers through, so `HeaderLimits` has to stand
outside of everything that could read a cookie.

The size of bodies is limited by Starlette's RequestBodyLimitMiddleware, around everything by `BodyLimit`: it
counts what really arrives, whatever Content-Length and encoding say. `MOST_BODY_BYTES` is the limit for all
routes, and a route that takes files raises it for itself by wrapping its endpoint with Starlette's class once
more.
"""

from typing import Final
from urllib.parse import unquote_plus

from starlette.middleware.body_limit import RequestBodyLimitMiddleware, RequestBodyLimitResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from community.core import i18n
from community.core.i18n import N_

__all__ = ["MOST_BODY_BYTES", "BodyLimit", "HeaderLimits", "RequestBodyLimitMiddleware", "plain_answer"]

MOST_HEADER_BYTES: Final = 32_768
MOST_HEADERS: Final = 100
# The company's own website may set many cookies for its whole domain, so this is no place to be strict.
MOST_COOKIE_BYTES: Final = 16_384
MOST_COOKIES: Final = 150
MOST_LANGUAGE_BYTES: Final = 500
MOST_TARGET_BYTES: Final = 4_096
MOST_PARAMETERS: Final = 64
MOST_BODY_BYTES: Final = 1_048_576

REPEATABLE_PARAMETERS: Final = frozenset({"tag", "space", "status", "kind"})
"""The query parameters that may come more than once: what one may tick several of when searching."""


class HeaderLimits:
    """Refuses oversized headers (431) and query strings (414), doubled parameters (400); the outermost layer.

    Cookies with a quotation mark or a backslash are taken out of the request. No cookie of ours holds either,
    and only they make Python's unquoting slow.
    """

    def __init__(self, app: ASGIApp, *, repeatable: frozenset[str] = REPEATABLE_PARAMETERS) -> None:
        self.app = app
        self.repeatable = repeatable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            refused = _refusal(scope, self.repeatable)
            if refused is not None:
                await plain_answer(scope, send, *refused)
                return
            _drop_hostile_cookies(scope)
        await self.app(scope, receive, send)


def _refusal(scope: Scope, repeatable: frozenset[str]) -> tuple[int, str] | None:
    """Status and sentence if the request is refused. One pass over the headers, nothing is decoded."""
    header_bytes = cookie_bytes = cookies = 0
    for name, value in scope["headers"]:
        header_bytes += len(name) + len(value)
        if name == b"cookie":
            cookie_bytes += len(value)
            cookies += value.count(b";") + 1
    if header_bytes > MOST_HEADER_BYTES or len(scope["headers"]) > MOST_HEADERS:
        return 431, N_("The request has too many or too long headers.")
    if cookie_bytes > MOST_COOKIE_BYTES or cookies > MOST_COOKIES:
        return 431, N_(
            "Your browser sent too many cookies. Please delete the cookies of this site and try again."
        )
    query: bytes = scope["query_string"]
    if len(scope.get("raw_path") or b"") + len(query) > MOST_TARGET_BYTES:
        return 414, N_("This address is too long.")
    if "\x00" in scope["path"] or b"%00" in query or b"\x00" in query:
        # PostgreSQL takes no text that holds it, and no page has it in its address.
        return 400, N_("This address holds a character that no address of this site has.")
    if not query:
        return None
    pairs = query.split(b"&")
    if len(pairs) > MOST_PARAMETERS:
        return 414, N_("This address has too many parameters.")
    names = [unquote_plus(pair.partition(b"=")[0].decode("latin-1")) for pair in pairs if pair]
    if len(names) != len(set(names)):
        doubled = {name for name in names if names.count(name) > 1}
        if doubled - repeatable:
            return 400, N_("This address names the same parameter twice.")
    return None


def _drop_hostile_cookies(scope: Scope) -> None:
    if not any(name == b"cookie" and (b"\\" in value or b'"' in value) for name, value in scope["headers"]):
        return
    headers = []
    for name, value in scope["headers"]:
        if name == b"cookie":
            value = b";".join(pair for pair in value.split(b";") if b"\\" not in pair and b'"' not in pair)
        headers.append((name, value))
    scope["headers"] = headers


class BodyLimit(RequestBodyLimitMiddleware):
    """Starlette's limit, except that its refusal (413) may be a page: the application's own, if it makes one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _BodyLimitResponder(self.app, self.max_body_size)(scope, receive, send)


class _BodyLimitResponder(RequestBodyLimitResponder):
    async def send_with_limit(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 413:
            self.response_started = True
            await self.send(message)
            return
        await super().send_with_limit(message)


async def plain_answer(scope: Scope, send: Send, status: int, sentence: str, **values: str) -> None:
    """Answer with one sentence as plain text and end the connection; for refusals below all pages.

    `sentence` is marked for the catalogues. The language is the browser's: nothing else about the reader is known.
    """
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    i18n.use(i18n.negotiate(accept_header=accepted[:MOST_LANGUAGE_BYTES].decode("latin-1")))
    text = i18n.gettext(sentence)
    body = (text % values if values else text).encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    # HTTP/2 has no such header; there the request's body is simply not read.
    if scope.get("http_version", "1.1").startswith("1"):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

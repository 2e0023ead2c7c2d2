"""What protects every request: the site's own name, requests from our own pages only, and security headers.

All are plain ASGI, all are told the configured base URL and believe no header about it. `protected` puts them
around the application in the order they need.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from community.core.i18n import N_
from community.http.limits import (
    MOST_BODY_BYTES,
    BodyLimit,
    HeaderLimits,
    plain_answer,
)
from community.http.request_log import RequestLog

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
TWO_YEARS: Final = 63_072_000

NAMELESS_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""Asked by load balancers under whatever name or address the machine has; their answers name nothing."""


def protected(
    app: ASGIApp,
    *,
    base_url: str,
    development: bool = False,
    form_targets: Sequence[str] = (),
    most_body_bytes: int = MOST_BODY_BYTES,
) -> ASGIApp:
    """The application behind all layers of this package, outermost first as listed below.

    Goes around the finished application and not into its list of middleware, because Starlette answers
    unexpected errors outside of that list, where the answer would miss its headers and its line in the log.
    `form_targets` are origins to which a form may lead, such as that of a log-in provider.
    """
    origins = own_origins(base_url, development=development)
    app = SameOrigin(app, origins=origins)
    app = BodyLimit(app, max_body_size=most_body_bytes)
    app = TrustedHost(app, base_url=base_url, origins=origins)
    app = SecurityHeaders(app, https=base_url.startswith("https://"), form_targets=form_targets)
    app = RequestLog(app)
    return HeaderLimits(app)


def own_origins(base_url: str, *, development: bool = False) -> frozenset[str]:
    """The origins ("https://community.example") under which this site is itself.

    In development these are all names of this machine, as people type any of them.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("BASE_URL is http:// or https://, a host and perhaps a port, and nothing after it.")
    hosts = {parts.hostname}
    if development:
        hosts |= {"localhost", "127.0.0.1", "::1"}
    return frozenset(_origin(parts.scheme, host, parts.port) for host in hosts)


def _origin(scheme: str, host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host.lower()
    return f"{scheme}://{name}" if port in (None, DEFAULT_PORTS[scheme]) else f"{scheme}://{name}:{port}"


class SecurityHeaders:
    """Adds the headers that tell browsers what this site never does; what a response set itself stays."""

    def __init__(self, app: ASGIApp, *, https: bool, form_targets: Sequence[str] = ()) -> None:
        self.app = app
        headers = {
            "Content-Security-Policy": content_security_policy(form_targets),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": (
                "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), "
                "display-capture=(), browsing-topics=()"
            ),
            # Pages show what one viewer may see; whoever answers with something for all says so.
            "Cache-Control": "private, no-store",
        }
        if https:
            headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}"
        self.raw = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A new list, as a cached response may hand out the same one each time.
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [header for header in self.raw if header[0] not in present]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def content_security_policy(form_targets: Sequence[str] = ()) -> str:
    """The policy of every page: everything from this site, nothing inline, in no frame.

    It holds no nonce, so a page can be cached.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(["form-action 'self'", *form_targets]),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


class SameOrigin:
    """Refuses (403) what another site made a browser send: protects from forged requests without tokens.

    For every method but GET, HEAD and OPTIONS: `Sec-Fetch-Site` decides where the browser sends it, else
    `Origin`. Where both are absent the request passes only if it carries no cookie, as those of scripts with
    an API token or of a mail provider's one-click unsubscribe do. "same-site" is refused: a neighbour on
    another port or subdomain is not us. Log-in and log-out are covered, as nothing has to be there before.
    """

    def __init__(self, app: ASGIApp, *, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unsafe = scope["type"] == "websocket" or (
            scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        )
        if unsafe and not self._is_from_here(scope):
            sentence = N_(
                "This request came from another site, so nothing was done. Please start on our own page."
            )
            await plain_answer(scope, send, 403, sentence)
            return
        await self.app(scope, receive, send)

    def _is_from_here(self, scope: Scope) -> bool:
        fetch_site = _values(scope, b"sec-fetch-site")
        if fetch_site:
            # "none" is the person's own doing: a bookmark, or sending a form again after a restart.
            return fetch_site in ([b"same-origin"], [b"none"])
        origin = _values(scope, b"origin")
        if origin:
            return len(origin) == 1 and origin[0].decode("latin-1").lower() in self.origins
        return not _values(scope, b"cookie") and scope["type"] == "http"


class TrustedHost:
    """Refuses (400) requests for another name, and gives all others the site's own name.

    After it the Host header and the scheme are those of the configured base URL, whatever came in, so that no
    address built from the request can lead elsewhere. Headers such as X-Forwarded-Host are removed unread.
    """

    def __init__(self, app: ASGIApp, *, base_url: str, origins: frozenset[str]) -> None:
        self.app = app
        base = urlsplit(base_url)
        self.scheme = base.scheme
        self.own_name = urlsplit(_origin(base.scheme, base.hostname or "", base.port)).netloc
        self.names = frozenset(urlsplit(origin).netloc for origin in origins)
        self.default_port = f":{DEFAULT_PORTS[base.scheme]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        name = self._name(scope)
        if name is None:
            await plain_answer(scope, send, 400, N_("There is no site of this name here."))
            return
        kept = [(key, value) for key, value in scope["headers"] if key not in UNBELIEVED_HEADERS]
        secure = self.scheme == "https"
        if scope["type"] == "websocket":
            scope["scheme"] = "wss" if secure else "ws"
        else:
            scope["scheme"] = self.scheme
        scope["headers"] = [*kept, (b"host", name.encode())]
        await self.app(scope, receive, send)

    def _name(self, scope: Scope) -> str | None:
        """The name the request is for, of those that are ours; None if it is for another, or for several."""
        # A whole address instead of a path ("GET http://other/ HTTP/1.1") would overrule the Host header.
        if not scope["path"].startswith("/"):
            return None
        if scope["path"] in NAMELESS_PATHS:
            return self.own_name
        given = _values(scope, b"host")
        if len(given) != 1:
            return None
        name = given[0].decode("latin-1").lower().removesuffix(self.default_port)
        return name if name in self.names else None


UNBELIEVED_HEADERS: Final = frozenset(
    {
        b"host",
        b"forwarded",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-forwarded-prefix",
        b"x-forwarded-server",
        b"x-host",
        b"x-original-url",
        b"x-rewrite-url",
        b"x-http-method-override",
        b"x-method-override",
    }
)


def client_address(scope: Scope, *, trusted_proxies: int = 0) -> str:
    """The address the request came from, for counting attempts only: it is never stored, logged or shown.

    With `trusted_proxies` in front, each of which adds the address it was called from to X-Forwarded-For, it
    is the entry that the outermost of them added; what stands before it, anybody can have written. A header
    with too few entries or nonsense in that place gives the address of the connection.
    """
    connection = scope.get("client")
    direct = connection[0] if connection else ""
    if trusted_proxies <= 0:
        return direct
    entries = b",".join(_values(scope, b"x-forwarded-for")).decode("latin-1").split(",")
    if len(entries) < trusted_proxies:
        return direct
    try:
        return str(ipaddress.ip_address(entries[-trusted_proxies].strip()))
    except ValueError:
        return direct


def address_block(address: str) -> str:
    """The block an attempt is counted for: an IPv4 address, or the /64 that an IPv6 customer gets whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]

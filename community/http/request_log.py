"""One line in the log for each request, and an id that joins all lines of it.

The line says method, name of the route, status, milliseconds and bytes. Paths are left out, because they hold
nicknames and search words; so are query strings, addresses and bodies.
"""

import asyncio
import logging
import secrets
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from community.core import logging as safe_logging
from community.core.i18n import N_
from community.http.limits import plain_answer

logger = logging.getLogger(__name__)

ID_BYTES: Final = 8
QUIET_PATHS: Final = ("/static/", "/healthz", "/readyz", "/live")
"""Asked so often that they are logged at level "debug" only; a stream of news would seem to have taken minutes."""
KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    """Gives each request a fresh id (`request.state.request_id`, answered as X-Request-ID) and logs its end.

    An id that comes in is not used: it could hold anything. Errors that nobody caught end here, answered with
    a plain 500 if there is no answer yet; passed on, the server would log them with their messages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(ID_BYTES)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        context = safe_logging.request_id.set(request_id)
        started = time.perf_counter()
        outcome = "answered"
        try:
            await self.app(scope, receive, answer.send)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except Exception:
            outcome = "failed"
            logger.exception("A request failed", extra={"route": _route_name(scope)})
            if answer.status is None:
                sentence = N_("Something went wrong on our side. If you tell us about it, name %(id)s.")
                await plain_answer(scope, answer.send, 500, sentence, id=request_id)
        finally:
            _log_end(scope, answer, started, outcome)
            safe_logging.request_id.reset(context)


class _Answer:
    """Passes the response on, with the id added, and remembers status and size."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._header = (b"x-request-id", request_id.encode("ascii"))
        self.status: int | None = None
        self.size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", []), self._header]}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def _log_end(scope: Scope, answer: _Answer, started: float, outcome: str) -> None:
    level = logging.INFO
    if outcome == "failed" or (answer.status or 0) >= 500:
        level = logging.ERROR
    elif scope["path"].startswith(QUIET_PATHS):
        level = logging.DEBUG
    if not logger.isEnabledFor(level):
        return
    fields = {
        "method": scope["method"] if scope["method"] in KNOWN_METHODS else "other",
        "route": _route_name(scope),
        "status": answer.status,
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "bytes": answer.size,
        "outcome": outcome,
    }
    logger.log(level, "request", extra=fields)


def _route_name(scope: Scope) -> str | None:
    """The name the route was registered under; None where no route matched."""
    name = getattr(scope.get("route"), "name", None)
    return name if isinstance(name, str) and name else None

"""The route that carries its policy. A route without one cannot be registered by accident: `web.routes` knows only
`get` and `post` from here, and a test refuses every other kind of route in the application.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.http.acceptance import demand_acceptance
from community.http.limits import RequestBodyLimitMiddleware

Handler = Callable[[Request], Awaitable[Response]]


class Access(Enum):
    """Who may reach a route at all. What they see there is decided by the queries, which start from the viewer."""

    PUBLIC = "the same for every viewer"
    SCOPED = "shows only what the viewer may read"
    MEMBER = "needs a log-in; others are led to it"
    MODERATOR = "moderators and administrators; not found for others"
    STAFF = "all staff; not found for others"
    ADMINISTRATOR = "administrators; not found for others"
    DEVELOPMENT = "does not exist in production"


@dataclass(frozen=True, slots=True)
class Policy:
    access: Access
    writes: bool
    why: str = ""
    """For PUBLIC routes: why everybody may get the same answer."""


def permitted(viewer: Viewer, access: Access) -> bool:
    """Whether this viewer passes the gate of a route."""
    match access:
        case Access.PUBLIC | Access.SCOPED | Access.DEVELOPMENT:
            return True
        case Access.MEMBER:
            return viewer.is_member
        case Access.MODERATOR:
            return viewer.is_moderator
        case Access.STAFF:
            return viewer.is_staff
        case Access.ADMINISTRATOR:
            return viewer.is_administrator
    return False


class LogInNeeded(Exception):  # noqa: N818 - it is a step, not a failure
    """A guest asked for something that members have."""


class PolicyRoute(Route):
    """A route with its policy, checked before the handler runs."""

    def __init__(
        self,
        path: str,
        endpoint: Handler,
        *,
        name: str,
        methods: Sequence[str],
        policy: Policy,
        most_file_bytes: int = 0,
    ) -> None:
        reads = set(methods) <= {"GET", "HEAD"}
        if policy.writes == reads:
            raise TypeError(f"{path}: GET reads and POST writes")
        if policy.access is Access.PUBLIC and not policy.why:
            raise TypeError(f"{path}: a public route says why")
        super().__init__(path, endpoint, name=name, methods=list(methods))
        self.policy = policy
        self.with_files = (
            RequestBodyLimitMiddleware(self._answer, most_file_bytes) if most_file_bytes else None
        )

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer: Viewer = scope["state"]["viewer"]
        scope["state"]["route"] = self.name
        if not permitted(viewer, self.policy.access):
            raise LogInNeeded if self.policy.access is Access.MEMBER else NotFound
        if self.with_files is not None and _brings_files(scope):
            await self.with_files(scope, receive, send)
            return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.policy.writes and scope["method"] == "POST":
            await demand_acceptance(self.name, scope, receive, send)
        await super().handle(scope, receive, send)


def _brings_files(scope: Scope) -> bool:
    """Only this kind of body is read piece by piece; any other is held in memory and stays as small as everywhere."""
    content_type = Headers(scope=scope).get("content-type", "")
    return scope["method"] == "POST" and content_type.lower().startswith("multipart/form-data")


def get(path: str, endpoint: Handler, name: str, access: Access, why: str = "") -> PolicyRoute:
    """A route that reads. `why` is needed for PUBLIC ones."""
    return PolicyRoute(
        path, endpoint, name=name, methods=["GET"], policy=Policy(access, writes=False, why=why)
    )


def post(
    path: str, endpoint: Handler, name: str, access: Access, why: str = "", *, most_file_bytes: int = 0
) -> PolicyRoute:
    """A route that writes. `most_file_bytes` is the limit on its body where it takes files."""
    policy = Policy(access, writes=True, why=why)
    return PolicyRoute(
        path, endpoint, name=name, methods=["POST"], policy=policy, most_file_bytes=most_file_bytes
    )


def leaves(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route of a table with its full path, mounted ones included."""
    for route in routes:
        below = getattr(route, "routes", None)
        path = prefix + getattr(route, "path", "")
        if below:
            yield from leaves(below, path)
        else:
            yield path, route

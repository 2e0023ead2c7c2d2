"""The cookie by which a browser goes on with a log-in that is under way."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from community.accounts import log_in_steps
from community.accounts.log_in_steps import Purpose, Step, Way
from community.settings import settings


def cookie_name() -> str:
    return "__Host-step" if settings.is_https else "step"


async def begin_step(
    response: Response, purpose: Purpose, account_id: int | None = None, *, way: Way | None = None
) -> None:
    token = await log_in_steps.begin_step(purpose, account_id, way=way)
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(log_in_steps.LASTS.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


async def find_step(connection: HTTPConnection, purpose: Purpose) -> Step | None:
    token = connection.cookies.get(cookie_name(), "")
    return await log_in_steps.find_step(token, purpose) if 0 < len(token) <= 100 else None


def forget_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=settings.is_https, httponly=True, samesite="lax")

"""Starting the processes: web and worker together by default, apart in production."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import uvicorn
from starlette.types import ASGIApp

from community.app import build_search, create_app
from community.core import logging as logs
from community.core.db import connect, disconnect
from community.http.listeners import MOST_STREAMS, end_all_streams
from community.settings import settings
from community.worker import Worker

GRACE = 20
"""Seconds that running requests get to finish after SIGTERM."""
MOST_CONNECTIONS = 400
"""Of one process, beside those that stay open for news."""


async def _shut_down(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
    """Uvicorn's way to stop, which asks each connection once to end after its request.

    A connection that is just being taken at that moment is not asked and would be served until the time of grace
    is over, so all are asked again and again. Streams of news would never end by themselves: they are ended first.
    """
    end_all_streams()

    async def ask_again() -> None:
        while True:
            await asyncio.sleep(1)
            for connection in list(server.server_state.connections):
                connection.shutdown()

    asking = asyncio.create_task(ask_again())
    try:
        await _shut_down_once(server, sockets)
    finally:
        asking.cancel()


_shut_down_once = uvicorn.Server.shutdown
# Set on the class, because with several processes uvicorn makes the servers itself.
uvicorn.Server.shutdown = _shut_down  # type: ignore[method-assign, assignment]


def application() -> ASGIApp:
    """What a server process loads when several run; none of them delivers the outbox."""
    _configure_logs()
    return create_app()


def application_with_worker() -> ASGIApp:
    """What the one server process of a small site loads: it delivers the outbox as well."""
    _configure_logs()
    return create_app(with_worker=True)


def _configure_logs() -> None:
    """Each process of its own does it for itself; what the command configured stays behind in the parent."""
    logs.configure(settings.log_level, with_values=settings.development)


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> int:
    """Answer requests until stopped. One web process may deliver the outbox as well, several may not.

    A worker that several web processes hid among them would be missed by nobody if it died; as a process of its own
    it is watched and started again by whatever manages processes.
    """
    if with_worker and workers > 1:
        print(
            "Several web processes need `community worker` beside them: start it, and add --no-worker here.",
            file=sys.stderr,
        )
        return 2
    if settings.development:
        print(f"Kundenkreis answers on {settings.base_url} (Ctrl+C ends it).", flush=True)
    uvicorn.run(
        f"community.serving:{'application_with_worker' if with_worker else 'application'}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        # Measured: as fast as uvloop, and fairer when the process is saturated.
        loop="asyncio",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS + MOST_STREAMS,
        timeout_graceful_shutdown=GRACE,
    )
    return 0


def run_worker() -> int:
    """Deliver the outbox and do what is due until SIGTERM or SIGINT."""
    asyncio.run(_work())
    return 0


async def _work() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await connect(settings.database_url)
    engine = build_search()
    try:
        await Worker(engine).run_until(stop)
    finally:
        await engine.close()
        await disconnect()

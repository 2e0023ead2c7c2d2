"""A real uvicorn on loopback, for what only bytes on a socket can show."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp

Ask = Callable[[bytes], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def on_a_port(app: ASGIApp, parser: str = "h11") -> AsyncIterator[int]:
    """The port of 127.0.0.1 on which `app` answers."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=parser, log_config=None, access_log=False, lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, parser: str) -> AsyncIterator[Ask]:
    """A function that sends bytes to the server and returns all that comes back until it closes.

    `parser` is "h11" or "httptools". Requests say "Connection: close", or the answer takes five seconds.
    """

    async def ask(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            # The server may close before it has read everything.
            with contextlib.suppress(ConnectionError):
                writer.write(request)
                await writer.drain()
                return await asyncio.wait_for(reader.read(), timeout=10)
            return b""
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async with on_a_port(app, parser) as port:
        yield ask

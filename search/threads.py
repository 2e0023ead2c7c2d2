"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")


async def run(executor: Executor, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a thread. When the caller is cancelled, the thread goes on unobserved."""
    return await asyncio.get_running_loop().run_in_executor(executor, function, *arguments)


async def run_to_end(executor: Executor, function: Callable[..., T], *arguments: Any) -> T:
    """The same for writes: a cancelled caller waits for the thread, so that no later write overtakes it."""
    work = asyncio.ensure_future(run(executor, function, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise

"""Waiting for a step that must not be left half-way, whatever happens to the task that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def to_the_end(step: Awaitable[T]) -> T:
    """The result of `step`, which is carried out even if the waiting task is cancelled meanwhile.

    A cancellation is not lost: it is raised again, once the step has ended.
    """
    task = asyncio.ensure_future(step)
    interruption: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancelled:
            interruption = cancelled
    if interruption is not None:
        if not task.cancelled():
            task.exception()  # Looked at, so that asyncio does not report it as forgotten.
        raise interruption
    return task.result()

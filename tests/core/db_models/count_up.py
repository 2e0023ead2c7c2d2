"""A process that reads a number and writes it back one higher, many times: `count_up URL TIMES`."""

from __future__ import annotations

import asyncio
import sys

from community.core.db import connect, disconnect, in_transaction
from tests.core.db_models import Book


async def count_up(url: str, times: int) -> None:
    await connect(url, models=["tests.core.db_models"])
    try:
        for _ in range(times):
            async with in_transaction():
                book = await Book.get(id=1)
                # Room for the other processes to write between the reading and the writing.
                await asyncio.sleep(0)
                await Book.filter(id=1).update(position=book.position + 1)
    finally:
        await disconnect()


if __name__ == "__main__":
    asyncio.run(count_up(sys.argv[1], int(sys.argv[2])))

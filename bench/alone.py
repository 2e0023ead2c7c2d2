"""For measurements that are run by themselves: a new database in a folder of its own, or the one that is named."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn


def run_alone(measure: Callable[[str], Awaitable[float]], *, aim: float) -> NoReturn:
    """Give `measure` the URL of the database, and end the process: 0 where what it answers is at most `aim`."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VAR_DIR", folder)
        os.environ.setdefault("DEVELOPMENT", "1")
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite://{Path(folder) / 'bench.sqlite3'}"

        async def measured() -> float:
            return await measure(url)

        sys.exit(asyncio.run(measured()) > aim)

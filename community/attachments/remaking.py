"""Runs `remake.py` on one received file: one process each, few at once, none for longer than a moment."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("remake.py")
MOST_AT_ONCE = 2
"""In one process of the site: a picture can take a gigabyte for a second."""
LONGEST = 20.0
"""Seconds until a child is killed that neither ends nor uses its allowance of the processor."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_turns = asyncio.Semaphore(MOST_AT_ONCE)


class NotRemade(Exception):  # noqa: N818 - mostly the file's doing, not ours
    """Nothing was made of the file; `code` is that of a sentence in `rules.refusal`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Remade:
    """What was made of a file; of pictures there is a smaller copy as well."""

    content_type: str
    width: int | None = None
    height: int | None = None
    small_width: int | None = None
    small_height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.width is not None


async def remake(source: Path, target: Path, small: Path) -> Remade:
    """Write what is harmless of `source` to `target`. Raises `NotRemade`."""
    async with _turns:
        said = await _run(source, target, small)
    if "failed" in said:
        raise NotRemade("full" if said["failed"] in FULL else "broken")
    if "refused" in said:
        raise NotRemade(said["refused"])
    return Remade(**said)


async def _run(source: Path, target: Path, small: Path) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(PROGRAM), str(source), str(target), str(small),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"LANG": "C.UTF-8", "PATH": os.defpath},
        cwd=source.parent,
    )  # fmt: skip
    try:
        written, _nothing = await asyncio.wait_for(process.communicate(), LONGEST)
    except TimeoutError:
        raise NotRemade("slow") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        # Killed by a limit: of time by a signal, of memory inside a decoder in whatever way it dies of that.
        raise NotRemade("slow" if process.returncode < 0 else "broken")
    said: dict[str, Any] = json.loads(written)
    return said

"""Commands that want the search index while the worker of a running site holds it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from community.core.db import fetch
from community.worker import Worker
from search import open_engine
from search.index import Query
from tests.importing.small_dump import WHOLE, write_dump


def _run(url: str, var_dir: Path, *arguments: str) -> str:
    environment = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(var_dir)}
    done = subprocess.run(
        [sys.executable, "-m", "community", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_running_worker_does_what_commands_cannot(fresh_database: str, tmp_path: Path) -> None:
    folder = write_dump(tmp_path / "routers.example.net", **WHOLE)
    engine = open_engine("", "", tmp_path / "index")
    try:
        await engine.setup()
        await engine.delete(["thread-0"])  # From here on this process is the one that writes.
        import_command = ("import", "stackexchange", str(folder), "--space", "routers")
        printed = await asyncio.to_thread(_run, fresh_database, tmp_path, *import_command)
        assert "findable by the running worker" in printed
        worker = Worker(engine)
        while await worker.run_once():
            pass
        spaces = frozenset({0, *(row["id"] for row in await fetch("SELECT id FROM spaces"))})
        assert len((await engine.search(Query("cable", spaces))).hits) == 1
        stop = asyncio.Event()
        working = asyncio.create_task(worker.run_until(stop))
        generation = (tmp_path / "index" / "CURRENT").read_text()
        printed = await asyncio.to_thread(_run, fresh_database, tmp_path, "reindex")
        assert re.fullmatch(r"\d+ documents\.\n", printed)
        assert (tmp_path / "index" / "CURRENT").read_text() != generation
        stop.set()
        await working
        assert len((await engine.search(Query("cable", spaces))).hits) == 1
        assert not await fetch("SELECT id FROM outbox_facts WHERE done_at IS NULL")
    finally:
        await engine.close()


async def test_similar_threads_are_found_once_all_are_there(fresh_database: str, tmp_path: Path) -> None:
    folder = write_dump(tmp_path / "routers.example.net", **WHOLE)
    await asyncio.to_thread(
        _run, fresh_database, tmp_path, "import", "stackexchange", str(folder), "--space", "routers"
    )
    rows = await fetch("SELECT thread_id FROM related_threads WHERE kind = 'similar'")
    assert rows
    assert not await fetch("SELECT id FROM outbox_facts WHERE done_at IS NULL AND name LIKE 'thread.%'")

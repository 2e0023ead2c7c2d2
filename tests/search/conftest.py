"""The engines that the contract tests run on.

The embedded engine always; Meilisearch where `SEARCH_URL` (and `SEARCH_KEY`) name a server for tests, or where a
`meilisearch` program is on the path, which is then started for this run. Indexes made on a given server begin with
`content_test_` and are deleted afterwards.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from search.embedded import EmbeddedEngine
from search.index import SearchEngine
from search.meilisearch import MeilisearchEngine

_START_SECONDS = 30


@pytest.fixture(scope="session")
def search_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a Meilisearch server."""
    if url := os.environ.get("TEST_SEARCH_URL"):
        yield url, os.environ.get("TEST_SEARCH_KEY", "")
        return
    program = shutil.which("meilisearch")
    if program is None:
        pytest.skip("no Meilisearch")
    key = "a-key-for-tests-alone"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("meilisearch")
    options = ["--http-addr", address, "--master-key", key, "--no-analytics", "--db-path", str(folder / "db")]
    process = subprocess.Popen([program, *options], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _wait_until_healthy(f"http://{address}/health")
        yield f"http://{address}", key
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_healthy(url: str) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


@pytest.fixture
def index_root(tmp_path: Path) -> Path:
    """Folder of the embedded index of this test."""
    return tmp_path / "index"


@pytest.fixture(params=["embedded", "meilisearch"])
async def engine(request: pytest.FixtureRequest, index_root: Path) -> AsyncIterator[SearchEngine]:
    """An empty engine, once of each kind."""
    if request.param == "embedded":
        embedded = EmbeddedEngine(index_root)
        await embedded.setup()
        yield embedded
        await embedded.close()
        return
    url, key = request.getfixturevalue("search_server")
    server = MeilisearchEngine(url, key, index=f"content_test_{uuid.uuid4().hex[:8]}")
    await server.setup()
    yield server
    await server.remove()
    await server.close()


@pytest.fixture
async def embedded(index_root: Path) -> AsyncIterator[EmbeddedEngine]:
    """An empty embedded engine, for what only it can do."""
    engine = EmbeddedEngine(index_root)
    await engine.setup()
    yield engine
    await engine.close()

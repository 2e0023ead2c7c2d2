"""The demo community, filled by its real command and served by the real server, on a port of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
from playwright.async_api import Browser, BrowserContext, StorageState

from community.settings import PROJECT
from tests.crash.site import free_port

PARTS = ("small", "large", "expert", "moderator", "administrator", "marketing")
ENDING_SECONDS = 25


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a development site of its own in `folder`; nothing of the test process's database."""
    return {**os.environ, "VAR_DIR": str(folder), "DEVELOPMENT": "1", "LOG_LEVEL": "WARNING", **more}


def fill(folder: Path) -> None:
    """A new demo community in `folder`."""
    for command in ("migrate", "demo"):
        done = subprocess.run(
            [sys.executable, "-m", "community", command],
            cwd=PROJECT,
            env=environment(folder),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


class DemoSite:
    """One copy of the demo community with a server (and its worker) in front of it."""

    def __init__(self, filled: Path, folder: Path, *, name: str = "127.0.0.1", **more: str) -> None:
        shutil.copytree(filled, folder)
        self.folder = folder
        self.port = free_port()
        self.address = f"http://{name}:{self.port}"
        self.host = urlsplit(self.address).netloc
        self._environment = environment(folder, BASE_URL=self.address, **more)
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._states: dict[str, StorageState] = {}

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "community", "serve", "--port", str(self.port)],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        async with httpx2.AsyncClient(base_url=self.address) as client:
            for _ in range(1200):
                if self._process.poll() is not None:
                    break
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"The site does not start:\n{self.log()}")

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, ENDING_SECONDS)
            self._process = None

    def log(self) -> str:
        """The end of what the server printed."""
        return self._log.read_text("utf-8", "replace")[-6000:] if self._log.exists() else ""

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What stands in the database at this moment, read beside the server."""
        with sqlite3.connect(f"file:{self.folder / 'community.sqlite3'}?mode=ro", uri=True) as connection:
            found = connection.execute(statement, values).fetchall()
        connection.close()
        return found

    def value(self, statement: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.rows(statement, *values)[0][0]

    def people(self) -> Mapping[str, Mapping[str, str]]:
        """The demo log-ins by part: nickname, mail, password."""
        listed = json.loads((self.folder / "demo-log-ins.json").read_text("utf-8"))
        return {entry["part"]: entry for entry in listed}

    async def visitor(self, browser: Browser, part: str = "", **options: Any) -> BrowserContext:
        """A browser of somebody of the demo community, logged in; without a part, of a guest."""
        if part:
            options["storage_state"] = await self._state(part)
        return await browser.new_context(base_url=self.address, **options)

    async def client(self, part: str) -> httpx2.AsyncClient:
        """A plain HTTP client with the session of this part; the caller closes it."""
        cookies = {cookie["name"]: cookie["value"] for cookie in (await self._state(part))["cookies"]}
        headers = {"Sec-Fetch-Site": "same-origin"}
        return httpx2.AsyncClient(base_url=self.address, cookies=cookies, headers=headers)

    async def _state(self, part: str) -> StorageState:
        """The session of a log-in, made once: hashing a password is slow on purpose."""
        if part not in self._states:
            person = self.people()[part]
            async with httpx2.AsyncClient(
                base_url=self.address, headers={"Sec-Fetch-Site": "same-origin"}
            ) as client:
                fields = {"mail": person["mail"], "password": person["password"], "next": "/"}
                answer = await client.post("/log-in", data=fields)
                assert answer.status_code == 303, f"{part} cannot log in: {answer.status_code}"
                cookies = [
                    {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}
                    for name, value in client.cookies.items()
                    if name != "notice"  # "You are logged in." is said once.
                ]
            self._states[part] = cast(StorageState, {"cookies": cookies, "origins": []})
        return self._states[part]

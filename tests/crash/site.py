"""A whole site in processes of its own, on a port of its own: started, killed, stopped, by process id."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import httpx2

from community.settings import PROJECT, settings

Part = Literal["web", "worker", "reindex"]

COMMANDS: dict[Part, list[str]] = {
    "web": ["-m", "community", "serve", "--no-worker"],
    "worker": ["-m", "tests.crash.worker_process"],
    "reindex": ["-m", "community", "reindex"],
}


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Site:
    """Web process and worker on one database. What they print goes to a file, which a failing test shows."""

    def __init__(self, database_url: str, folder: Path, **chosen: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "site.log"
        self._environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            # The accounts of the test are sealed with its keys.
            "VAULT_KEY_FILE": str(settings.vault_key_file),
            "BASE_URL": self.base_url,
            "LOG_LEVEL": "WARNING",
            **chosen,
        }
        self._running: dict[Part, subprocess.Popen[bytes]] = {}
        self.kills = 0

    async def start(self, part: Part) -> None:
        """Start a process; the web one is waited for until it answers."""
        command = [sys.executable, *COMMANDS[part]]
        if part == "web":
            command += ["--port", str(self.port)]
        with self.log.open("ab") as log:
            self._running[part] = subprocess.Popen(
                command, cwd=PROJECT, env=self._environment, stdout=log, stderr=log
            )
        if part == "web":
            await self._wait_until_ready()

    async def _wait_until_ready(self, seconds: float = 30) -> None:
        async with httpx2.AsyncClient(base_url=self.base_url) as client:
            for _ in range(int(seconds * 20)):
                if self._running["web"].poll() is not None:
                    break
                try:
                    if (await client.get("/healthz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"The site does not start:\n{self.read_log()}")

    async def ended(self, part: Part, seconds: float) -> int:
        """Wait until a process has ended by itself, and answer its status."""
        process = self._running.pop(part)
        try:
            return await asyncio.to_thread(process.wait, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    async def kill(self, part: Part) -> None:
        """End a process in the middle of whatever it does."""
        process = self._running.pop(part)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        self.kills += 1

    async def stop(self, part: Part, seconds: float = 25) -> float:
        """Ask a process to end, as an operator does; answers how many seconds it took."""
        process, started = self._running.pop(part), time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return time.monotonic() - started

    async def stop_all(self) -> None:
        for part in tuple(self._running):
            await self.stop(part)

    def read_log(self) -> str:
        """The end of what the processes printed."""
        return self.log.read_text("utf-8", "replace")[-6000:] if self.log.exists() else ""

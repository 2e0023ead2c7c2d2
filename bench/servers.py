"""Processes that are measured: pinned to one core, with what they cost read from /proc."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

PROJECT = Path(__file__).resolve().parent.parent
SERVER_CORE, LOAD_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def pin(core: int) -> None:
    """Keep this process, and those it starts, on one core, if there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core % len(cores)]})


class Server:
    """A running process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def cpu_seconds(self) -> float:
        """CPU time of the process with all its threads so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def wait_until_idle(self, seconds: float = 120) -> None:
        """Wait until the process has done what it does after its start."""
        for _ in range(int(seconds)):
            before = self.cpu_seconds()
            time.sleep(1)
            if self.process.poll() is not None:
                raise SystemExit("The worker has ended.")
            if self.cpu_seconds() - before < 0.1 and before > 0.5:
                return

    def private_megabytes(self) -> float:
        """Memory that is this process's alone and backed by no file: mapped pages of index and database left out."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = re.search(r"^Anonymous:\s+(\d+) kB", rollup, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0


@contextlib.contextmanager
def running(arguments: list[str], environment: Mapping[str, str], port: int, core: int) -> Iterator[Server]:
    """A process until the end of the block; with a port, from when it answers."""
    log = PROJECT / "bench" / "var" / "runs" / f"{arguments[1]}-{port or environment['BASE_URL'][-5:]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=dict(environment),
            cwd=PROJECT,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: pin(core),
        )
    try:
        if port:
            _wait(process, port, log)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"A server did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")

"""Load in a closed loop: sixteen connections, each sends its next request when the last one is answered.

`wrk` is used where it is installed, because it costs the other core less; else a small client of our own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.communities import KEY, Page
from bench.servers import LOAD_CORE, Server, pin

CONNECTIONS = 16
KEY_SLOT = f"{KEY:-<20}".encode()

_SCRIPT = """
local requests = { %s }
local slot, prefix = "%s", "%s"
local number, sent = 0, 0
request = function()
  number = number %% #requests + 1
  sent = sent + 1
  local text = requests[number]
  local from = string.find(text, slot, 1, true)
  if from then
    text = string.sub(text, 1, from - 1) .. prefix .. string.format("%%012d", sent)
  end
  return text
end
response = function(status) if status >= 400 then failed = (failed or 0) + 1 end end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requests": %%d, "seconds": %%.3f, "p50": %%.3f, "p99": %%.3f, "failed": %%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One stretch of load on one server."""

    per_second: float
    p50: float
    """Milliseconds, of a server that is kept busy by sixteen connections."""
    p99: float
    cpu: float
    """Milliseconds of CPU time per request, of the server process."""


def measure(server: Server, page: Page, seconds: float, path: str = "") -> Measured:
    """Load the server with the requests of a page, or with one path."""
    host = f"127.0.0.1:{server.port}"
    requests = [request.bytes(host) for request in page.requests]
    if path:
        requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()]
    before = server.cpu_seconds()
    send = _with_wrk if shutil.which("wrk") else _by_ourselves
    answer = send(server.port, requests, seconds)
    cpu = server.cpu_seconds() - before
    if answer["failed"]:
        raise SystemExit(f"{answer['failed']} of {answer['requests']} requests for {page.name} failed.")
    count = max(1, answer["requests"])
    return Measured(count / answer["seconds"], answer["p50"], answer["p99"], 1000 * cpu / count)


def measure_first(server: Server, page: Page) -> Measured:
    """Each request of the page once: what it costs where nothing of it is remembered yet."""
    host = f"127.0.0.1:{server.port}"
    before = server.cpu_seconds()
    answer = asyncio.run(_drive(server.port, iter([request.bytes(host) for request in page.requests]), 600))
    if answer["failed"]:
        raise SystemExit(f"{answer['failed']} of {answer['requests']} requests for {page.name} failed.")
    count = answer["requests"]
    cpu = 1000 * (server.cpu_seconds() - before) / count
    return Measured(count / answer["seconds"], answer["p50"], answer["p99"], cpu)


def _with_wrk(port: int, requests: list[bytes], seconds: float) -> dict[str, float]:
    texts = ", ".join(json.dumps(request.decode("ascii")) for request in requests)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(_SCRIPT % (texts, KEY_SLOT.decode(), secrets.token_hex(4)))
        arguments = [
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "30s",
            "-s",
            str(script),
        ]
        output = subprocess.run(
            ["wrk", *arguments, f"http://127.0.0.1:{port}"],
            check=True,
            capture_output=True,
            preexec_fn=lambda: pin(LOAD_CORE),
        ).stdout
    answer: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return answer


def _by_ourselves(port: int, requests: list[bytes], seconds: float) -> dict[str, float]:
    return asyncio.run(_drive(port, _endless(requests), seconds))


def _endless(requests: list[bytes]) -> Iterator[bytes]:
    prefix = secrets.token_hex(4).encode()
    for number, request in enumerate(itertools.cycle(requests)):
        yield request.replace(KEY_SLOT, prefix + b"%012d" % number)


async def _drive(port: int, requests: Iterator[bytes], seconds: float) -> dict[str, float]:
    latencies: list[float] = []
    failures: list[bytes] = []
    started = time.perf_counter()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - started < seconds and (request := next(requests, None)):
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            latencies.append(1000 * (time.perf_counter() - begun))
            if head[9:10] in (b"4", b"5"):
                failures.append(head[:15])
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    cuts = statistics.quantiles(latencies, n=100)
    return {
        "requests": len(latencies),
        "seconds": time.perf_counter() - started,
        "p50": cuts[49],
        "p99": cuts[98],
        "failed": len(failures),
    }

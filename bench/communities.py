"""The communities that are measured: built once into bench/var, copied for each run, asked the same things."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlencode

from bench.building import FORMAT

VAR = Path(__file__).resolve().parent / "var"
ANSWER = (
    "Have a look at the firmware first. It should be the newest one, then **restart** it and wait.\n\n" * 4
)
KEY = "@KEY@"
"""Stands in a request where each sending needs a key of its own."""


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    token: str = ""
    form: str = ""
    fragment: bool = False

    def bytes(self, host: str) -> bytes:
        """The request as it goes over the wire; with a form, the place of its key is as long as the key."""
        lines = [
            f"{'POST' if self.form else 'GET'} {self.path} HTTP/1.1",
            f"Host: {host}",
            "Accept-Language: de",
            "Sec-Fetch-Site: same-origin",
        ]
        if self.token:
            lines.append(f"Cookie: session={self.token}")
        if self.fragment:
            lines.append("HX-Request: true")
        if self.form:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(self.form)}"]
        return "\r\n".join([*lines, "", self.form]).encode()


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page, and how it is asked for."""

    name: str
    aim: float
    """Requests per second in times of the yardstick; 0 where the work is another one than rendering."""
    requests: tuple[Request, ...]
    yardstick: str
    """The page that the yardstick renders from constants to compare with."""

    @property
    def writes(self) -> bool:
        return any(request.form for request in self.requests)


@dataclass(frozen=True, slots=True)
class Community:
    """One that is built: its folder and what can be asked of it."""

    threads: int
    folder: Path

    def environment(self, port: int) -> dict[str, str]:
        """As in production, with the log that is usual there."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "VAR_DIR": str(self.folder),
            "LIMIT_FACTOR": "100000",
            "SECRET_KEY": "of a benchmark, which keeps nothing secret",
            "BASE_URL": f"http://127.0.0.1:{port}",
        }

    def pages(self) -> list[Page]:
        plan = json.loads((self.folder / "plan.json").read_text("utf-8"))
        tokens = plan["tokens"]

        def by_members(paths: list[str], *, fragment: bool = False) -> tuple[Request, ...]:
            return tuple(Request(path, tokens[n % len(tokens)], "", fragment) for n, path in enumerate(paths))

        searches = [f"/search?q={quote_plus(words)}" for words in plan["queries"]]
        typed = [f"/search/suggestions?q={quote_plus(words[:-2])}" for words in plan["queries"]]
        form = urlencode({"body": ANSWER, "confirm": "1"}) + f"&submission={KEY:-<20}"
        answers = tuple(
            Request(f"{thread.partition('-')[0]}/answers", tokens[n % len(tokens)], form)
            for n, thread in enumerate(plan["answered"])
        )
        return [
            Page("home", 0.65, by_members(["/"] * len(tokens)), "home"),
            Page("space", 0.75, by_members(plan["spaces"] * 4), "space"),
            Page("thread, member", 1.0, by_members(plan["threads"]), "thread, member"),
            Page("thread, guest", 5.0, tuple(map(Request, plan["threads"][:20])), "thread, guest"),
            Page("search", 0.2, by_members(searches), "search"),
            Page("suggestions", 0.0, by_members(typed, fragment=True), "suggestions"),
            Page("posting", 1.5, answers, "thread, member"),
        ]


def get_community(threads: int) -> Community:
    """The community of this size; built now if it is not there, or of an older format."""
    folder = VAR / f"threads-{threads}"
    plan = folder / "plan.json"
    if not plan.exists() or json.loads(plan.read_text("utf-8"))["format"] != FORMAT:
        print(f"Building a community of {threads:,} threads (once; kept in {folder}).", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        community = Community(threads, folder)
        command = [sys.executable, "-m", "bench.building", str(folder), str(threads)]
        subprocess.run(command, env=community.environment(0), cwd=VAR.parent.parent, check=True)
    return Community(threads, folder)


def copy(community: Community, name: str) -> Community:
    """A copy to measure and to write into, brought to the newest migration."""
    folder = VAR / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(community.folder, folder)
    copied = Community(community.threads, folder)
    command = [sys.executable, "-m", "community", "migrate"]
    subprocess.run(command, env=copied.environment(0), cwd=VAR.parent.parent, check=True)
    return copied

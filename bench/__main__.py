"""`python -m bench`: requests per second, latency, CPU and memory of the real server, beside a yardstick.

Real server and yardstick take turns on the same core within the same run, and everything is said as a ratio between
them, because the speed of a machine changes from minute to minute.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import instant, reindexing
from bench.communities import VAR, Community, Page, copy, get_community
from bench.load import Measured, measure, measure_first
from bench.report import Line, table
from bench.servers import LOAD_CORE, PROJECT, SERVER_CORE, Server, free_port, running
from bench.yardstick import path_of

LARGE, QUICK, SMALL = 100_000, 10_000, 1_000


@contextlib.contextmanager
def real_site(community: Community) -> Iterator[Server]:
    """One web process on the core of servers, the worker on the other one."""
    port = free_port()
    environment = community.environment(port)
    web = ["-m", "community", "serve", "--no-worker", "--port", str(port)]
    with (
        running(["-m", "community", "worker"], environment, 0, LOAD_CORE) as worker,
        running(web, environment, port, SERVER_CORE) as server,
    ):
        worker.wait_until_idle()
        yield server


@contextlib.contextmanager
def yardstick(community: Community) -> Iterator[Server]:
    """The yardstick with the pages of this community."""
    port, file = free_port(), VAR / "runs" / "yardstick.pickle"
    environment = community.environment(port)
    capture = [sys.executable, "-m", "bench.yardstick", "capture", str(file)]
    subprocess.run(capture, env=environment, cwd=PROJECT, check=True)
    arguments = ["-m", "bench.yardstick", "serve", str(file), str(port)]
    with running(arguments, environment, port, SERVER_CORE) as server:
        yield server


def run(chosen: argparse.Namespace) -> list[Line]:
    large = copy(get_community(QUICK if chosen.quick else chosen.threads), "large")
    small = copy(get_community(SMALL), "small")
    pages = [page for page in large.pages() if not chosen.only or page.name in chosen.only]
    of_small = {page.name: page for page in small.pages()}
    lines = {page.name: Line(page) for page in pages}
    with yardstick(large) as bare, real_site(large) as real, real_site(small) as real_small:
        for page in pages:
            print(f"Each {page.name} once", file=sys.stderr)
            _bare(bare, page, 1)
            bare_first = _bare(bare, page, chosen.seconds)
            if not page.writes:
                # Rounds measure what people mostly meet: pages of which somebody has seen the parts before.
                lines[page.name].first = bare_first.cpu / measure_first(real, page).cpu
                measure_first(real_small, of_small[page.name])
        for number in range(chosen.rounds):
            print(f"Round {number + 1} of {chosen.rounds}", file=sys.stderr)
            for page in pages:
                line = lines[page.name]
                line.yardstick.append(_bare(bare, page, chosen.seconds))
                line.real.append(measure(real, page, chosen.seconds))
                line.small.append(measure(real_small, of_small[page.name], chosen.seconds))
                line.megabytes = max(line.megabytes, real.private_megabytes())
    return list(lines.values())


def _bare(server: Server, page: Page, seconds: float) -> Measured:
    return measure(server, page, seconds, path_of(page.yardstick))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} threads instead of {LARGE:,}")
    parser.add_argument(
        "--threads", type=int, default=LARGE, help=f"size of the community (default {LARGE:,})"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="each page in each round once; medians are printed"
    )
    parser.add_argument("--seconds", type=float, default=3, help="length of one measurement")
    parser.add_argument("--only", action="append", metavar="PAGE", help="only this page; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measurements there as well")
    chosen = parser.parse_args()
    lines = run(chosen)
    print(table(lines))
    if not chosen.only:
        community = copy(get_community(QUICK if chosen.quick else chosen.threads), "search")
        print(reindexing.run(community))
        print(instant.run(community))
    if chosen.json:
        chosen.json.write_text(json.dumps([line.as_json() for line in lines], indent=1))


if __name__ == "__main__":
    main()

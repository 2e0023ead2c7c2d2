"""How long `community reindex` takes for a whole community."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from bench.communities import VAR, Community

AIM = 600.0
"""Seconds for 100,000 threads on two cores."""


def run(community: Community) -> str:
    """Build the index of a community anew by the real command and say how long that took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "community", "reindex"]
    subprocess.run(command, env=community.environment(8000), cwd=VAR.parent.parent, check=True)
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    per_second = community.threads / took
    verdict = "reached" if took <= AIM * community.threads / 100_000 else "missed"
    return (
        f"Building the index anew: {took:.0f} s by the clock, {cpu:.0f} s of CPU, {per_second:.0f} threads a second "
        f"(aim: {AIM:.0f} s for 100,000 threads, {verdict})"
    )

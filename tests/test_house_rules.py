"""What reviews forget, a rule remembers: checks over the source of the project itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*PROJECT.glob("community/**/*.py"), *PROJECT.glob("search/**/*.py")])


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(PROJECT), ast.parse(path.read_text(encoding="utf-8"))


def test_only_one_middleware_style() -> None:
    """`BaseHTTPMiddleware` loses context variables and costs as much as a database query."""
    assert [str(p) for p, _ in _trees() if "BaseHTTPMiddleware" in (PROJECT / p).read_text()] == []


def test_no_task_is_started_where_a_transaction_could_leak_into_it() -> None:
    """A task inherits the open transaction. What follows from a change goes through the outbox."""
    # The processes' own loops, what they build beside them with its heartbeat, the shields that let a cancelled
    # roll-back finish, and what waits for a listener to leave, which never asks the database.
    allowed = {
        "community/app.py",
        "community/serving.py",
        "community/worker.py",
        "community/http/event_stream.py",
        "community/reindexing/building.py",
        "community/reindexing/tending.py",
        "community/core/db/cancellation.py",
        "search/threads.py",
    }
    found = {
        str(path)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("create_task", "ensure_future")
    }
    assert found <= allowed


def test_the_environment_is_read_in_one_place() -> None:
    found = {
        str(path)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert found <= {"community/settings.py"}


def test_links_in_mails_begin_with_the_configured_address() -> None:
    """A Host header must never get into a mail: `url_for`, `base_url` of a request and the like stay out of it."""
    community = PROJECT / "community"
    for path in [*community.glob("accounts/*.py"), *community.glob("companies/*.py")]:
        assert not re.search(r"url_for|request\.|\.url\b", path.read_text(encoding="utf-8")), path


def test_files_stay_small_enough_to_read() -> None:
    """A file is reconsidered at 400 lines and split at 600."""
    long = {str(p): n for p in SOURCES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 600}
    assert not long

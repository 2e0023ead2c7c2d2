"""Logs hold constant texts and allowed fields, whoever writes them."""

import ast
import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from community.core import logging as safe_logging

PROJECT = Path(__file__).resolve().parent.parent.parent
ADDRESS = "erika@acme.example"
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    stream = io.StringIO()
    safe_logging.configure("INFO", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def only_line(log: io.StringIO) -> dict[str, Any]:
    (line,) = log.getvalue().splitlines()
    return json.loads(line)


def test_a_line_is_one_json_object_with_time_level_logger_and_text(log: io.StringIO) -> None:
    logging.getLogger("community.worker").warning("the search engine is away", extra={"attempt": 3})
    line = only_line(log)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "community.worker",
        "text": "the search engine is away",
        "attempt": 3,
    }


def test_values_are_not_merged_into_the_text(log: io.StringIO) -> None:
    logging.getLogger("community.worker").info("delivered to %s", ADDRESS)
    assert only_line(log)["text"] == "delivered to %s"


def test_a_field_that_is_not_allowed_is_dropped_and_named(log: io.StringIO) -> None:
    logging.getLogger("community.worker").info("sent", extra={"receiver": ADDRESS, "attempt": 1})
    line = only_line(log)
    assert (line["dropped"], line["attempt"]) == (["receiver"], 1)
    assert ADDRESS not in log.getvalue()


@pytest.mark.parametrize(
    "value", [ADDRESS, "x" * 200, "two\nlines", [ADDRESS], {"a": ADDRESS}, ValueError(ADDRESS)]
)
def test_an_allowed_field_holds_no_address_and_no_long_text(log: io.StringIO, value: object) -> None:
    logging.getLogger("community.worker").info("sent", extra={"stage": value})
    assert only_line(log)["stage"] == "[withheld]"


def test_a_library_that_writes_values_into_its_text_is_cut_short(log: io.StringIO) -> None:
    logging.getLogger("some.library").warning(f"cannot deliver to {ADDRESS}")
    assert only_line(log)["text"].startswith("test_logging.test_a_library")
    assert ADDRESS not in log.getvalue()


async def test_a_lost_exception_of_a_task_is_logged_without_its_message(log: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(ADDRESS)

    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()
    line = only_line(log)
    assert (line["logger"], line["exception"]["kind"]) == ("asyncio", "ValueError")
    assert ADDRESS not in log.getvalue()


def test_the_access_log_of_the_server_is_off(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info('%s - "%s"', "203.0.113.9:1", "GET /members/blauer-otter")
    assert log.getvalue() == ""


def test_statements_of_the_database_are_not_logged(log: io.StringIO) -> None:
    for name in ("tortoise.db_client", "aiosqlite", "asyncpg"):
        logging.getLogger(name).debug(f"SELECT '{ADDRESS}'")
        logging.getLogger(name).info(f"SELECT '{ADDRESS}'")
    assert log.getvalue() == ""


def test_configuring_again_replaces_the_first_configuration(log: io.StringIO) -> None:
    second = io.StringIO()
    safe_logging.configure("ERROR", stream=second)
    logging.getLogger("community").error("once")
    logging.getLogger("community").info("not at all")
    assert log.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1


def test_development_sees_values_and_messages(log: io.StringIO) -> None:
    stream = io.StringIO()
    safe_logging.configure("INFO", with_values=True, stream=stream)
    try:
        raise ValueError("what went wrong")
    except ValueError:
        logging.getLogger("community").exception("failed at %s", "step two")
    line = json.loads(stream.getvalue())
    assert (line["text"], line["exception"]["message"]) == ("failed at step two", "what went wrong")


def test_groups_and_long_chains_of_exceptions_are_described_and_bounded() -> None:
    error: Exception = ValueError(ADDRESS)
    for _ in range(50):
        try:
            raise RuntimeError(ADDRESS) from error
        except RuntimeError as caught:
            error = caught
    described = safe_logging.describe_exception(ExceptionGroup(ADDRESS, [error, KeyError(ADDRESS)]))
    assert described["kind"] == "ExceptionGroup"
    assert [member["kind"] for member in described["members"]] == ["RuntimeError", "KeyError"]
    assert ADDRESS not in json.dumps(described)
    assert len(json.dumps(described)) < 3_000


def log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for package in ("community", "search"):
        for path in (PROJECT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in LOG_METHODS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in ("logger", "log")
                ):
                    yield path, node


def test_every_log_call_of_the_project_has_a_constant_text_and_allowed_fields_only() -> None:
    problems = []
    for path, call in log_calls():
        place = f"{path.relative_to(PROJECT)}:{call.lineno}"
        is_log = isinstance(call.func, ast.Attribute) and call.func.attr == "log"
        text = call.args[1 if is_log else 0]
        if not isinstance(text, ast.Constant):
            problems.append(f"{place}: the text is not a constant")
        for keyword in call.keywords:
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                names = {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
                if names - safe_logging.ALLOWED_FIELDS:
                    problems.append(f"{place}: fields {names - safe_logging.ALLOWED_FIELDS} would be dropped")
    assert problems == []

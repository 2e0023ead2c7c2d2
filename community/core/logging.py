"""Logs as JSON lines that cannot hold personal data.

A log is read by more people than the vault and kept in more places, so a value gets into it only when it
cannot tell who somebody is:

* the text of a line is the constant that stands in the source; values are never merged into it;
* a line carries only fields from `ALLOWED_FIELDS`; others are dropped, and their names (never their values)
  are listed under `dropped`, so that a forgotten field is noticed;
* an exception appears as its type and the places in the code it went through. Its message is left out,
  because messages of databases, validators and mail servers quote what they were given;
* lines of libraries keep their text only where it is a constant as well, see `CONSTANT_LIBRARY_LOGGERS`.
"""

import contextvars
import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO

ALLOWED_FIELDS: Final = frozenset(
    {
        # One request.
        "method",
        "route",
        "status",
        "milliseconds",
        "bytes",
        "outcome",
        # One message of the outbox, one job of the worker.
        "fact",
        "consequence",
        "outbox_id",
        "attempt",
        "job",
        "count",
        "lag_seconds",
        # Anything that went wrong.
        "error_kind",
        "code",
        "stage",
        # The process.
        "process_id",
        "port",
        "database",
        "search_engine",
        "version",
        "migration",
    }
)

# What these libraries log at level "info" and above are constant texts about the process. Texts of all other
# libraries are left out: asyncio, for one, writes the message of a lost exception into the text itself.
CONSTANT_LIBRARY_LOGGERS: Final = frozenset({"uvicorn.error"})
OUR_PACKAGES: Final = ("community", "search")

LONGEST_VALUE: Final = 100
LONGEST_CHAIN: Final = 5
MOST_FRAMES: Final = 40

request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("request_id", default=None)
"""The id of the request being answered; stands on every line logged meanwhile."""


def configure(level: str = "INFO", *, with_values: bool = False, stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (default: standard error) as JSON lines, from `level` on.

    `with_values` adds the merged text of each line and the messages of exceptions. It is meant for
    development, where all people are invented. Calling it again replaces the earlier configuration.
    """
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines(with_values=with_values))
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, JsonLines):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # These write addresses, paths with nicknames, or statements with their values. Requests have a log of
    # their own, see `community.http.request_log`.
    logging.getLogger("uvicorn.access").disabled = True
    for name in (
        "tortoise",
        "aiosqlite",
        "asyncpg",
        "httpx2",
        "httpcore2",
        "aiosmtplib",
        "mail.log",
        "markdown_it",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


# Made once: `json.dumps` with options would make one for each line.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=lambda value: type(value).__name__)


class JsonLines(logging.Formatter):
    """Makes one JSON object of each log record; see the module's text for what it leaves out."""

    def __init__(self, *, with_values: bool = False) -> None:
        super().__init__()
        self.with_values = with_values

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": self._text(record),
        }
        current_request = request_id.get()
        if current_request is not None:
            line["request_id"] = current_request
        line.update(_fields(record))
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = describe_exception(record.exc_info[1], with_message=self.with_values)
        return _ENCODER.encode(line)

    def _text(self, record: logging.LogRecord) -> str:
        if self.with_values:
            return record.getMessage()
        if _is_ours(record.name) or record.name in CONSTANT_LIBRARY_LOGGERS:
            return record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        return f"{record.module}.{record.funcName}:{record.lineno}"


def describe_exception(error: BaseException, *, with_message: bool = False) -> dict[str, Any]:
    """The exception as kind, frames (innermost last) and causes, without its message unless asked for.

    Frames are "file:line function"; neither local variables nor source lines are read.
    """
    return _describe(error, with_message, depth=0)


def _describe(error: BaseException, with_message: bool, depth: int) -> dict[str, Any]:
    description: dict[str, Any] = {"kind": kind_of(error), "frames": _frames(error.__traceback__)}
    if with_message:
        description["message"] = str(error)
    if depth >= LONGEST_CHAIN:
        return description
    if isinstance(error, BaseExceptionGroup):
        members = error.exceptions[:LONGEST_CHAIN]
        description["members"] = [_describe(member, with_message, depth + 1) for member in members]
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        description["because_of"] = _describe(earlier, with_message, depth + 1)
    return description


def kind_of(error: BaseException) -> str:
    """The full name of the exception's class, for example "tortoise.exceptions.IntegrityError"."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{_short_path(code.co_filename)}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    return frames[-MOST_FRAMES:]


def _short_path(path: str) -> str:
    """The path below site-packages or below the project, so that the operator's folder names stay out."""
    for start in ("/site-packages/", "/community/", "/search/", "/tests/"):
        _before, found, after = path.rpartition(start)
        if found:
            return after if start == "/site-packages/" else start[1:] + after
    return path.rpartition("/")[2]


def _is_ours(logger_name: str) -> bool:
    return logger_name.partition(".")[0] in OUR_PACKAGES


_STANDARD_ATTRIBUTES: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """The extra fields of the record that may be logged."""
    fields: dict[str, Any] = {}
    dropped = []
    given = vars(record)
    for name in sorted(given.keys() - _STANDARD_ATTRIBUTES):
        value = given[name]
        if name in ALLOWED_FIELDS:
            fields[name] = _harmless(value)
        elif _is_ours(record.name):
            dropped.append(name)
    if dropped:
        fields["dropped"] = sorted(dropped)
    return fields


def _harmless(value: object) -> object:
    """Numbers and short names pass; anything that could be text of a person, or an address, does not."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and len(value) <= LONGEST_VALUE and "@" not in value and value.isprintable():
        return value
    return "[withheld]"

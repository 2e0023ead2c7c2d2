"""The log-ins of the demo community, so that the log-in page of a development site can name them.

They lie in VAR_DIR/demo-log-ins.json, written by `community demo`. The people are made up, and outside of
development the file is not read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from community.settings import settings


@dataclass(frozen=True, slots=True)
class DemoLogIn:
    """One person to look at the demo community as. `part` is the key of `content/members.toml`: "small" …"""

    part: str
    nickname: str
    mail: str
    password: str


def remember_demo_log_ins(log_ins: Iterable[DemoLogIn]) -> None:
    """Replace the list."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(log_in) for log_in in log_ins], file, ensure_ascii=False, indent=1)
    aside.replace(path)


def list_demo_log_ins() -> tuple[DemoLogIn, ...]:
    """The list; empty outside of development and where there is no demo community."""
    if not settings.development:
        return ()
    try:
        return tuple(DemoLogIn(**entry) for entry in json.loads(_path().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()


def _path() -> Path:
    return settings.var_dir / "demo-log-ins.json"

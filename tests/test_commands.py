"""The command line as people type it: real processes, real exit statuses."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

COMMANDS = [
    "serve", "worker", "migrate", "demo", "check", "reindex", "recount", "relevance",
    "rotate-vault-keys", "import stackexchange", "import attributes", "export faq", "create-staff",
    "receive-mail",
]  # fmt: skip


def community(var_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m community …` in development with a VAR_DIR of its own."""
    given = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given |= {"DEVELOPMENT": "1", "VAR_DIR": str(var_dir), **environment}
    command = [sys.executable, "-m", "community", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=given, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_help(command: str, tmp_path: Path) -> None:
    answer = community(tmp_path, *command.split(), "--help")
    assert answer.returncode == 0
    assert answer.stdout.startswith("usage: community")


@pytest.mark.parametrize("command", ["serve", "worker", "demo", "reindex", "recount"])
def test_a_database_without_tables_is_said_in_a_sentence(command: str, tmp_path: Path) -> None:
    answer = community(tmp_path, command)
    assert answer.returncode == 1
    assert "community migrate" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_demo_community_goes_into_an_empty_database_once(tmp_path: Path) -> None:
    assert community(tmp_path, "migrate").returncode == 0
    first = community(tmp_path, "demo")
    assert first.returncode == 0
    assert "customer of a small company" in first.stdout
    assert community(tmp_path, "demo").returncode == 1
    again = community(tmp_path, "demo", "--if-empty")
    assert again.returncode == 0
    assert "demo-klein@example.com" in again.stdout
    assert community(tmp_path, "recount").stdout == "Every counter was right.\n"
    with closing(sqlite3.connect(tmp_path / "community.sqlite3")) as database, database:
        database.execute("DELETE FROM points WHERE id IN (SELECT id FROM points LIMIT 3)")
    mended = community(tmp_path, "recount")
    assert mended.returncode == 1
    assert "The ledger lacked 3 rows" in mended.stdout
    assert community(tmp_path, "recount").returncode == 0
    added = community(tmp_path, "rotate-vault-keys", "--only-add")
    assert "every machine" in added.stdout
    assert "rotate-vault-keys" in community(tmp_path, "check").stdout
    assert "written with the new keys" in community(tmp_path, "rotate-vault-keys", "--forget").stdout
    assert "rotate-vault-keys" not in community(tmp_path, "check").stdout
    exported = community(tmp_path, "export", "faq", "--format", "zip", "--output", str(tmp_path / "faq.zip"))
    assert exported.returncode == 0
    assert (tmp_path / "faq.zip").stat().st_size > 1000


def test_attributes_are_imported_after_a_dry_run(tmp_path: Path) -> None:
    assert community(tmp_path, "migrate").returncode == 0
    assert community(tmp_path, "demo").returncode == 0
    file = tmp_path / "attributes.csv"
    file.write_bytes(
        "Vertragsnummer;Größe;Farbe\r\nWN-318842-7;mittel;rot\r\nWN-0;groß;\r\n".encode("cp1252")
    )
    dry = community(tmp_path, "import", "attributes", str(file), "--dry-run")
    assert dry.returncode == 0
    assert "line 3: This company is not known." in dry.stdout
    assert "column left out: Farbe" in dry.stdout
    assert "Companies that would change: 1" in dry.stdout
    assert community(tmp_path, "import", "attributes", str(file)).returncode == 0
    again = community(tmp_path, "import", "attributes", str(file), "--dry-run")
    assert "Companies that would change: 0" in again.stdout
    nothing = community(tmp_path, "import", "attributes", str(tmp_path / "gone.csv"))
    assert nothing.returncode == 1
    assert "Traceback" not in nothing.stderr


def test_several_web_processes_want_a_worker_of_its_own(tmp_path: Path) -> None:
    assert community(tmp_path, "migrate").returncode == 0
    answer = community(tmp_path, "serve", "--workers", "2")
    assert answer.returncode == 2
    assert "--no-worker" in answer.stderr


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    assert community(tmp_path, "nonsense").returncode == 2

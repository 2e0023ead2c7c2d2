"""Writes a migration for what the models say and no migration does: `make migration NAME=add_ranks`.

Tortoise does the work; this mends what it leaves out (`generated=False` on random keys) and gives the file its name.
Read the result before you commit it: on SQLite some operations need those of `community/core/db/operations.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MIGRATIONS = PROJECT / "migrations"
RANDOM_KEY = re.compile(r"BigIntField\(primary_key=True, default=random_id")


def main(name: str) -> int:
    before = set(MIGRATIONS.glob("[0-9]*.py"))
    command = [
        "tortoise",
        "-c",
        "community.core.db.migration_config.TORTOISE_ORM",
        "makemigrations",
        "--name",
        name,
    ]
    subprocess.run(command, cwd=PROJECT, check=True)  # noqa: S603 - our own command line
    for path in set(MIGRATIONS.glob("[0-9]*.py")) - before:
        mended = RANDOM_KEY.sub(
            "BigIntField(primary_key=True, generated=False, default=random_id", path.read_text()
        )
        path.write_text(mended)
        print(f"Written: {path.relative_to(PROJECT)}. Read it, then run `make check`.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_migration.py NAME")
    sys.exit(main(sys.argv[1]))

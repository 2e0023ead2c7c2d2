"""Fails when the models say something that no migration does, or when a migration is unsafe."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ.setdefault("DEVELOPMENT", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from community.core.db.migrate import drift
from community.core.db.migration_rules import unsafe_operations


def main() -> int:
    problems = [f"Missing migration: {change}" for change in asyncio.run(drift())]
    problems += [str(problem) for problem in unsafe_operations()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""Folders of the embedded index: which generation is live, who may write, what is left over."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import uuid
from pathlib import Path
from typing import IO

from search.configuration import format_fingerprint
from search.index import IndexLocked


class Generations:
    """`root/CURRENT` names the live folder; `root/WRITER` is locked by the one process that writes.

    A folder is named after the format of its documents, so a new release notices an index it cannot
    use. The lock belongs to the process and is freed by the kernel when it dies.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock_file: IO[str] | None = None
        self._guard = threading.Lock()

    def current(self) -> str | None:
        """Name of the live folder, None before the first one."""
        try:
            return (self.root / "CURRENT").read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def is_readable_format(self, name: str) -> bool:
        """Whether this release made the folder, or one with the same format."""
        return name.startswith(f"{format_fingerprint()}-")

    def create(self) -> str:
        """Make an empty folder for this format and return its name."""
        name = f"{format_fingerprint()}-{uuid.uuid4().hex[:8]}"
        (self.root / name).mkdir(parents=True)
        return name

    def publish(self, name: str) -> None:
        """Make a folder the live one, atomically, and for good even if the power fails now."""
        os.replace(self._pointer(name), self.root / "CURRENT")
        self._sync_root()

    def publish_first(self, name: str) -> bool:
        """Make a folder live unless another process was faster; False then, and the folder is removed."""
        pointer = self._pointer(name)
        try:
            os.link(pointer, self.root / "CURRENT")
        except FileExistsError:
            self.remove(name)
            return False
        finally:
            pointer.unlink()
        self._sync_root()
        return True

    def remove(self, name: str) -> None:
        """Remove a folder. Readers that have it open keep what they have mapped."""
        shutil.rmtree(self.root / name, ignore_errors=True)

    def lock(self) -> None:
        """Become the one writer, or raise `IndexLocked`. Leftovers of killed rebuilds are removed then."""
        with self._guard:
            if self._lock_file is not None:
                return
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / "WRITER").open("a", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.close()
                raise IndexLocked("another process writes the search index") from error
            self._lock_file = file
            self._sweep()

    def unlock(self) -> None:
        """Let another process write."""
        with self._guard:
            if self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None

    def _sweep(self) -> None:
        live = self.current()
        if live is None:
            return  # Another process may be about to publish its first folder.
        for entry in self.root.iterdir():
            if entry.is_dir() and entry.name != live:
                self.remove(entry.name)

    def _pointer(self, name: str) -> Path:
        path = self.root / f".current-{uuid.uuid4().hex[:8]}"
        with path.open("w", encoding="utf-8") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        return path

    def _sync_root(self) -> None:
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Folders of the embedded index: which generation is live, who may write, who fills a new one, what is left over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
import uuid
from pathlib import Path
from typing import IO

from search.configuration import format_fingerprint
from search.index import IndexLocked, SearchDown


class Generations:
    """`root/CURRENT` names the live folder; `root/WRITER` is locked by the one process that writes.

    A folder is named after the format of its documents, so a new release notices an index it cannot
    use, and after the embedder whose vectors it holds. While a
    process fills a folder that is not live yet, it holds the lock of `root/<folder>.filling`.
    Locks belong to the process and are freed by the kernel when it dies.
    """

    def __init__(self, root: Path, embedder: str = "") -> None:
        self.root = root
        self._embedder = f"-{embedder}" if embedder else ""
        self._lock_file: IO[str] | None = None
        self._fillings: dict[str, IO[str]] = {}
        self._guard = threading.Lock()

    def current(self) -> str | None:
        """Name of the live folder, None before the first one and while it cannot be read."""
        try:
            return (self.root / "CURRENT").read_text("utf-8").strip() or None
        except OSError:
            return None

    def is_readable_format(self, name: str) -> bool:
        """Whether this release made the folder, or one with the same format."""
        return name.startswith(f"{format_fingerprint()}-")

    def has_vectors_wanted(self, name: str) -> bool:
        """Whether the folder was filled for the embedder of this configuration; for none, if there is none."""
        return name == self._name_for([*name.split("-"), ""][1])

    def _name_for(self, mark: str) -> str:
        return f"{format_fingerprint()}-{mark}{self._embedder}"

    def create(self) -> str:
        """Make an empty folder for this format and embedder, hold it against those who sweep, and return its name."""
        name = self._name_for(uuid.uuid4().hex[:8])
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._fillings[name] = _open_locked(self._filling_lock(name))
            (self.root / name).mkdir()
        except OSError as error:
            raise SearchDown(f"the search index cannot be created: {error}") from error
        return name

    def exists(self, name: str) -> bool:
        return (self.root / name).is_dir()

    def let_all_go(self) -> None:
        for name in tuple(self._fillings):
            self.let_go(name)

    def let_go(self, name: str) -> None:
        """Hold a folder no longer that was filled by this process."""
        file = self._fillings.pop(name, None)
        if file is not None:
            self._filling_lock(name).unlink(missing_ok=True)
            file.close()

    def _filling_lock(self, name: str) -> Path:
        return self.root / f"{name}.filling"

    # What one process knows of damage and another one repairs.

    def note_damage(self) -> None:
        """Tell whoever writes that the live folder cannot be read."""
        name = self.current()
        if name is not None:
            with contextlib.suppress(OSError):
                (self.root / "DAMAGED").write_text(name, "utf-8")

    def is_damaged(self) -> bool:
        """Whether somebody could not read the folder that is live now."""
        try:
            return (self.root / "DAMAGED").read_text("utf-8") == self.current()
        except OSError:
            return False

    def publish(self, name: str) -> None:
        """Make a folder the live one, atomically, and for good even if the power fails now."""
        os.replace(self._pointer(name), self.root / "CURRENT")
        self._sync_root()
        self.let_go(name)

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
            self.let_go(name)
        self._sync_root()
        return True

    def remove(self, name: str) -> None:
        """Remove a folder. Readers that have it open keep what they have mapped."""
        self.let_go(name)
        shutil.rmtree(self.root / name, ignore_errors=True)

    def lock(self) -> None:
        """Become the one writer, or raise `IndexLocked`. Leftovers of killed rebuilds are removed then."""
        with self._guard:
            if self._holds_lock():
                return
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                self._lock_file = _open_locked(self.root / "WRITER")
            except BlockingIOError as error:
                raise IndexLocked("another process writes the search index") from error
            except OSError as error:
                raise SearchDown(f"the search index cannot be written: {error}") from error
            self.sweep()

    def _holds_lock(self) -> bool:
        """Whether this process is the writer; not any more if somebody removed the folder with its lock."""
        if self._lock_file is None:
            return False
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(self._lock_file.fileno()), (self.root / "WRITER").stat()):
                return True
        self._lock_file.close()
        self._lock_file = None
        return False

    def unlock(self) -> None:
        """Let another process write, and hold no folder any longer."""
        with self._guard:
            if self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None
        self.let_all_go()

    def sweep(self) -> None:
        """Remove folders that are neither live nor being filled."""
        live = self.current()
        if live is None:
            return  # Another process may be about to publish its first folder.
        for entry in self.root.iterdir():
            if entry.is_dir() and entry.name != live and not self._is_being_filled(entry.name):
                self.remove(entry.name)
                self._filling_lock(entry.name).unlink(missing_ok=True)

    def _is_being_filled(self, name: str) -> bool:
        if name in self._fillings:
            return True
        try:
            with self._filling_lock(name).open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return False

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


def _open_locked(path: Path) -> IO[str]:
    """A file that this process alone has locked; `BlockingIOError` if another one has."""
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file

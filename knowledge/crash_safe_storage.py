"""A TinyDB storage that a crash cannot break: temporary file, sync, rename, sync of the folder, under a lock."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

Tables = dict[str, dict[str, Any]]


class StorageBroken(Exception):
    """The file holds something that is not a TinyDB document. Only another program can have written it."""


class CrashSafeStorage(Storage):
    """One JSON file that is at any moment either the old state or the new one, never a part of one.

    A writer fills a temporary file in the same folder, syncs it, renames it over the old one and syncs the folder.
    `locked` keeps other threads and processes out between a read and the write that depends on it.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_path = self.path.with_name(f".{self.path.name}.lock")
        self._threads = threading.RLock()
        self._depth = 0
        self._lock_file: int | None = None
        with self.locked():
            self._sweep()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock between threads and processes. May be nested. The kernel frees it when a process dies."""
        with self._threads:
            if self._depth == 0:
                self._lock_file = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._lock_file is not None:
                    os.close(self._lock_file)
                    self._lock_file = None

    def read(self) -> Tables | None:
        """Return all tables, or None when nothing was written yet. Raises StorageBroken."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            data = json.loads(text)
        except ValueError as error:
            raise StorageBroken(f"{self.path.name} is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise StorageBroken(f"{self.path.name} holds no tables")
        return data

    def write(self, data: Tables) -> None:
        """Replace all tables. When it returns the new state is on disk."""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        with self.locked():
            handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".new", dir=self.path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._sync_folder()

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _sweep(self) -> None:
        """Remove what writers that were killed left behind. Only called under the lock: no writer is at work."""
        for left in self.path.parent.glob(f".{self.path.name}.*.new"):
            left.unlink(missing_ok=True)

"""Published revisions of the content, kept for ever: any answer can be replayed with the words it was given under."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tinydb import Query, TinyDB

from knowledge.crash_safe_storage import CrashSafeStorage
from knowledge.loader import content_hash

SYSTEM: Final = "system"  # author and approver of what is shipped with the program


class RevisionError(Exception):
    """A revision cannot be published or found. The message is for operators."""


class SamePersonError(RevisionError):
    """Author and approver are the same person."""


class UnknownRevisionError(RevisionError):
    """There is no revision of this hash."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One published state. `documents` are the texts by relative path."""

    hash: str
    number: int
    published: datetime
    author: str
    approver: str
    note: str
    documents: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """How two revisions differ, by relative path."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


class Revisions:
    """The published revisions in one crash-safe file. A text that many revisions share is kept once."""

    def __init__(self, path: Path | str) -> None:
        self._storage = CrashSafeStorage(path)
        self._database = TinyDB(storage=lambda: self._storage)

    def publish(
        self, documents: Mapping[str, str], author: str, approver: str, now: datetime, note: str = ""
    ) -> Revision:
        """Make the documents the current revision and return it. Publishing what is current changes nothing.

        Raises SamePersonError unless a second person approves (shipped content is published by the program itself).
        """
        if author == approver and author != SYSTEM:
            raise SamePersonError(f"{author} may not approve their own revision")
        name = content_hash(documents)
        with self._storage.locked():
            tables = self._tables()
            current = _current_row(tables)
            if current is not None and current["hash"] == name:
                return self._revision(tables, current)
            hashes = {path: _put_text(tables, text) for path, text in documents.items()}
            row = _append(tables, name, author, approver, now, note, hashes)
            self._storage.write(tables)
            return self._revision(tables, row)

    def publish_shipped(
        self, shipped: Mapping[str, str], documents: Mapping[str, str], now: datetime, note: str = ""
    ) -> Revision:
        """Publish what comes of newly shipped texts, and remember them: at the next start only what has changed since
        counts. Both are written at once."""
        with self._storage.locked():
            tables = self._tables()
            tables["shipped"] = {"1": {path: _put_text(tables, text) for path, text in shipped.items()}}
            current = _current_row(tables)
            name = content_hash(documents)
            if current is None or current["hash"] != name:
                hashes = {path: _put_text(tables, text) for path, text in documents.items()}
                current = _append(tables, name, SYSTEM, SYSTEM, now, note, hashes)
            self._storage.write(tables)
            return self._revision(tables, current)

    def shipped(self) -> Mapping[str, str]:
        """Return the texts that were shipped last, empty before the first start."""
        tables = self._tables()
        rows = tables.get("shipped", {}).values()
        return {path: tables["texts"][key]["text"] for row in rows for path, key in row.items()}

    def rollback(self, name: str, author: str, approver: str, now: datetime, note: str = "") -> Revision:
        """Publish an earlier revision again. Raises UnknownRevisionError and SamePersonError."""
        with self._storage.locked():
            return self.publish(
                self.get(name).documents, author, approver, now, note or f"rollback to {name}"
            )

    def current(self) -> Revision | None:
        """Return the revision published last, or None when there is none."""
        tables = self._tables()
        row = _current_row(tables)
        return None if row is None else self._revision(tables, row)

    def get(self, name: str) -> Revision:
        """Return the revision of this hash, the latest when it was published again. Raises UnknownRevisionError."""
        rows = self._database.table("revisions").search(Query().hash == name)
        if not rows:
            raise UnknownRevisionError(f"no revision {name}")
        return self._revision(self._tables(), max(rows, key=_number))

    def numbered(self, number: int) -> Revision:
        """Return the revision of this number. Raises UnknownRevisionError."""
        tables = self._tables()
        row = tables["revisions"].get(str(number))
        if row is None:
            raise UnknownRevisionError(f"no revision number {number}")
        return self._revision(tables, row)

    def history(self) -> tuple[Revision, ...]:
        """Return all revisions, the newest first."""
        tables = self._tables()
        rows = sorted(tables["revisions"].values(), key=_number, reverse=True)
        return tuple(self._revision(tables, row) for row in rows)

    def _tables(self) -> dict[str, dict[str, Any]]:
        tables = self._storage.read() or {}
        tables.setdefault("revisions", {})
        tables.setdefault("texts", {})
        return tables

    def _revision(self, tables: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]) -> Revision:
        texts = tables["texts"]
        return Revision(
            hash=row["hash"],
            number=row["number"],
            published=datetime.fromisoformat(row["published"]),
            author=row["author"],
            approver=row["approver"],
            note=row["note"],
            documents={path: texts[key]["text"] for path, key in row["documents"].items()},
        )


def difference(old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    """Return which documents were added, removed and changed."""
    return Change(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path])),
    )


def merged(
    shipped: Mapping[str, str], folder: Mapping[str, str], current: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the current texts with what has changed in the folder since `shipped`, and the paths changed on both sides.

    What two people have approved at the desk is not overwritten by an update of the program: it stays, and is named.
    """
    texts, clashes = dict(current), []
    for path in sorted(shipped.keys() | folder.keys()):
        new = folder.get(path)
        if new == shipped.get(path) or new == current.get(path):
            continue
        if current.get(path) != shipped.get(path):
            clashes.append(path)
        elif new is None:
            del texts[path]
        else:
            texts[path] = new
    return texts, tuple(clashes)


def _number(row: Mapping[str, Any]) -> int:
    return int(row["number"])


def _current_row(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    return max(tables["revisions"].values(), key=_number, default=None)


def _put_text(tables: dict[str, dict[str, Any]], text: str) -> str:
    """Keep a text under a number that TinyDB can use as a document id; return it."""
    key = str(int(hashlib.sha256(text.encode()).hexdigest()[:15], 16))
    tables["texts"][key] = {"text": text}
    return key


def _append(
    tables: dict[str, dict[str, Any]],
    name: str,
    author: str,
    approver: str,
    now: datetime,
    note: str,
    documents: Mapping[str, str],
) -> dict[str, Any]:
    number = 1 + max((_number(row) for row in tables["revisions"].values()), default=0)
    row = {
        "hash": name,
        "number": number,
        "published": now.isoformat(),
        "author": author,
        "approver": approver,
        "note": note,
        "documents": dict(documents),
    }
    tables["revisions"][str(number)] = row
    return row

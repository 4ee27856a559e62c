"""Edits on their way to a revision: written by one person, approved by another, in one crash-safe file (TinyDB)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from tinydb import TinyDB
from tinydb.table import Document, Table

from knowledge.crash_safe_storage import CrashSafeStorage


class DraftState(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"  # may be edited; nobody has to look at it yet
    SUBMITTED = "submitted"  # waits for a second person; an edit makes it a draft again
    PUBLISHED = "published"  # is part of a revision
    DISCARDED = "discarded"  # given up; kept for the record


OPEN: Final = (DraftState.DRAFT, DraftState.SUBMITTED)


class DraftError(Exception):
    """A step with a draft is refused; `zh` is the sentence that the person reads."""

    zh = "这一步现在不能做"


class UnknownDraftError(DraftError):
    """There is no draft of this number."""

    zh = "找不到这份草稿"


class DraftClosedError(DraftError):
    """The draft is published or discarded."""

    zh = "这份草稿已经发布或放弃，不能再改"


class NotSubmittedError(DraftError):
    """The draft does not wait for approval."""

    zh = "这份草稿不在待审批状态，请刷新后再看"


class OwnDraftError(DraftError):
    """Whoever wrote in a draft does not approve it."""

    zh = "您参与写过这份草稿，要由另一位同事审批"


class DraftChangedError(DraftError):
    """The draft is no longer what the person has seen."""

    zh = "草稿内容已经改动，刚才看到的作废，请重新查看"


class DraftTakenError(DraftError):
    """Somebody has an open draft of the file already: two would end in one of them being thrown away."""

    zh = (
        "您写的时候，同事已经为这份文件存了一份草稿。请先复制您写的全文，再到“修订”里打开那份草稿，"
        "把您的修改加进去"
    )


class DraftConflictError(DraftError):
    """The published document was changed since the draft was begun."""

    zh = "这份文件在您起草之后已有新版本发布，请放弃草稿，在新版本上重新修改"


class NothingChangedError(DraftError):
    """The draft says what is published already."""

    zh = "内容和已发布的一样，没有可以提交的修改"


@dataclass(frozen=True, slots=True)
class Draft:
    """A new text for one file of the content. `authors` are the logins of everybody who wrote in it."""

    number: int
    path: str
    title: str
    base: str  # the hash of the published text it was begun on; empty for a new file
    text: str
    state: DraftState
    authors: tuple[str, ...]
    created: datetime
    updated: datetime
    note: str = ""  # why, by the author
    remark: str = ""  # what the second person wants changed
    approver: str = ""
    revision: str = ""

    @property
    def author(self) -> str:
        """Return the login of whoever wrote last."""
        return self.authors[-1]

    @property
    def fingerprint(self) -> str:
        """Return what a person has seen: it changes with every edit."""
        return text_hash("\0".join((self.path, self.base, self.note, self.text)))

    @property
    def open(self) -> bool:
        """Return whether it may still be edited."""
        return self.state in OPEN


def text_hash(text: str | None) -> str:
    """Return the short hash of a text, empty for none."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


class Drafts:
    """All drafts. Every step reads and writes under one lock, between processes too."""

    def __init__(self, path: Path | str) -> None:
        self._storage = CrashSafeStorage(path)
        self._table: Table = TinyDB(storage=lambda: self._storage).table("drafts", cache_size=0)

    def begin(
        self, path: str, published: str | None, text: str, author: str, now: datetime, title: str = ""
    ) -> Draft:
        """Return a new draft for the file; `published` is its published text, None for a new file.

        Raises DraftTakenError when the file has an open draft.
        """
        with self._storage.locked():
            if self.of_path(path) is not None:
                raise DraftTakenError(f"{path} has an open draft")
            number = 1 + max((document.doc_id for document in self._table.all()), default=0)
            draft = Draft(
                number, path, title or path, text_hash(published), text, DraftState.DRAFT, (author,), now, now
            )
            self._table.insert(Document(_to_row(draft), doc_id=number))
            return draft

    def edit(
        self,
        number: int,
        seen: str,
        text: str,
        author: str,
        now: datetime,
        *,
        note: str = "",
        title: str = "",
    ) -> Draft:
        """Return the draft with another text. It is a draft again, whatever it was submitted as.

        Raises DraftChangedError when `seen` is not its fingerprint, and DraftClosedError.
        """
        with self._storage.locked():
            draft = self._open(number)
            _same(draft, seen)
            authors = (*(other for other in draft.authors if other != author), author)
            return self._put(
                replace(
                    draft,
                    text=text,
                    note=note,
                    title=title or draft.title,
                    authors=authors,
                    state=DraftState.DRAFT,
                    updated=now,
                )
            )

    def submit(self, number: int, seen: str, now: datetime) -> Draft:
        """Return the draft as it waits for a second person. Raises DraftChangedError and DraftClosedError."""
        with self._storage.locked():
            draft = self._open(number)
            _same(draft, seen)
            return self._put(replace(draft, state=DraftState.SUBMITTED, remark="", updated=now))

    def reject(self, number: int, by: str, remark: str, now: datetime) -> Draft:
        """Return the draft sent back to its authors with what is to be changed. Raises NotSubmittedError."""
        with self._storage.locked():
            draft = self._submitted(number)
            return self._put(replace(draft, state=DraftState.DRAFT, remark=remark, approver=by, updated=now))

    def discard(self, number: int, now: datetime) -> Draft:
        """Return the draft given up. Raises DraftClosedError."""
        with self._storage.locked():
            return self._put(replace(self._open(number), state=DraftState.DISCARDED, updated=now))

    def approvable(self, number: int, seen: str, by: str) -> Draft:
        """Return the draft when this person may approve what they have seen.

        Raises NotSubmittedError, OwnDraftError and DraftChangedError.
        """
        draft = self._submitted(number)
        if by in draft.authors:
            raise OwnDraftError(f"{by} wrote in draft {number}")
        _same(draft, seen)
        return draft

    def published(self, number: int, by: str, revision: str, now: datetime) -> Draft:
        """Return the draft as part of a revision. Raises NotSubmittedError."""
        with self._storage.locked():
            draft = self._submitted(number)
            return self._put(
                replace(draft, state=DraftState.PUBLISHED, approver=by, revision=revision, updated=now)
            )

    def get(self, number: int) -> Draft:
        """Return the draft. Raises UnknownDraftError."""
        row = self._table.get(doc_id=number)
        if not isinstance(row, Document):
            raise UnknownDraftError(f"draft {number}")
        return _from_row(row)

    def all(self) -> list[Draft]:
        """Return all drafts, the one touched last first."""
        drafts = [_from_row(row) for row in self._table.all()]
        return sorted(drafts, key=lambda draft: (draft.updated, draft.number), reverse=True)

    def of_path(self, path: str) -> Draft | None:
        """Return the open draft of a file, or None."""
        return next((draft for draft in self.all() if draft.open and draft.path == path), None)

    def _open(self, number: int) -> Draft:
        draft = self.get(number)
        if not draft.open:
            raise DraftClosedError(f"draft {number} is {draft.state}")
        return draft

    def _submitted(self, number: int) -> Draft:
        draft = self.get(number)
        if draft.state is not DraftState.SUBMITTED:
            raise NotSubmittedError(f"draft {number} is {draft.state}")
        return draft

    def _put(self, draft: Draft) -> Draft:
        self._table.update(_to_row(draft), doc_ids=[draft.number])
        return draft


def _same(draft: Draft, seen: str) -> None:
    if draft.fingerprint != seen:
        raise DraftChangedError(f"draft {draft.number} is no longer {seen}")


def _to_row(draft: Draft) -> dict[str, Any]:
    row = asdict(draft)
    return {
        **row,
        "state": draft.state.value,
        "authors": list(draft.authors),
        "created": draft.created.isoformat(),
        "updated": draft.updated.isoformat(),
    }


def _from_row(row: Mapping[str, Any]) -> Draft:
    return Draft(
        **{
            **row,
            "state": DraftState(row["state"]),
            "authors": tuple(row["authors"]),
            "created": datetime.fromisoformat(row["created"]),
            "updated": datetime.fromisoformat(row["updated"]),
        }
    )

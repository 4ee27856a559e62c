"""Holds the knowledge that answers are given from. Broken content is refused with its places; the last good stays."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.loader import build_knowledge, read_texts
from knowledge.problems import KnowledgeError, Problem
from knowledge.revisions import SYSTEM, Revision, Revisions


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of reading the content again. `problems` empty: `knowledge` is what was read."""

    knowledge: KnowledgeBase
    changed: bool
    problems: tuple[Problem, ...] = ()


class KnowledgeService:
    """The published knowledge base, replaced as a whole and only by one that loads.

    `problems` says what is wrong with the folder as it was last read; empty when it is in use.
    """

    def __init__(self, root: Path, revisions: Revisions | None = None) -> None:
        self._root = root
        self._revisions = revisions
        self._lock = threading.Lock()
        self._knowledge: KnowledgeBase | None = None
        self._older: dict[str, KnowledgeBase] = {}
        self.problems: tuple[Problem, ...] = ()

    @property
    def knowledge(self) -> KnowledgeBase:
        """Return the knowledge in use. Raises KnowledgeError before `start`."""
        if self._knowledge is None:
            raise KnowledgeError([Problem(self._root.name, 1, 1, "", "知识库还没有加载", "先调用 start")])
        return self._knowledge

    def start(self, now: datetime) -> KnowledgeBase:
        """Load the folder and publish it when it is new; when it is broken use the last published revision.

        Raises KnowledgeError when the folder is broken and nothing was published before.
        """
        with self._lock:
            try:
                self._use_folder(now)
            except KnowledgeError as error:
                last = self._revisions.current() if self._revisions else None
                if last is None:
                    raise
                self.problems = error.problems
                self._knowledge = build_knowledge(last.documents)
            return self.knowledge

    def reload(self, now: datetime) -> Reload:
        """Read the folder again. Broken content changes nothing and is reported."""
        with self._lock:
            before = self.knowledge
            try:
                self._use_folder(now)
            except KnowledgeError as error:
                self.problems = error.problems
                return Reload(before, changed=False, problems=error.problems)
            return Reload(self.knowledge, changed=self.knowledge.hash != before.hash)

    def publish(
        self, documents: dict[str, str], author: str, approver: str, now: datetime, note: str = ""
    ) -> Revision:
        """Make edited documents the knowledge in use. Raises KnowledgeError, RevisionError, and ValueError without
        a place to keep revisions."""
        if self._revisions is None:
            raise ValueError("no place to keep revisions")
        with self._lock:
            knowledge = build_knowledge(documents)
            revision = self._revisions.publish(documents, author, approver, now, note)
            self._knowledge = knowledge
            return revision

    def at(self, name: str) -> KnowledgeBase:
        """Return the knowledge of a published revision, to replay an answer. Raises UnknownRevisionError."""
        if self._knowledge is not None and self._knowledge.hash == name:
            return self._knowledge
        if name not in self._older:
            if self._revisions is None:
                raise ValueError("no place to keep revisions")
            self._older[name] = build_knowledge(self._revisions.get(name).documents)
        return self._older[name]

    def _use_folder(self, now: datetime) -> None:
        texts = read_texts(self._root)
        knowledge = build_knowledge(texts)
        if self._revisions is not None:
            self._revisions.publish(texts, SYSTEM, SYSTEM, now, "shipped content")
        self._knowledge = knowledge
        self.problems = ()

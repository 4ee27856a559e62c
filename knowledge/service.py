"""Holds the knowledge that answers are given from. Broken content is refused with its places; the last good stays."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.intent_examples import IntentExamples, IntentExamplesError, parse_intent_examples
from knowledge.learned import learned, with_learned
from knowledge.loader import build_knowledge, read_texts
from knowledge.problems import KnowledgeError, Problem
from knowledge.revisions import Revision, Revisions, merged


@dataclass(frozen=True, slots=True)
class Content:
    """What the texts of a revision make: what is known, and how owners ask for it."""

    documents: Mapping[str, str]
    knowledge: KnowledgeBase
    examples: tuple[IntentExamples, ...] = ()


def read_content(documents: Mapping[str, str]) -> Content:
    """Return what the texts make. Raises KnowledgeError with every problem found."""
    problems: list[Problem] = []
    try:
        examples = with_learned(parse_intent_examples(documents), learned(documents))
    except IntentExamplesError as error:
        problems.append(Problem(error.file, error.line, 1, "", str(error)))
    except KnowledgeError as error:
        problems += error.problems
    try:
        knowledge = build_knowledge(documents)
    except KnowledgeError as error:
        problems += error.problems
    if problems:
        raise KnowledgeError(problems)
    return Content(documents, knowledge, examples)


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of reading the content again. `problems` empty: `knowledge` is what was read."""

    knowledge: KnowledgeBase
    changed: bool
    problems: tuple[Problem, ...] = ()


class KnowledgeService:
    """The published knowledge base, replaced as a whole and only by one that loads.

    `problems` says what is wrong with the folder as it was last read; empty when it is in use. `clashes` are files that
    an update of the program changed after the desk had: the desk's stay.
    """

    def __init__(self, root: Path, revisions: Revisions | None = None) -> None:
        self._root = root
        self._revisions = revisions
        self._lock = threading.RLock()
        self._content: Content | None = None
        self._older: dict[str, KnowledgeBase] = {}
        self.problems: tuple[Problem, ...] = ()
        self.clashes: tuple[str, ...] = ()

    @property
    def content(self) -> Content:
        """Return the content in use. Raises KnowledgeError before `start`."""
        if self._content is None:
            raise KnowledgeError([Problem(self._root.name, 1, 1, "", "知识库还没有加载", "先调用 start")])
        return self._content

    @property
    def knowledge(self) -> KnowledgeBase:
        """Return the knowledge in use. Raises KnowledgeError before `start`."""
        return self.content.knowledge

    @property
    def revisions(self) -> Revisions:
        """Return the published revisions. Raises ValueError without a place to keep them."""
        if self._revisions is None:
            raise ValueError("no place to keep revisions")
        return self._revisions

    def start(self, now: datetime) -> KnowledgeBase:
        """Load the folder and publish what is new in it; when it is broken use the last published revision.

        Raises KnowledgeError when the folder is broken and nothing was published before.
        """
        with self._lock:
            try:
                self._use_folder(now)
            except KnowledgeError as error:
                self.problems = error.problems
                self._content = self._last_good(error)
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
        self, documents: Mapping[str, str], author: str, approver: str, now: datetime, note: str = ""
    ) -> Revision:
        """Make edited documents the content in use. Raises KnowledgeError, RevisionError, and ValueError without
        a place to keep revisions."""
        with self._lock:
            content = read_content(documents)
            revision = self.revisions.publish(documents, author, approver, now, note)
            self._content = content
            return revision

    def rollback(self, number: int, by: str, now: datetime) -> Revision:
        """Make an earlier revision the content in use again, at the word of one person.

        Two people stand behind it all the same: who rolls back, and who of the two of that time is another person.
        Raises UnknownRevisionError, and KnowledgeError when the program can no longer read that revision.
        """
        with self._lock:
            earlier = self.revisions.numbered(number)
            second = earlier.approver if earlier.approver != by else earlier.author
            return self.publish(earlier.documents, by, second, now, f"回退到第{number}版")

    def at(self, name: str) -> KnowledgeBase:
        """Return the knowledge of a published revision, to replay an answer. Raises UnknownRevisionError."""
        if self._content is not None and self._content.knowledge.hash == name:
            return self._content.knowledge
        if name not in self._older:
            self._older[name] = build_knowledge(self.revisions.get(name).documents)
        return self._older[name]

    def _use_folder(self, now: datetime) -> None:
        folder = read_texts(self._root)
        current = self._revisions.current() if self._revisions else None
        if self._revisions is None or current is None:
            content = read_content(folder)
            if self._revisions is not None:
                self._revisions.publish_shipped(folder, folder, now, "shipped content")
        else:
            content = self._with_current(self._revisions, current, folder, now)
        self._content = content
        self.problems = ()

    def _with_current(
        self, revisions: Revisions, current: Revision, folder: dict[str, str], now: datetime
    ) -> Content:
        shipped = revisions.shipped() or folder
        texts, self.clashes = merged(shipped, folder, current.documents)
        if folder != shipped and texts != folder:
            read_content(folder)  # what is wrong in the folder is named as such
        content = read_content(texts)
        if folder != shipped or texts != current.documents:
            note = "shipped content" + "".join(f"; kept the desk's {path}" for path in self.clashes)
            revisions.publish_shipped(folder, texts, now, note)
        return content

    def _last_good(self, error: KnowledgeError) -> Content:
        """Return the current revision, or the folder alone when an update of the program can no longer read it."""
        current = self._revisions.current() if self._revisions else None
        if current is None:
            raise error
        try:
            return read_content(current.documents)
        except KnowledgeError:
            return read_content(read_texts(self._root))

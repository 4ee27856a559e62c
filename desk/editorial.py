"""From a draft to a revision: what is wrong with it, and its way into what the service answers from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.understanding.understand import Understanding
from knowledge.base import KnowledgeBase
from knowledge.check import check_base, file_of
from knowledge.diff import affected
from knowledge.drafts import Draft, DraftConflictError, DraftError, Drafts, NothingChangedError, text_hash
from knowledge.problems import KnowledgeError, Problem
from knowledge.revisions import Revision
from knowledge.service import Content, KnowledgeService, read_content
from rules.checks import check_document

AnswerFrom = Callable[[KnowledgeBase, Understanding | None], None]


class HasProblemsError(DraftError):
    """The draft does not pass its checks."""

    zh = "检查没有通过，请先改好列出的问题"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text in the place of the published one. `content` is None when it cannot be read."""

    before: Content
    documents: Mapping[str, str] = field(repr=False)
    content: Content | None
    problems: tuple[Problem, ...] = ()

    @property
    def sound(self) -> bool:
        """Return whether it may be submitted."""
        return self.content is not None and not self.problems

    @property
    def affected(self) -> tuple[str, ...]:
        """Return the ids of the rules, tables and scores that may now say something else."""
        return () if self.content is None else affected(self.before.knowledge, self.content.knowledge)


class Editorial:
    """Checks drafts, publishes what two people want, rolls back. Its methods block: call them in a thread."""

    def __init__(self, service: KnowledgeService, drafts: Drafts, answer_from: AnswerFrom) -> None:
        self.service = service
        self.drafts = drafts
        self._answer_from = answer_from
        self._lock = threading.Lock()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the shipped folder; empty when it is in use."""
        return self.service.problems

    def check(self, path: str, text: str) -> Checked:
        """Return what is wrong with the text in its context: form, references, inline tests, holes and overlaps.

        Only what may have changed is looked at, so that it can be done while somebody types.
        """
        checked = self._read(path, text)
        if checked.content is None:
            return checked
        knowledge = checked.content.knowledge
        problems = [
            Problem(
                file_of(knowledge, document.id),
                found.line,
                found.column,
                found.field,
                found.message,
                found.mend,
            )
            for document in knowledge.documents()
            if document.id in checked.affected or file_of(knowledge, document.id) == path
            for found in check_document(document, knowledge.facts)
        ]
        return Checked(checked.before, checked.documents, checked.content, tuple(sorted(problems)))

    def check_whole(self, path: str, text: str, today: date) -> Checked:
        """Return what is wrong with the whole content with the text in it, but for what was wrong before and elsewhere."""
        checked = self._read(path, text)
        if checked.content is None:
            return checked
        intents = frozenset(group.intent for group in checked.content.examples)
        wrong = check_base(checked.content.knowledge, today, intents).problems
        before = {
            (problem.file, problem.field, problem.message)
            for problem in (check_base(checked.before.knowledge, today, intents).problems if wrong else ())
        }
        problems = tuple(
            problem
            for problem in wrong
            if problem.file == path or (problem.file, problem.field, problem.message) not in before
        )
        return Checked(checked.before, checked.documents, checked.content, problems)

    def submit(self, number: int, seen: str, now: datetime, today: date) -> Draft:
        """Return the draft as it waits for a second person. Raises DraftError, HasProblemsError among them."""
        draft = self.drafts.get(number)
        self._still_fits(draft)
        if text_hash(draft.text) == draft.base:
            raise NothingChangedError(f"draft {number}")
        if not self.check_whole(draft.path, draft.text, today).sound:
            raise HasProblemsError(f"draft {number}")
        return self.drafts.submit(number, seen, now)

    def approve(self, number: int, seen: str, by: str, now: datetime, today: date) -> Revision:
        """Publish the draft and answer from it at once; return the revision. Raises DraftError."""
        with self._lock:
            draft = self.drafts.approvable(number, seen, by)
            published = self.service.content.documents.get(draft.path)
            if published == draft.text:  # killed between the two files: the revision is there already
                revision = self.service.revisions.get(self.service.knowledge.hash)
            else:
                self._still_fits(draft)
                checked = self.check_whole(draft.path, draft.text, today)
                if not checked.sound:
                    raise HasProblemsError(f"draft {number}")
                revision = self._switch(
                    lambda: self.service.publish(checked.documents, draft.author, by, now, draft.note)
                )
            self.drafts.published(number, by, revision.hash, now)
            return revision

    def rollback(self, number: int, by: str, now: datetime) -> Revision:
        """Make an earlier revision the published one and answer from it at once. Raises UnknownRevisionError."""
        with self._lock:
            return self._switch(lambda: self.service.rollback(number, by, now))

    def _switch(self, publish: Callable[[], Revision]) -> Revision:
        examples = self.service.content.examples
        revision = publish()
        content = self.service.content
        retrained = Understanding.load(content.examples) if content.examples != examples else None
        self._answer_from(content.knowledge, retrained)
        return revision

    def _still_fits(self, draft: Draft) -> None:
        if text_hash(self.service.content.documents.get(draft.path)) != draft.base:
            raise DraftConflictError(f"draft {draft.number}: {draft.path} was published since")

    def _read(self, path: str, text: str) -> Checked:
        before = self.service.content
        documents = {**before.documents, path: text}
        try:
            return Checked(before, documents, read_content(documents))
        except KnowledgeError as error:
            return Checked(before, documents, None, error.problems)

"""What is wrong with the content: every place, not only the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.deadlines.errors import TableError
from rules.errors import DocumentError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where (line and column from 1), what, and a proposed mend. Chinese, for the author."""

    file: str
    line: int
    column: int
    field: str
    message: str
    mend: str = ""

    @classmethod
    def of(cls, error: DocumentError | TableError) -> Problem:
        """Return the problem that an error of the rules names."""
        if isinstance(error, TableError):
            return cls(error.file, error.line, 1, error.field, error.reason)
        return cls(error.name, error.line, error.column, error.field, error.message, error.mend)

    def __str__(self) -> str:
        where = f" {self.field}" if self.field else ""
        return f"{self.file}:{self.line}:{self.column}{where}: {self.message}" + (
            f"（建议：{self.mend}）" if self.mend else ""
        )


class KnowledgeError(Exception):
    """The content cannot be used. `problems` lists every place; the message does too."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))

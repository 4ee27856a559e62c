"""What can go wrong when a deadline is asked for, each with a sentence for the person who meets it."""

from __future__ import annotations


class DeadlineError(Exception):
    """Base of every error of this package."""


class DeadlineInputError(DeadlineError):
    """An input cannot be used. `message_zh` is for the person, `message_en` (also `str()`) for operators."""

    def __init__(self, field: str, message_zh: str, message_en: str) -> None:
        """Name the `field` and say in both languages what is allowed."""
        super().__init__(f"{field}: {message_en}")
        self.field = field
        self.message_zh = message_zh
        self.message_en = message_en


class TableError(DeadlineError):
    """A table file is wrong. Names the file, the line (from 1) and the field, so that it can be repaired."""

    def __init__(self, file: str, line: int, field: str, reason: str) -> None:
        """Keep the place apart from the reason: a desk shows them in columns."""
        super().__init__(f"{file}:{line}: {field}: {reason}")
        self.file = file
        self.line = line
        self.field = field
        self.reason = reason

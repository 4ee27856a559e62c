"""What can be wrong with rules, expressions and facts. Each error says where, what and how to mend it."""

from __future__ import annotations


class RulesError(Exception):
    """Something given to the rules engine cannot be used."""


class FactError(RulesError):
    """A fact's value cannot be taken. The message is a Chinese sentence for the person who gave the value."""

    def __init__(self, fact: str, message: str) -> None:
        super().__init__(message)
        self.fact = fact
        self.message = message


class ExpressionError(RulesError):
    """An expression is not allowed or not understood. `column` counts characters from 1."""

    def __init__(self, source: str, column: int, message: str, mend: str = "") -> None:
        self.source = source if len(source) <= 200 else source[:200] + "…"
        self.column = column
        self.message = message
        self.mend = mend
        super().__init__(f"{message}（第{column}个字符处：{self.source}）{mend}")


class DocumentError(RulesError):
    """A knowledge document cannot be read. Carries file, line, column, field and a proposed mend."""

    def __init__(self, name: str, line: int, column: int, field: str, message: str, mend: str = "") -> None:
        self.name = name
        self.line = line
        self.column = column
        self.field = field
        self.message = message
        self.mend = mend
        place = f"{name}:{line}:{column}"
        where = f" {field}" if field else ""
        super().__init__(f"{place}{where}: {message}" + (f"（建议：{mend}）" if mend else ""))

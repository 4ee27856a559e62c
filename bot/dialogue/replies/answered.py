"""A rule, table or score and what it says: what an answer is made of, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.base import Evaluated
from knowledge.loader import KnowledgeBase
from rules.assess import Assessment
from rules.scores import ScoreResult
from rules.tables import TableResult


@dataclass(frozen=True, slots=True)
class Answered:
    """A document and what it says."""

    document: Evaluated
    result: Assessment | TableResult | ScoreResult

    def record(self) -> Mapping[str, Any]:
        """Return what is kept of the result, to be compared when it is computed again."""
        match self.result:
            case Assessment() as rule:
                return {
                    "rule": rule.rule,
                    "status": rule.status.value,
                    "because": list(rule.because),
                    "missing": list(rule.missing),
                    "amount": rule.amount,
                }
            case TableResult() as table:
                return {
                    "table": table.table,
                    "status": table.status.value,
                    "rows": [hit.row for hit in table.hits],
                    "missing": list(table.missing),
                }
            case ScoreResult() as score:
                return {
                    "score": score.score,
                    "purpose": score.purpose,
                    "status": score.status.value,
                    "total": None if score.total is None else str(score.total),
                    "missing": list(score.missing),
                }

    def links(self, knowledge: KnowledgeBase) -> list[tuple[str, str]]:
        """Return the other rules and tables that the rows found refer to: what the column says, and the id."""
        if not isinstance(self.result, TableResult):
            return []
        named = [(name, value) for hit in self.result.hits for name, value in hit.outputs.items()]
        return [(name, value) for name, value in named if is_document(knowledge, value)]


def is_document(knowledge: KnowledgeBase, value: Any) -> bool:
    """Return whether an output names a rule or table instead of saying something."""
    return isinstance(value, str) and (value in knowledge.rules or value in knowledge.tables)

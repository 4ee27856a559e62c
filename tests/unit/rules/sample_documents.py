"""Read a document of this folder."""

from __future__ import annotations

from pathlib import Path

from rules.document import DecisionTable, RuleDocument, Score, parse_document

DOCUMENTS = Path(__file__).parent / "documents"


def read_document(name: str) -> RuleDocument | DecisionTable | Score:
    return parse_document((DOCUMENTS / name).read_text(encoding="utf-8"), name)

"""The knowledge base as published: everything by id, frozen, named by a hash of its content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge.forms import Agency, Answer, Guide, Office, citations
from rules.citation import Citation
from rules.deadlines.tables import LawTables
from rules.document import DecisionTable, RuleDocument, Score
from rules.facts import FactDictionary
from rules.form import Source

Evaluated = RuleDocument | DecisionTable | Score


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything that is known. The same texts give the same `hash`."""

    hash: str
    facts: FactDictionary
    rules: Mapping[str, RuleDocument]
    tables: Mapping[str, DecisionTable]
    scores: Mapping[str, Score]
    faq: Mapping[str, Answer]
    agencies: Mapping[str, Agency]
    offices: Mapping[str, Office]
    guides: Mapping[str, Guide]
    sources: Mapping[str, Source]
    law: LawTables
    files: Mapping[str, str] = field(default_factory=dict, repr=False)  # id → the file it stands in

    def rules_of_kind(self, kind: str) -> tuple[RuleDocument, ...]:
        """Return the rules of a kind, e.g. `subsidy`, ordered by id."""
        return tuple(rule for rule in self.rules.values() if rule.kind == kind)

    def document(self, name: str) -> Evaluated:
        """Return the rule, table or score of this id. Raises KeyError."""
        for shelf in (self.rules, self.tables, self.scores):
            if name in shelf:
                return shelf[name]
        raise KeyError(name)

    def documents(self) -> tuple[Evaluated, ...]:
        """Return all rules, tables and scores, each group ordered by id."""
        return (*self.rules.values(), *self.tables.values(), *self.scores.values())

    def offices_for(self, intent: str, district: str | None = None) -> tuple[Office, ...]:
        """Return the offices that deal with an intent: the district's own first, never another district's."""
        fitting = [
            office
            for office in self.offices.values()
            if intent in office.intents and (not office.districts or district in office.districts)
        ]
        return tuple(sorted(fitting, key=lambda office: (not office.districts, office.id)))

    def faq_of_intent(self, intent: str, today: date) -> tuple[Answer, ...]:
        """Return the answers of an intent that hold on the day."""
        return tuple(
            answer for answer in self.faq.values() if answer.intent == intent and answer.valid.holds(today)
        )

    def citations(self, cite: Iterable[str]) -> tuple[Citation, ...]:
        """Return citations for references to the shared sources (of offices, agencies and guides)."""
        return citations(self.sources, tuple(cite))
